"""The git commands that a program runs: recorded once, then run again without the program.

A recording stands between the program and git, as a `git` of its own on the PATH, which notes the arguments, the
folder, the `GIT_*` variables, the input and the output, and hands everything on. In the replay, ids that git made anew
(a commit has its time) take the place of the recorded ones, and the repository's index that of a copy which only the
program made.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import Cost, run

_SHIM = """#!/bin/bash
here=$(mktemp -d "{folder}/$(date +%s%N)-XXXX")
printf '%s\\0' "$@" >"$here/arguments"
pwd -P >"$here/folder"
env -0 | grep -z ^GIT_ >"$here/variables"
tee "$here/input" | "{git}" "$@" | tee "$here/output"
status=${{PIPESTATUS[1]}}
echo "$status" >"$here/status"
exit "$status"
"""
_ID = re.compile(rb"[0-9a-f]{40}\n?")
_COPIED = "GIT_INDEX_FILE"


class Command(NamedTuple):
    """One run of git as it was recorded. `made` is its output where that is an object's id."""

    arguments: tuple[str, ...]
    folder: str
    variables: dict[str, str]
    data: bytes
    status: int
    made: bytes

    @property
    def name(self) -> str:
        words = [word for word in self.arguments if not word.startswith(("-", "/")) and "=" not in word]
        return words[0] if words else " ".join(self.arguments)


def record(argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> list[Command]:
    """Runs a program, which must succeed; the git commands that it ran, in the order in which they began."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shim = folder / "bin" / "git"
        shim.parent.mkdir()
        shim.write_text(_SHIM.format(folder=folder, git=shutil.which("git")))
        shim.chmod(0o755)
        subprocess.run(
            argv, cwd=cwd, env={**env, "PATH": f"{shim.parent}:{env['PATH']}"}, check=True, capture_output=True
        )
        return [_read(each) for each in sorted(folder.glob("*-*"))]


def _read(noted: Path) -> Command:
    output = (noted / "output").read_bytes()
    return Command(
        tuple(os.fsdecode((noted / "arguments").read_bytes()).split("\0")[:-1]),
        (noted / "folder").read_text().strip(),
        _variables(noted / "variables"),
        (noted / "input").read_bytes(),
        int((noted / "status").read_text()),
        output.strip() if _ID.fullmatch(output) else b"",
    )


def _variables(noted: Path) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in os.fsdecode(noted.read_bytes()).split("\0")[:-1])
    return {name: value for name, value in pairs if name != _COPIED}


def replay(commands: Sequence[Command], env: Mapping[str, str]) -> Cost:
    """Runs the commands one after the other, with nothing in between; what they cost together."""
    anew: dict[bytes, bytes] = {}
    total = Cost()
    for command in commands:
        argv = ["git", *(os.fsdecode(_renewed(os.fsencode(each), anew)) for each in command.arguments)]
        done = run(argv, command.folder, {**env, **command.variables}, _renewed(command.data, anew))
        if done.status != command.status:
            raise RuntimeError(f"{' '.join(argv)}: status {done.status} instead of {command.status}")
        total += done.cost
        if command.made:
            anew[command.made] = done.output.strip()
    return total


def _renewed(data: bytes, anew: Mapping[bytes, bytes]) -> bytes:
    for old, new in anew.items():
        data = data.replace(old, new)
    return data
