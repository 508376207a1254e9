"""Which verdicts of the last checkpoint are as good as new: what they rest on has not changed since.

A verdict is judged again whenever it rests on anything but the content of its artifact (`Verdict.uses`) or on code that
is not ours, when its artifact may have been touched, and once a day. And nothing becomes verified by memory: of a task
that the last checkpoint had not proven, no passed verdict is taken from here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeAlias

import msgspec

from checkpoint import glance
from checkpoint.git.command import Git
from checkpoint.git.difference import changed_paths
from checkpoint.globs import is_glob, parts, start
from checkpoint.hints import Hints
from checkpoint.plan.model import Task, Team
from checkpoint.process import Copy, copied
from checkpoint.registry import our_names
from checkpoint.rules import KEPT_FOR
from checkpoint.snapshot import Snapshot
from checkpoint.validation.trust import is_outside
from checkpoint.verdicts import TaskReport, Verdict

_PATIENCE = 60.0
"""Seconds without a word after which a copy of this process is given up."""
STATE = 16
"""The bytes of a state."""
_SETTLED = ("passed", "failed", "missing")

Known: TypeAlias = dict[tuple[str, str], Verdict]
"""Verdicts by their task and the text of their expectation."""


class Looked(msgspec.Struct, frozen=True):
    """How a team's files looked when its verdicts began to be judged.

    In a folder: everything in it (`checkpoint.glance`, packed), the `state` that stands for that, and when the look
    began and anything had last changed, in nanoseconds since the epoch. In git: the `commit`. `since` is when all of
    it was last judged, in seconds, by which `rules`, and `place` what the plan called it.
    """

    since: float
    rules: str
    commit: str = ""
    state: bytes = b""
    began: int = 0
    newest: int = 0
    found: bytes = b""
    place: str = ""

    @property
    def lasting(self) -> bytes:
        """The state, where looking so again means being so: nothing was changed shortly before the look, or after."""
        return self.state if self.newest <= self.began - glance.UNSETTLED_NS else b""


class Standing:
    """What the last checkpoint has left of each team, held against how its files look now."""

    def __init__(
        self,
        top: str,
        snapshot: Snapshot | None,
        rules: str,
        now: float,
        hints: Hints,
        git: Callable[[], Git],
        commit_of: Callable[[str], str],
    ) -> None:
        """`git` tells what differs between the commits of refs, which `commit_of` resolves."""
        self._top = top
        self._snapshot = snapshot
        self.rules = rules
        self._now = now
        self._hints = hints
        self._git = git
        self._commit_of = commit_of
        self._differences: dict[tuple[str, str], frozenset[str] | None] = {}

    def look(self, team: Team) -> Looked:
        """How the team's files look now; as it was kept, where who watches them knows that nothing has changed."""
        if team.ref:
            return Looked(self._now, self.rules, self._commit_of(team.ref))
        root, hint = self._root(team), self.hint(team)
        kept = self._kept(team.name) if hint else None
        if kept and hint == kept.lasting:
            return msgspec.structs.replace(kept, since=self._now, rules=self.rules)
        began = time.time_ns()
        found = glance.glance(root) if is_outside(team.folder) else glance.glance(self._top, team.folder)
        if found is None:
            return Looked(self._now, self.rules)
        content = glance.packed(found)
        return Looked(self._now, self.rules, "", glance.state_of(content), began, glance.newest(found), content)

    def hint(self, team: Team) -> bytes:
        """The state of the team's folder, where somebody who watches it knows it; else empty."""
        return b"" if team.ref else self._hints.state(self._root(team))

    def _root(self, team: Team) -> str:
        return os.path.normpath(os.path.join(self._top, os.path.expanduser(team.folder)))

    def verdicts(self, team: Team, looked: Looked, verified: Container[str]) -> tuple[Looked, Known]:
        """The verdicts that stand, and the look to be kept: as old as the oldest of them.

        `verified` are the tasks that the last checkpoint has proven.
        """
        kept = self._kept(team.name)
        looked = msgspec.structs.replace(looked, place=f"{team.folder}\0{team.ref}")
        if kept is None or (kept.rules, kept.place) != (looked.rules, looked.place):
            return looked, {}
        if not 0 <= self._now - kept.since < KEPT_FOR:
            return looked, {}
        touched = self._touched(team, kept, looked)
        if touched is None:
            return looked, {}
        known: Known = {(verdict.task, verdict.expectation): verdict for verdict in self._verdicts(team.name)}
        found: Known = {}
        for task in team.tasks:
            for each in task.expectations:
                verdict = known.get((task.id, each.text))
                if verdict and self._stands(verdict, touched, task, verified):
                    found[task.id, each.text] = msgspec.structs.replace(verdict, line=each.line)
        return (msgspec.structs.replace(looked, since=kept.since) if found else looked), found

    def _stands(self, verdict: Verdict, touched: frozenset[str], task: Task, verified: Container[str]) -> bool:
        if verdict.outcome not in _SETTLED or not can_stand(verdict):
            return False
        if verdict.outcome == "passed" and task.id not in verified:
            return False
        if verdict.uses and touched:
            return False
        return not is_touched(verdict.artifact, touched)

    def _touched(self, team: Team, kept: Looked, looked: Looked) -> frozenset[str] | None:
        """The paths in the team's folder that may not be as they were; None where nobody knows which."""
        if not team.ref:
            same = kept.lasting == looked.state != b""
            if same or not kept.found or not looked.found:
                return frozenset() if same else None
            return glance.changed(glance.unpacked(kept.found), glance.unpacked(looked.found), kept.began)
        return self.touched_between(team, kept.commit, looked.commit)

    def touched_between(self, team: Team, old: str, new: str) -> frozenset[str] | None:
        """The same of two commits of the team's ref."""
        if not old or not new:
            return None
        pair = (old, new)
        if pair not in self._differences:
            self._differences[pair] = changed_paths(self._git(), *pair)
        paths = self._differences[pair]
        if paths is None:
            return None
        within = "".join(f"{name}/" for name in parts(team.folder))
        above = any(within.startswith(f"{path}/") for path in paths)
        return frozenset({""}) if above else frozenset(p.removeprefix(within) for p in paths if p.startswith(within))

    def _kept(self, name: str) -> Looked | None:
        return self._body(name)[0]

    def _verdicts(self, name: str) -> list[Verdict]:
        return [verdict for task in self._body(name)[1] for verdict in task.verdicts]

    def _body(self, name: str) -> tuple[Looked | None, tuple[TaskReport, ...]]:
        if self._last is None or self._last[0] != name:
            body = self._snapshot.body(name) if self._snapshot else None
            self._last = (name, *_read(body))
        return self._last[1:]

    _last: tuple[str, Looked | None, tuple[TaskReport, ...]] | None = None
    """What was read last: a team's look and verdicts are asked for one after the other."""


