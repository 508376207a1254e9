"""One expectation after another, against the team's files: a verdict each, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.validation.content import refuse_copies
from checkpoint.validation.deadline import Deadline
from checkpoint.validation.given import Evidence, Rules, TeamFiles
from checkpoint.validation.judging import Bound, Judge
from checkpoint.verdicts import Verdict

__all__ = ["Announce", "Evidence", "Job", "Progress", "Rules", "TeamFiles", "jobs", "narrow", "validate"]

TIME_LIMIT = 20.0
"""Seconds for one expectation. A command has a limit of its own, which its process is held to."""
_EYE = 0.02
"""Seconds between two reports of progress."""

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
) -> list[Verdict]:
    """A verdict for each job, in order. `copies` allows two teams to deliver the same content;
    `owners` are the tasks that were proven before, whose content is theirs; `standing` are verdicts that are as good as
    new, by the numbers of their jobs.

    `seconds` is what one expectation may take; `announce` is told each verdict as it falls.
    """
    bound = Bound(rules)
    told = _Paced(progress)
    verdicts = []
    judge: Judge | None = None
    with Deadline() as deadline:
        for number, job in enumerate(work):
            if number in standing:
                verdicts.append(standing[number])
                continue
            told(number, len(work), job)
            if judge is None or judge.team is not job.team:
                if judge:
                    judge.close()
                judge = Judge(job.team, files(job.team), bound, keep, deadline, seconds, every=not copies)
            verdicts.append(judge.verdict(job.task, job.expectation))
            announce(verdicts[-1])
    progress(len(work), len(work), "")
    return verdicts if copies else refuse_copies(verdicts, owners)


class _Paced:
    """Progress as often as an eye can follow it, and whenever something begins that may take long."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._due = 0.0

    def __call__(self, done: int, total: int, job: Job) -> None:
        now = time.perf_counter()
        if now >= self._due or job.expectation.validator == "command":
            self._due = now + _EYE
            self._progress(done, total, f"{job.team.name} {job.task.id}: {job.expectation.text}")
