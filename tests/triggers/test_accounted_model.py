"""Whatever people, commands, and kills do: each edit is followed by a checkpoint, and without edits they come to rest.

A file is only its version here, and a checkpoint reads everything when it begins. Of two writers that look the same in
every way one cannot be told from the other, so people do not do the one thing that commands are known by: to write in
the same place during two runs of which the second began when nobody had stirred for a while.
"""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from checkpoint.triggers.accounted import QUIET, Accounted
from checkpoint.triggers.accounted_file import read_accounted, write_accounted
from checkpoint.triggers.found import Found, found
from checkpoint.triggers.world import World, changed

BUSY, PLAIN = "/busy", "/plain"
COMMANDS = ("same", "new", "source", "any")
"""Commands rewrite the same files, make new names, write where a source is newer, write to any of many files."""
PEOPLES = st.sampled_from([f"{BUSY}/a", f"{BUSY}/src/c", f"{PLAIN}/a"])
FOLDERS = [BUSY, PLAIN, f"{BUSY}/src", f"{PLAIN}/src", f"{BUSY}/out", f"{BUSY}/logs"]
OUTPUTS = [f"{BUSY}/out/{number}" for number in range(20)]


class Serving(RuleBasedStateMachine):
    """A server of a plan whose commands work in one folder of two."""

    def __init__(self) -> None:
        super().__init__()
        self.files = dict.fromkeys([*FOLDERS, *OUTPUTS], 1)
        self.commit = 1
        self.edited: dict[str, int] = {}
        self.read: dict[str, int] = {}
        self.count = 0
        self.quiet = 0.0
        self.accounted = Accounted()
        self.folder = Path(tempfile.mkdtemp())

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(commands=st.sets(st.sampled_from(COMMANDS)))
    def begin(self, commands: set[str]) -> None:
        self.commands = commands
        self.checkpoint([])

    @rule(path=PEOPLES)
    def edit(self, path: str) -> None:
        self.count += 1
        self.files[path] = self.edited[path] = self.count

    @rule()
    def push(self) -> None:
        self.commit += 1
        self.edited["branch main"] = self.commit

    @rule(edits=st.lists(st.lists(PEOPLES | st.just("branch main"), max_size=2), min_size=1, max_size=4))
    def look(self, edits: list[list[str]]) -> None:
        """Looks again and again, and people work during the checkpoints."""
        for each in edits:
            self.quiet += 2.0 if self.is_due(2.0) else 60.0
            if self.is_due():
                self.checkpoint(each)

    @rule(edits=st.lists(PEOPLES, max_size=2), seconds=st.sampled_from([1.0, 60.0]))
    def checkpoint_by_schedule(self, edits: list[str], seconds: float) -> None:
        self.quiet += seconds
        self.checkpoint(edits)

    @rule()
    def restart(self) -> None:
        self.accounted = read_accounted(str(self.folder / "kept")) or Accounted()
        self.quiet = 0.0

    @rule()
    def kill_during_a_checkpoint(self) -> None:
        self.run_commands()
        self.restart()

    def checkpoint(self, edits: list[str]) -> None:
        before = self.world()
        nobody_stirs = self.quiet >= QUIET and not changed(self.accounted.left, before)
        self.read = dict(self.edited)
        self.run_commands()
        for path in edits:
            if path == "branch main":
                self.push()
            elif not (nobody_stirs and self.looks_like_commands(path, before)):
                self.edit(path)
        judged = {"main": before.refs["main"]}
        args = before, self.world(), self.quiet
        self.accounted = self.accounted.settled(*args, judged=judged, working=[BUSY] if self.commands else [])
        write_accounted(str(self.folder / "kept"), self.accounted)
        self.quiet = 0.0

    def looks_like_commands(self, path: str, before: World) -> bool:
        entries = before.entries(BUSY if path.startswith(BUSY) else PLAIN) or {}
        mark = path if path in entries else f"{path.rpartition('/')[0]}/"
        return mark in self.accounted.recent or self.accounted.row >= 2

    def run_commands(self) -> None:
        self.count += 1
        if "same" in self.commands:
            self.files |= {f"{BUSY}/cache": self.count, f"{BUSY}/out/report": self.count}
        if "new" in self.commands:
            self.files[f"{BUSY}/logs/{self.count}"] = 1
        if "source" in self.commands and self.files.get(f"{BUSY}/src/c", 0) > self.files.get(f"{BUSY}/out/c.o", 0):
            self.files[f"{BUSY}/out/c.o"] = self.count
        if "any" in self.commands:
            self.files[OUTPUTS[self.count % len(OUTPUTS)]] = self.count

    def world(self) -> World:
        entries = {
            top: {path: (0, 0, 0, version, 0) for path, version in self.files.items() if path.startswith(top)}
            for top in (BUSY, PLAIN)
        }
        folders: dict[str, Found | str] = {top: found(top, each) for top, each in entries.items()}
        return World({"main": str(self.commit)}, folders)

    def is_due(self, seconds: float = 0.0) -> bool:
        return bool(self.accounted.news(self.world(), self.quiet + seconds))

    @precondition(lambda self: hasattr(self, "commands"))
    @invariant()
    def what_is_no_news_has_been_read(self) -> None:
        if not self.is_due(QUIET):
            assert self.read == self.edited

    @rule()
    def rest(self) -> None:
        """Nobody does anything any more."""
        for _ in range(4 if "any" in self.commands else 3):
            if self.is_due(60.0):
                self.look([[]])
        assert not self.is_due(60.0)


Serving.TestCase.settings = settings(stateful_step_count=20)
TestServing = Serving.TestCase
