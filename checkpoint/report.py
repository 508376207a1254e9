"""What one checkpoint has to say, as one value: the journal, the snapshot, templates and `--json` all read this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from checkpoint.actions import Action
from checkpoint.errors import NotApproved
from checkpoint.verdicts import Count, TeamReport, total

Trigger: TypeAlias = Literal["manual", "cron", "watch", "check", "undo"]


class Weakened(msgspec.Struct, frozen=True):
    """An expectation that asks for less than before somebody last changed what the plan expects.

    `author` and `commit` say who; they are empty where no commit was found that did.
    """

    team: str
    task: str
    how: str
    was: str
    now: str
    author: str = ""
    commit: str = ""
    counts: bool = True
    """Whether the weaker expectation counts already; under `approval: strict` only once approved."""


How: TypeAlias = Literal["changed", "removed", "in disorder", "edited"]


class Foreign(msgspec.Struct, frozen=True):
    """What is a checkpoint's own, and somebody else changed: a managed block of the plan, or the journal here.

    `kind` is `status`, `next` (of a `team`) or `journal`. A block that was `changed` or `removed` is written anew; one
    `in disorder` is left alone until a person mends it; of a journal that was `edited`, what is published counts.
    `author` and `commit` say who; they are empty where nobody knows.
    """

    kind: str
    team: str
    how: How
    author: str = ""
    commit: str = ""


class Report(msgspec.Struct, frozen=True, dict=True):
    """One checkpoint. `base` is the commit whose plan was validated, `at` its start in UTC (ISO 8601)."""

    id: str
    slot: str
    trigger: Trigger
    at: str
    plan: str
    title: str
    branch: str
    base: str
    transparency: Literal["high", "medium", "low"]
    teams: tuple[TeamReport, ...]
    actions: Mapping[str, tuple[Action, ...]]
    weakened: tuple[Weakened, ...] = ()
    foreign: tuple[Foreign, ...] = ()

    @cached_property
    def count(self) -> Count:
        return total(team.count for team in self.teams)

    @property
    def is_proven(self) -> bool:
        """Whether every expectation of every team holds."""
        return not any(task.verdicts and task.state != "verified" for team in self._open for task in team.tasks)

    @property
    def _open(self) -> Iterable[TeamReport]:
        """The teams that are not finished: of the others no task need be looked at."""
        return (team for team in self.teams if not team.is_finished)

    @property
    def exit_code(self) -> int:
        """The status of a command that is asked for it: 0 proven, 5 where nothing but approvals is missing, else 1."""
        wrong = {
            verdict.outcome
            for team in self._open
            for task in team.tasks
            for verdict in task.verdicts
            if verdict.outcome != "passed"
        }
        return 0 if self.is_proven else NotApproved.exit_code if wrong == {"untrusted"} else 1
