"""One expectation after another, against the team's files: a verdict each, whatever happens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Mapping
from itertools import groupby
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.validation.content import refuse_copies
from checkpoint.validation.deadline import Deadline
from checkpoint.validation.given import TIME_LIMIT, Evidence, Rules, TeamFiles
from checkpoint.validation.judging import Bound, Judge
from checkpoint.validation.sharing import Hands, hands, judge_shared
from checkpoint.validation.unit import Judged, Unit, judged
from checkpoint.verdicts import Verdict

__all__ = ["Announce", "Evidence", "Job", "Progress", "Rules", "TeamFiles", "jobs", "narrow", "validate"]

PATIENCE = 0.03
"""Seconds that this process works alone: what it takes to make another one, and to take in what that has found."""
_EYE = 0.02
"""Seconds between two reports of progress."""
_OFTEN = 16
"""Expectations, of which most take no time, between two looks whether progress is to be reported."""
_GLANCE = 0.1
"""Seconds before the first one. Who shows it may need a thread, with which this process cannot be copied any more."""

Progress: TypeAlias = Callable[[int, int, str], None]
Announce: TypeAlias = Callable[[Verdict], None]


class Job(msgspec.Struct, frozen=True, gc=False):
    """One expectation to be judged."""

    team: Team
    task: Task
    expectation: Expectation


def narrow(plan: Plan, names: Collection[str]) -> Plan:
    """The plan with the teams and tasks of these names alone; what they wait for elsewhere is left out."""
    if not names:
        return plan
    kept = {t.id for team in plan.teams for t in team.tasks if team.name in names or t.id in names}
    teams = []
    for team in plan.teams:
        tasks = [
            replace(task, after=tuple(other for other in task.after if other in kept))
            for task in team.tasks
            if task.id in kept
        ]
        if tasks or team.name in names:
            teams.append(replace(team, tasks=tuple(tasks)))
    return replace(plan, teams=tuple(teams))


def jobs(plan: Plan) -> list[Job]:
    """The plan's expectations, in its order."""
    return [Job(team, task, each) for team in plan.teams for task in team.tasks for each in task.expectations]


def validate(
    work: list[Job],
    files: Callable[[Team], TeamFiles],
    rules: Rules,
    keep: Evidence,
    *,
    copies: bool = False,
    owners: Collection[str] = (),
    standing: Mapping[int, Verdict] = {},
    seconds: float = TIME_LIMIT,
    progress: Progress = lambda done, total, what: None,
    announce: Announce = lambda verdict: None,
    hands: Hands = hands,
    patience: float = PATIENCE,
) -> list[Verdict]:
    """A verdict for each job, in order. `copies` allows two teams to deliver the same content;
    `owners` are the tasks that were proven before, whose content is theirs; `standing` are verdicts that are as good as
    new, by the numbers of their jobs.

    `seconds` is what one expectation may take; `announce` is told each verdict as it falls. Where there is much to do,
    it is shared among as many processes as there are `hands`, after `patience` seconds.
    """
    with Deadline() as deadline:
        left = [job for number, job in enumerate(work) if number not in standing]
        run = _Run(files, rules, keep, deadline, _Paced(progress, len(left)), announce, hands, patience)
        run.judge([_unit(list(each), seconds, every=not copies) for _, each in groupby(left, _team_of)])
    progress(len(work), len(work), "")
    new = iter(run.verdicts)
    verdicts = [standing[number] if number in standing else next(new) for number in range(len(work))]
    return verdicts if copies else refuse_copies(verdicts, owners)


def _team_of(job: Job) -> int:
    return id(job.team)


def _unit(work: list[Job], seconds: float, *, every: bool) -> Unit:
    """What is to be judged of one team, in the order of the jobs."""
    team = work[0].team
    if [each for task in team.tasks for each in task.expectations] != [job.expectation for job in work]:
        team = replace(team, tasks=tuple(replace(job.task, expectations=(job.expectation,)) for job in work))
    return Unit(team, 0.0, seconds=seconds, every=every)


