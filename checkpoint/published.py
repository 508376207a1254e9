"""What the branch itself tells of the newest checkpoint on it, whatever the journal says.

The journal is a file of the user's, and whoever works as that user can edit it. What was published cannot be edited,
only added to. So the two are held against each other, and the plan against what the checkpoint had made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TypeAlias

from checkpoint.baseline import expected
from checkpoint.git.command import Git
from checkpoint.git.log import Change, Commit, is_below
from checkpoint.git.objects import read_objects
from checkpoint.git.source import PLAN_LIMIT, Tip, plan_at
from checkpoint.plan.model import Plan, Task
from checkpoint.plan.parse import parse, read
from checkpoint.report import Foreign, How
from checkpoint.store.journal import plan_digest

_Key: TypeAlias = tuple[str, str]

LOOKED_AT = 50
"""The newest checkpoints, or changes of the plan, among which a baseline or an author is looked for."""

_read = lru_cache(maxsize=4)(read)  # the published text and the newest one are each looked at from several sides


class Published:
    """The newest checkpoint of a plan that a tip holds: `made`, or None where there is none."""

    def __init__(self, git: Git, tip: Tip, plan_path: str) -> None:
        self._git = git
        self._tip = tip
        self._path = plan_path
        self._mine = [each for each in tip.recent if each.is_of(plan_path)]
        self.made: Commit | None = self._mine[0] if self._mine else None

    @cached_property
    def text(self) -> bytes:
        """The plan as it was published; empty where there was none."""
        if self.made is None:
            return b""
        if self.made.commit == self._tip.commit:
            return self._tip.plan or b""
        return plan_at(self._git, self.made.commit, self._path) or b""

    @property
    def _tasks(self) -> Iterable[Task]:
        return _read(self.text).plan.tasks.values()

    @cached_property
    def verified(self) -> frozenset[str]:
        """The tasks that it had proven: it is the one who ticks those that expect something."""
        return frozenset(task.id for task in self._tasks if task.ticked and task.expectations)

    @cached_property
    def judged(self) -> frozenset[str]:
        """The tasks of which `verified` tells."""
        return frozenset(task.id for task in self._tasks if task.expectations)

    def is_denied_by(self, verified: Iterable[str]) -> bool:
        """Whether a run that saw what it saw cannot have proven these."""
        return self.judged.intersection(verified) != self.verified

    def holds(self, commit: str) -> bool:
        """Whether the branch has that commit: it may have been rewritten since."""
        return any(is_below(self._git, commit, head) for head in self._tip.heads)

    def baseline(self) -> Plan | None:
        """What it counted, found by the digest in its trailers; else the newest that a checkpoint counted as it stood.

        Under `approval: strict` what it counted may be older than what stands beside it.
        """
        sealed = [each for each in self._mine if each.expects][:LOOKED_AT]
        names = [f"{each.commit}:{self._path}" for each in sealed]
        found = read_objects(self._git, names, limit=LOOKED_AT * PLAN_LIMIT) if names else []
        plans = {plan_digest(expected(plan)): plan for plan in (parse(each.content) for each in found[::-1] if each)}
        wanted = (each.expects for each in sealed)
        return next((plans[digest] for digest in wanted if digest in plans), None)


def edits(old: bytes, new: bytes) -> dict[_Key, How]:
    """How the managed blocks of a plan were changed, by kind and team. A team that is gone takes its block along."""
    before, after = _blocks(old), _blocks(new)
    document = _read(new)
    teams = {"", *(team.name for team in document.plan.teams)}
    found: dict[_Key, How] = dict.fromkeys(sorted(document.broken), "in disorder")
    for key, text in before.items():
        if key not in found and key[1] in teams and after.get(key) != text:
            found[key] = "changed" if key in after else "removed"
    return found


def _blocks(data: bytes) -> dict[_Key, bytes]:
    lines = data.splitlines(keepends=True)
    found = _read(data).plan.blocks
    return {(each.kind, each.team): b"".join(lines[each.first_line : each.last_line - 1]) for each in found}


def foreign(
    published: Published,
    text: bytes,
    history: Callable[[], Iterable[Change]],
    plan_at: Callable[[str], bytes | None],
    known: Iterable[Foreign],
) -> tuple[Foreign, ...]:
    """What others did to the blocks of the plan since it was published, with the commit that first did.

    `known` is what the last checkpoint here said of it, and stays true of what is still in disorder.
    """
    old = published.text if published.made else text
    found = edits(old, text)
    blamed = {(each.kind, each.team, each.how): (each.author, each.commit) for each in known}
    if published.made and any((*key, how) not in blamed for key, how in found.items()):
        for change in list(history())[:LOOKED_AT]:
            did = edits(old, plan_at(change.commit) or b"")
            blamed |= {(*key, how): (change.author, change.commit) for key, how in did.items()}
    return tuple(Foreign(*key, how, *blamed.get((*key, how), ("", ""))) for key, how in found.items())


def settled(known: Iterable[Foreign], found: Iterable[Foreign]) -> tuple[Foreign, ...]:
    """What was said of blocks and the journal that have been set right since, and are not in question again."""
    again = {(each.kind, each.team) for each in found}
    return tuple(each for each in known if each.how != "in disorder" and (each.kind, each.team) not in again)
