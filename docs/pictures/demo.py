"""The second checkpoint of `checkpoint demo`, as a terminal shows it."""

from __future__ import annotations

import os
import subprocess
import sys

from docs.pictures.screen import screen


def main() -> None:
    argv = [sys.executable, "-P", "-m", "checkpoint", "demo"]
    environ = os.environ | {"FORCE_COLOR": "1"}
    done = subprocess.run(argv, env=environ, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    shown = acts(done.stdout)[2].split("$ checkpoint next frontend")[0]
    sys.stdout.write(screen("demo", "checkpoint", shown))


def acts(output: str) -> list[str]:
    """The demo's acts in their order, without their headings."""
    return [part.partition("\n")[2] for part in output.split("\n\x1b[1m── ")[1:]]


if __name__ == "__main__":
    main()
