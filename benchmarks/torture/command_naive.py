"""Runs a plan's command as everybody writes it: `python -m benchmarks.torture.command_naive FOLDER SECONDS COMMAND`.

Exits as the command does, with 124 where it took too long.
"""

import subprocess
import sys


def main() -> int:
    folder, seconds, command = sys.argv[1:]
    try:
        done = subprocess.run(
            command, shell=True, cwd=folder, timeout=float(seconds), capture_output=True, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        return 124
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