class _Run:
    """Units judged one after the other, or several at once where that takes less time."""

    def __init__(
        self,
        files: Callable[[Team], TeamFiles],
        rules: Rules,
        keep: Evidence,
        deadline: Deadline,
        told: _Paced,
        announce: Announce,
        hands: Hands,
        patience: float,
    ) -> None:
        self._files = files
        self._rules = rules
        self._bound = Bound(rules)
        self._keep = keep
        self._deadline = deadline
        self._told = told
        self._announce = announce
        self._hands = hands
        self._patience = patience
        self._is_slow = False
        self.verdicts: list[Verdict] = []

    def judge(self, units: list[Unit]) -> None:
        """Judges what only this process can judge where it stands in the plan: a command may change what follows it."""
        for can_be_shared, group in groupby(units, _can_be_shared):
            if can_be_shared:
                self._several(list(group))
            else:
                for unit in group:
                    self._one(unit)

    def _several(self, units: list[Unit]) -> None:
        """Begins alone, and shares what is left where that takes at least as long as what is done."""
        end, done = time.perf_counter() + self._patience, 0
        for number, unit in enumerate(units):
            if time.perf_counter() >= end:
                end = math.inf
                many = self._hands() if sum(map(_size, units[number:])) >= done else 1
                if many > 1:
                    return self._share(units[number:], many)
            self._one(unit)
            done += _size(unit)
        return None

    def _one(self, unit: Unit) -> None:
        judge = Judge(
            unit.team,
            self._files(unit.team),
            self._bound,
            self._keep,
            self._deadline,
            unit.seconds,
            every=unit.every,
        )
        for task in unit.team.tasks:
            for expectation in task.expectations:
                if len(self.verdicts) % _OFTEN == 0 or expectation.validator == "command" or self._is_slow:
                    self._told(len(self.verdicts), unit.team, task, expectation)
                verdict = judge.verdict(task, expectation)
                self._is_slow = verdict.seconds > _EYE
                self.verdicts.append(verdict)
                self._announce(verdict)
        judge.close()

    def _share(self, units: list[Unit], many: int) -> None:
        before = len(self.verdicts)

        def here(unit: Unit) -> Judged:
            return judged(unit, self._files(unit.team), self._bound, self._deadline)

        def heard(done: int, team: str) -> None:
            self._told.shared(before + done, team)

        found = judge_shared(units, self._files, self._rules, here, many, heard)
        for unit, each in zip(units, found, strict=True):
            self._take(unit, each)

    def _take(self, unit: Unit, found: Judged) -> None:
        """Takes over what was found without keeping or telling anything."""
        expected = ((task, each) for task in unit.team.tasks for each in task.expectations)
        for (task, expectation), verdict, texts in zip(expected, found.verdicts, found.kept, strict=True):
            names = self._keep(unit.team, task, expectation, texts) if texts else ()
            self.verdicts.append(replace(verdict, evidence=names) if texts else verdict)
            self._announce(self.verdicts[-1])


def _can_be_shared(unit: Unit) -> bool:
    """Whether a copy of this process could judge it: no command, and no team whose files git has."""
    return not unit.team.ref and not any(
        each.validator == "command" for task in unit.team.tasks for each in task.expectations
    )


def _size(unit: Unit) -> int:
    return sum(len(task.expectations) for task in unit.team.tasks)


class _Paced:
    """Progress as often as an eye can follow it, and whenever something begins that may take long."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._due = time.perf_counter() + _GLANCE

    def __call__(self, done: int, team: Team, task: Task, expectation: Expectation) -> None:
        now = time.perf_counter()
        if now >= self._due or expectation.validator == "command":
            self._due = now + _EYE
            self._progress(done, self._total, f"{team.name} {task.id}: {expectation.text}")

    def shared(self, done: int, what: str) -> None:
        """The same, of what several processes do."""
        now = time.perf_counter()
        if now >= self._due:
            self._due = now + _EYE
            self._progress(done, self._total, what)
