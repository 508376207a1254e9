"""Verdicts → next actions: what each team should do now, ordered by what it unblocks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from checkpoint.validator import Finding
from checkpoint.verdicts import Outcome, TaskReport, TeamReport, Verdict


class Step(msgspec.Struct, frozen=True, gc=False):
    """One thing to put right: the order, where, and which expectation it comes from."""

    do: str
    where: str
    expectation: str
    outcome: Outcome
    expected: str = ""
    found: str = ""


class Action(msgspec.Struct, frozen=True, gc=False):
    """What to do about one task, and the command that proves it. `unblocks` counts the tasks that wait for it."""

    team: str
    task: str
    title: str
    reason: str
    unblocks: int
    check: str
    steps: tuple[Step, ...] = ()


_REASONS = {
    "open": "a person's to tick",
    "missing": "not delivered yet",
    "unapproved": "its proof waits for an approval",
    "failed": "delivered, but the proof fails",
    "error": "its proof cannot be made",
}
_PERSON = Finding("an approval", "none", action="a person reads and approves the plan's commands: `checkpoint approve`")


def next_actions(team: TeamReport, unblocks: Mapping[str, int]) -> tuple[Action, ...]:
    """The team's actions: unblocking most first, what broke before what never was there, then the plan's order."""
    todo = [task for task in team.tasks if not task.is_done and task.state != "blocked"]
    todo.sort(key=lambda task: (-unblocks.get(task.id, 0), not task.broken))
    return tuple(_action(team.name, task, unblocks.get(task.id, 0)) for task in todo)


def _action(team: str, task: TaskReport, unblocks: int) -> Action:
    steps = [step for verdict in task.verdicts if verdict.outcome != "passed" for step in _steps(verdict)]
    once = {(step.do, step.where): step for step in reversed(steps)}
    ordered = tuple(reversed(once.values()))
    return Action(team, task.id, task.title, _reason(task), unblocks, f"checkpoint check {task.id}", ordered)


def _reason(task: TaskReport) -> str:
    if task.false_claim:
        return "claimed, but the proof fails"
    if task.broken:
        return "was proven, and broke"
    if task.state in _REASONS:
        return _REASONS[task.state]
    outcomes = {verdict.outcome for verdict in task.verdicts}
    return next((_REASONS[each] for each in ("failed", "error") if each in outcomes), "")


def _steps(verdict: Verdict) -> list[Step]:
    findings = (_PERSON,) if verdict.outcome == "untrusted" else verdict.findings
    return [
        Step(
            finding.action or f"make this true: {verdict.expectation}",
            finding.where,
            verdict.expectation,
            verdict.outcome,
            finding.expected,
            finding.found,
        )
        for finding in findings
    ]
