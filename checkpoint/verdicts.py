"""Verdicts of a checkpoint, counted and compared with the last."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from checkpoint.plan.model import Plan, Task, Team
from checkpoint.validator import Finding

Outcome: TypeAlias = Literal["passed", "failed", "missing", "error", "blocked", "untrusted"]

State: TypeAlias = Literal["verified", "claimed", "open", "failing", "missing", "blocked", "unapproved"]
"""What a task has come to. `claimed` and `open` are for tasks that expect nothing: ticked, and not. Of an `unapproved`
one all holds but what nobody has approved yet."""


Use: TypeAlias = Literal["clock", "command", "references", "repository", "teams", "tree"]
"""What a verdict can depend on besides the content of its artifact: the time, a command, the repository's files, git,
what other teams deliver, and other files of the team."""


class Seen(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A file or folder that a verdict looked at, so that later a `stat` tells whether it still stands.

    `path` is relative to the team's folder, `modified` in nanoseconds, `digest` the sha256 of a file's content
    (empty for folders, and for files too large to be hashed). What was not there has size -1.
    """

    path: str
    size: int = 0
    modified: int = 0
    digest: str = ""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What was proven of one expectation. `expectation` is its text, `evidence` the names of what the store keeps.

    `digest` binds the verdict to the content it saw: sha256 over the names and contents that were looked at.
    `uses` says what else its validator asked for, sorted; a verdict without any stands as long as its artifact.
    """

    team: str
    task: str
    expectation: str
    artifact: str
    validator: str
    outcome: Outcome
    line: int = 0
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    seen: tuple[Seen, ...] = ()
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0
    uses: tuple[Use, ...] = ()


class Before(msgspec.Struct, frozen=True):
    """What the last checkpoint had found, by the ids of tasks. What pretends stays named until it is proven.

    Each task is looked up in them, so that they are keys, in order, where there may be many.
    """

    verified: Collection[str] = ()
    false_claims: Collection[str] = ()
    broken: Collection[str] = ()

    @classmethod
    def of(cls, teams: Iterable[TeamReport]) -> Before:
        """What a checkpoint has found, for the next one."""
        tasks = [task for team in teams for task in team.tasks]
        return cls(
            verified=dict.fromkeys(task.id for task in tasks if task.state == "verified"),
            false_claims=dict.fromkeys(task.id for task in tasks if task.false_claim),
            broken=dict.fromkeys(task.id for task in tasks if task.broken),
        )


class TaskReport(msgspec.Struct, frozen=True, gc=False):
    """One task as a checkpoint found it.

    `false_claim`: ticked by somebody else although its proof fails, and not proven since. `broken`: verified once, and
    not since.
    """

    id: str
    title: str
    line: int
    state: State
    ticked: bool
    false_claim: bool = False
    broken: bool = False
    proven: bool = False
    """Verified now, and not by the last checkpoint."""
    lost: bool = False
    """Verified by the last checkpoint, and not now."""
    waits_for: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.state in ("verified", "claimed")


class Count(msgspec.Struct, frozen=True, gc=False):
    """Tasks by what they have come to; the states add up to `tasks`, false claims are among the unfinished ones."""

    tasks: int = 0
    verified: int = 0
    claimed: int = 0
    open: int = 0
    failing: int = 0
    missing: int = 0
    blocked: int = 0
    unapproved: int = 0
    false_claims: int = 0
    broken: int = 0

    @property
    def done(self) -> int:
        return self.verified + self.claimed

    @property
    def failures(self) -> int:
        return self.failing + self.missing


class TeamReport(msgspec.Struct, frozen=True, gc=False):
    """One team as a checkpoint found it. `place` says what was looked at: a folder, or a ref with its commit."""

    name: str
    title: str
    place: str
    count: Count
    tasks: Sequence[TaskReport] = ()
    kept: bool = False
    """Whether nothing of it was touched since the last checkpoint, which had found the same."""

    @property
    def is_finished(self) -> bool:
        return 0 < self.count.tasks == self.count.done


def report(
    plan: Plan,
    verdicts: Iterable[Verdict],
    before: Before,
    places: Mapping[str, str],
    elsewhere: Collection[str] = frozenset(),
) -> tuple[TeamReport, ...]:
    """Each team's tasks with their states; `places` say where each team was looked at.

    `elsewhere` are tasks that are done of teams that the plan does not have.
    """
    before = Before(*map(frozenset, (before.verified, before.false_claims, before.broken)))
    by_task: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        by_task.setdefault(verdict.task, []).append(verdict)
    done = {task.id for task in plan.tasks.values() if _holds(task, by_task.get(task.id, ()))} | set(elsewhere)
    return tuple(_team_report(team, by_task, done, before, places.get(team.name, "")) for team in plan.teams)


def _holds(task: Task, verdicts: Collection[Verdict]) -> bool:
    if not task.expectations:
        return task.ticked
    for verdict in verdicts:
        if verdict.outcome != "passed":
            return False
    return bool(verdicts)


def _team_report(
    team: Team, by_task: Mapping[str, list[Verdict]], done: Collection[str], before: Before, place: str
) -> TeamReport:
    tasks = tuple(_task_report(task, by_task.get(task.id, []), done, before) for task in team.tasks)
    return TeamReport(team.name, team.title, place or team.ref or team.folder, count(tasks), tasks)


def _task_report(task: Task, verdicts: list[Verdict], done: Collection[str], before: Before) -> TaskReport:
    waits_for = tuple(other for other in task.after if other not in done) if task.after else ()
    if task.expectations and task.id in done and not waits_for:  # most are, in a large plan
        is_new = task.id not in before.verified
        verified = tuple(verdicts)
        return TaskReport(task.id, task.title, task.line, "verified", task.ticked, proven=is_new, verdicts=verified)
    if waits_for:
        verdicts = [_blocked(verdict) for verdict in verdicts]
    state = _state(task, verdicts, task.id in done, bool(waits_for))
    # Where nothing but an approval is missing, nothing is known against the team.
    judged = not verdicts or {verdict.outcome for verdict in verdicts} - {"passed", "untrusted"}
    unproven = bool(task.expectations) and state != "verified" and bool(judged)
    lost = unproven and task.id in before.verified
    claimed = task.ticked and not lost
    return TaskReport(
        task.id,
        task.title,
        task.line,
        state,
        task.ticked,
        false_claim=unproven and (claimed or task.id in before.false_claims),
        broken=unproven and (lost or task.id in before.broken),
        proven=state == "verified" and task.id not in before.verified,
        lost=lost,
        waits_for=waits_for,
        verdicts=tuple(verdicts),
    )


def _blocked(verdict: Verdict) -> Verdict:
    return verdict if verdict.outcome == "passed" else msgspec.structs.replace(verdict, outcome="blocked")


def _state(task: Task, verdicts: Iterable[Verdict], done: bool, waits: bool) -> State:
    if not task.expectations:
        return "claimed" if done else "blocked" if waits else "open"
    if done:
        return "verified"
    if waits:
        return "blocked"
    outcomes = {v.outcome for v in verdicts}
    if outcomes - {"passed", "missing", "untrusted"}:
        return "failing"
    return "missing" if "missing" in outcomes or not outcomes else "unapproved"


def count(tasks: Collection[TaskReport]) -> Count:
    """The tasks by state, false claims and broken ones counted beside."""
    states = [task.state for task in tasks]
    return Count(
        tasks=len(tasks),
        verified=states.count("verified"),
        claimed=states.count("claimed"),
        open=states.count("open"),
        failing=states.count("failing"),
        missing=states.count("missing"),
        blocked=states.count("blocked"),
        unapproved=states.count("unapproved"),
        false_claims=[task.false_claim for task in tasks].count(True),
        broken=[task.broken for task in tasks].count(True),
    )


def total(counts: Iterable[Count]) -> Count:
    """The sum over several teams."""
    rows = [msgspec.structs.astuple(each) for each in counts]
    return Count(*map(sum, zip(*rows, strict=True))) if rows else Count()
