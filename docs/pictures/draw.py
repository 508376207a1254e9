"""Draws the pictures of these pages from real runs: `python docs/pictures/draw.py [NAME]…`, by default all but `flame`.

Run it with the interpreter of the development environment, and with tmux on the PATH. Each picture is a module of its
own here, which prints it. One that differs from the picture at hand in nothing but ids and times is left as it is.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PICTURES = ("demo", "flame", "serve", "slack", "terminal", "tmux")
MEASURED = ("flame",)
"""Pictures of measurements, of which no two are alike: drawn only where they are named."""
CHANCE = re.compile(r'\b[0-9a-f]{10}\b|\d+:\d\d(:\d\d)?( [AP]M)?|\d{4}-\d\d-\d\d|\w{3} \d\d \w{3}\b|textLength="[^"]*"')
"""What no two runs have in common: commits, what clocks and calendars show, and how wide that is."""
GITCONFIG = "[user]\nname = Ada\nemail = ada@example.org\n[init]\ndefaultBranch = main\n"


def main() -> None:
    for name in sys.argv[1:] or [each for each in PICTURES if each not in MEASURED]:
        path = FOLDER / f"{name}.svg"
        old, new = path.read_text(encoding="utf-8") if path.exists() else "", drawn(name)
        if is_news(old, new):
            path.write_text(new, encoding="utf-8")


def is_news(old: str, new: str) -> bool:
    """Whether two pictures differ in more than two runs of the same."""
    return CHANCE.sub("", old) != CHANCE.sub("", new)


def drawn(name: str) -> str:
    """What the module of that name prints, in a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / ".gitconfig").write_text(GITCONFIG)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        environ = {"PATH": path, "HOME": home, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "TZ": "UTC"}
        argv = [sys.executable, "-m", f"docs.pictures.{name}"]
        return subprocess.check_output(argv, cwd=FOLDER.parents[1], env=environ, text=True)  # noqa: S603 - ours


if __name__ == "__main__":
    main()
