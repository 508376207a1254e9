"""Checkpoints by themselves as people write it first: `checkpoint now` whenever watchfiles tells of something.

`python -m benchmarks.torture.by_watching FILE FOLDER`: adds a line to the file for each run, until it is killed.
"""

import subprocess
import sys
from pathlib import Path

from watchfiles import watch


def main() -> None:
    file, folder = sys.argv[1:]
    for changes in watch(folder, yield_on_timeout=True, rust_timeout=500):
        Path(file).touch()  # it watches from now on
        if changes:
            words = (sys.executable, "-m", "checkpoint", "now", "--quiet", "-C", folder)
            done = subprocess.run(words, stdout=subprocess.DEVNULL, check=False)
            with Path(file).open("a") as runs:
                runs.write(f"{done.returncode}\n")


if __name__ == "__main__":
    main()
