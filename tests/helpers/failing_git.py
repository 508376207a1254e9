"""A git on PATH whose n-th start goes wrong, and all others as they should.

git = FailingGit(folder)                    # an empty folder, to be put first on PATH
git.fail(3, "lies")                         # the third start from now on works, and says that it did not
git.reached, git.struck                     # whether there was a third start, and what it was asked for

Those that git starts by itself do not count: it looks for them in a folder of its own.
"""

import shutil
from pathlib import Path
from typing import Literal, TypeAlias

How: TypeAlias = Literal["fails", "lies", "killed", "killed after", "hangs", "nothing"]
"""`fails`: status 128 and a plausible word, nothing done. `lies`: the same after all was done. `killed` and
`killed after`: SIGKILL instead of an end, before and after. `hangs`: it does not end by itself."""

WORDS = "fatal: Out of memory, malloc failed (tried to allocate 33554432 bytes)"
_SCRIPT = """#!/bin/sh
n=1
until mkdir "FOLDER/starts/$n" 2>/dev/null; do n=$((n + 1)); done
[ "$n" = "$(cat FOLDER/number)" ] || exec REAL "$@"
printf '%s\\n' "$*" > FOLDER/struck
HOW
"""
_HOW: dict[How, str] = {
    "fails": f"echo '{WORDS}' >&2; exit 128",
    "lies": f"REAL \"$@\"; echo '{WORDS}' >&2; exit 128",
    "killed": "kill -9 $$",
    "killed after": 'REAL "$@"; kill -9 $$',
    "hangs": "exec sleep 600",
    "nothing": 'exec REAL "$@"',
}


class FailingGit:
    """The program, in a folder of its own below the one that is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "failing-git"
        self._real = shutil.which("git") or "git"
        self.fail(0, "nothing")

    def fail(self, number: int, how: How) -> None:
        """What goes wrong with the start of that number, counted anew."""
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "starts").mkdir(parents=True)
        (self.folder / "number").write_text(str(number))
        script = _SCRIPT.replace("HOW", _HOW[how]).replace("FOLDER", str(self.folder)).replace("REAL", self._real)
        (self.folder / "git").write_text(script)
        (self.folder / "git").chmod(0o755)

    @property
    def starts(self) -> int:
        return len(list((self.folder / "starts").iterdir()))

    @property
    def struck(self) -> str:
        """The arguments of the start that went wrong; "" where none did."""
        path = self.folder / "struck"
        return path.read_text().strip() if path.exists() else ""

    @property
    def reached(self) -> bool:
        return bool(self.struck)
