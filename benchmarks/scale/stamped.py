"""The same artifacts for ninja and make: each has a stamp that depends on it, as who checks artifacts with them has.

An edge of ninja is a `generator`, whose command need not be in ninja's log: that is one look less for ninja.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.scale.bench import Bench, World
from benchmarks.scale.model import Subject
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import path_of

_RULE = "rule check\n  command = touch $out\n  generator = 1\n"


class Stamped(NamedTuple):
    """The folder in which ninja and make are run, beside a clone."""

    folder: Path
    place: World

    def touch(self, paths: Sequence[str]) -> None:
        """As if these had been checked just now."""
        for path in paths:
            os.utime(self.folder / _stamp(path))

    def subject(self, name: str, *words: str) -> Subject:
        return Subject(name, " ".join(words), program(words, self.folder, self.place.env))

    def subjects(self, bench: Bench, *, dry: bool) -> tuple[list[Subject], list[str]]:
        """Both programs where they are there, and which are not: up to date, or to name what they would do."""
        words = {"ninja": ("-n",) if dry else (), "make": ("-n", "-r") if dry else ("-q", "-r")}
        there = [name for name in words if bench.tool(name)]
        names = {name: "make -q" if name == "make" and not dry else name for name in there}
        return [self.subject(names[name], name, *words[name]) for name in there], [
            f"{name} is not installed" for name in words if name not in there
        ]


def stamped(bench: Bench, place: World) -> Stamped:
    """All stamps become younger than their artifacts."""
    found = Stamped(place.work.parent / "stamped", place)
    paths = place.some(place.shape.artifacts)
    if not found.folder.exists():
        bench.say("making what ninja and make need")
        _make(found, paths)
    found.touch(paths)
    return found


def _stamp(path: str) -> str:
    return f"stamps/{path.removeprefix('out/')}"


def _make(found: Stamped, paths: Sequence[str]) -> None:
    for team in range(found.place.shape.teams):
        (found.folder / _stamp(path_of(team, 0))).parent.mkdir(parents=True)
    with (found.folder / "build.ninja").open("w") as ninja, (found.folder / "Makefile").open("w") as make:
        ninja.write(_RULE)
        make.write("all:")
        make.writelines(f" {_stamp(path)}" for path in paths)
        make.write("\n")
        for path in paths:
            stamp, source = _stamp(path), os.path.relpath(found.place.work / path, found.folder)
            ninja.write(f"build {stamp}: check {source}\n")
            make.write(f"{stamp}: {source}\n\ttouch $@\n")
            (found.folder / stamp).touch()