@contextmanager
def looking(standing: Standing, teams: Sequence[Team]) -> Iterator[Callable[[], list[bytes]]]:
    """Has a copy of this process look at these teams meanwhile; the states that it found, empty where it did not."""
    if not teams:
        yield list
        return

    def work(say: Callable[[bytes], None]) -> None:
        say(b"".join(standing.look(team).state or bytes(STATE) for team in teams))

    copy = copied(work)
    try:
        yield lambda: _states(copy, len(teams))
    finally:
        copy.end()


def _states(copy: Copy, many: int) -> list[bytes]:
    content = b"".join(iter(lambda: copy.said(_PATIENCE) or b"", b""))
    found = [content[at : at + STATE] for at in range(0, many * STATE, STATE)]
    return [state if len(state) == STATE and any(state) else b"" for state in found]


def _read(body: dict[str, Any] | None) -> tuple[Looked | None, tuple[TaskReport, ...]]:
    try:
        if body and "looked" in body:
            return msgspec.convert(body["looked"], Looked), msgspec.convert(body["tasks"], tuple[TaskReport, ...])
    except msgspec.ValidationError:
        pass  # another version of ours wrote it differently
    return None, ()


@cache
def _ours() -> frozenset[str]:
    return frozenset(our_names())


def can_stand(verdict: Verdict) -> bool:
    """Whether it could be taken from memory, where nothing is touched: else it is judged at each checkpoint.

    One that waits for another task can: what it would be otherwise is judged once that is done. No glance goes into
    what git keeps for itself.
    """
    if ".git" in verdict.artifact.split("/"):
        return False
    if verdict.outcome not in (*_SETTLED, "blocked") or verdict.evidence or verdict.uses not in ((), ("tree",)):
        return False
    return verdict.validator in _ours()


def is_touched(artifact: str, paths: frozenset[str]) -> bool:
    """Whether what a path or glob names may be another where these paths, of a folder, are not as they were.

    The folder itself is "". Of a glob all below its first names counts.
    """
    name = "/".join(start(artifact) if is_glob(artifact) else parts(artifact))
    if not name or "" in paths:
        return bool(paths)
    return any(path == name or path.startswith(f"{name}/") or name.startswith(f"{path}/") for path in paths)
