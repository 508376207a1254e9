"""One expectation after another, against the team's files: a verdict each, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from typing import Any, Protocol, TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.arguments import bind
from checkpoint.errors import CheckpointError, NotApproved, Stalled
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.process import forked
from checkpoint.validation.asked import Asked
from checkpoint.validation.content import Content, digest, looked_at, refuse_copies, shown, visible
from checkpoint.validation.deadline import OutOfTime, deadline
from checkpoint.validator import NOTHING, Artifact, Entry, Finding, Services, Tree, Unreadable, Validator, missing
from checkpoint.verdicts import Outcome, Seen, Use, Verdict

TIME_LIMIT = 20.0
"""Seconds for one expectation. A command has a limit of its own, which its process is held to."""
_DISCARDED = ": a command wrote it in its sandbox, where nothing is kept"

Progress: TypeAlias = Callable[[int, int, str], None]
Announce: TypeAlias = Callable[[Verdict], None]
Evidence: TypeAlias = Callable[[Team, Task, Expectation, dict[str, str]], tuple[str, ...]]


def _never(path: str) -> bool:
    return False


class TeamFiles(msgspec.Struct, frozen=True):
    """Where one team's work is looked at. `refusal` says why it may not be, where it may not."""

    tree: Tree
    references: Tree
    services: Services
    place: str
    refusal: Finding | None = None
    refused_as: Outcome = "untrusted"
    discarded: Callable[[str], bool] = _never
    """Whether a command has written that path of the team's, and it is not kept."""


class Rules(Protocol):
    """Which validators there are, and what may run."""

    def find(self, name: str) -> Validator:
        """Raises CheckpointError where there is none, or it cannot be loaded."""

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        """Whether an expectation that runs something has been approved."""


class Job(msgspec.Struct, frozen=True):
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
            msgspec.structs.replace(task, after=tuple(other for other in task.after if other in kept))
            for task in team.tasks
            if task.id in kept
        ]
        if tasks or team.name in names:
            teams.append(msgspec.structs.replace(team, tasks=tuple(tasks)))
    return msgspec.structs.replace(plan, teams=tuple(teams))


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
    seconds: float = TIME_LIMIT,
    progress: Progress = lambda done, total, what: None,
    announce: Announce = lambda verdict: None,
) -> list[Verdict]:
    """A verdict for each job, in order. `copies` allows two teams to deliver the same content;
    `owners` are the tasks that were proven before, whose content is theirs.

    `seconds` is what one expectation may take; `announce` is told each verdict as it falls.
    """
    contents: dict[str, tuple[Content, Asked]] = {}
    verdicts = []
    for number, job in enumerate(work):
        progress(number, len(work), f"{job.team.name} {job.task.id}: {job.expectation.text}")
        where = files(job.team)
        if job.team.name not in contents:
            contents[job.team.name] = (Content(where.tree), Asked(where.tree, where.references, where.services))
        verdicts.append(_judge(_Trial(job, where, *contents[job.team.name], rules, seconds), keep))
        announce(verdicts[-1])
    progress(len(work), len(work), "")
    return verdicts if copies else refuse_copies(verdicts, owners)


def _judge(trial: _Trial, keep: Evidence) -> Verdict:
    start = time.perf_counter()
    job, where = trial.job, trial.where
    outcome, findings = trial.run()
    if outcome == "missing" and where.discarded(job.expectation.artifact):
        trial.asked.note("command")
        findings = tuple(replace(each, action=f"{each.action}{_DISCARDED}") for each in findings)
    findings = tuple(map(shown, findings))
    evidence = keep(job.team, job.task, job.expectation, trial.evidence) if trial.evidence else ()
    return Verdict(
        job.team.name,
        job.task.id,
        job.expectation.text,
        job.expectation.artifact,
        job.expectation.validator,
        outcome,
        job.expectation.line,
        findings,
        digest(trial.seen),
        tuple(msgspec.structs.replace(each, path=visible(each.path)) for each in trial.seen),
        evidence,
        round(time.perf_counter() - start, 6),
        trial.asked.uses,
    )


class _Trial:
    """One expectation while it is judged: what was seen, and the evidence so far."""

    def __init__(
        self, job: Job, where: TeamFiles, content: Content, asked: Asked, rules: Rules, seconds: float
    ) -> None:
        self.job = job
        self.expectation = job.expectation
        self.where = where
        self.content = content
        self.asked = asked
        self.rules = rules
        self.seconds = 0.0 if job.expectation.validator == "command" else seconds
        self.seen: list[Seen] = []
        self.evidence: dict[str, str] = {}

    def run(self) -> tuple[Outcome, tuple[Finding, ...]]:
        self.asked.about(self.expectation.artifact, (), ())
        if self.where.refusal:
            return self.where.refused_as, (self.where.refusal,)
        if not self.rules.is_approved(self.job.team, self.expectation):
            return "untrusted", (_unapproved(self.job),)
        try:
            return self._within_time()
        except Unreadable as error:
            return "failed", (error.finding,)
        except NotApproved as error:
            return "untrusted", (Finding("an approval", error.what, action=error.mend),)
        except Stalled as error:
            action = f"a person mends it here: {error.mend}"
            return "error", (Finding("a proof that can be made here", error.what, _place(self.job), action),)
        except CheckpointError as error:
            return "error", (self._mistake(error.what, error.mend),)
        except ValueError as error:
            return "error", (self._mistake(str(error)),)
        except OutOfTime:
            self.asked.note("clock")
            return "error", (self._mistake(f"no answer within {self.seconds:g} s"),)
        except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way, and must fail alone
            self.evidence["error"] = f"{type(error).__name__}: {error}"
            return "error", (self._mistake(f"{self.expectation.validator} failed with {type(error).__name__}"),)

    def _mistake(self, found: str, mend: str = "") -> Finding:
        action = f"a person mends {self.job.task.id} in the plan: {mend or self.expectation.text}"
        return Finding("an expectation that can be checked", found, _place(self.job), action)

    def _within_time(self) -> tuple[Outcome, tuple[Finding, ...]]:
        with deadline(self.seconds):
            validator = self.rules.find(self.expectation.validator)
            positional, keywords = bind(validator.check, self.expectation.arguments)
            entries = self._entries(validator)
            if validator.on == "artifact":
                return _verdict(self._check(validator, self.expectation.artifact, entries, positional, keywords))
            if not entries:
                return "missing", (missing(self.expectation.artifact),)
            findings: list[Finding] = []
            for entry in entries:
                findings += self._file(validator, entry, positional, keywords)
            return _verdict(findings)

    def _entries(self, validator: Validator) -> tuple[Entry, ...]:
        if validator.name == "command":
            return ()
        path = self.expectation.artifact
        entries = self.where.tree.find(path)
        self.seen = [self.content.seen(entry) for entry in looked_at(self.where.tree, path, entries)] or [
            Seen(path, -1)
        ]
        self.asked.about(path, entries, self.seen)
        return entries

    def _file(
        self, validator: Validator, entry: Entry, positional: list[Any], keywords: dict[str, Any]
    ) -> Iterator[Finding]:
        refusal = _refusal(entry, validator.empty) or self._pointer(entry)
        if refusal:
            yield refusal
            return
        yield from self._check(validator, entry.path, (entry,), positional, keywords)

    def _pointer(self, entry: Entry) -> Finding | None:
        if not self.content.is_pointer(entry):
            return None
        return Finding("the file itself", "a Git LFS pointer", entry.path, f"bring `{entry.path}` with `git lfs pull`")

    def _check(
        self,
        validator: Validator,
        path: str,
        entries: tuple[Entry, ...],
        positional: list[Any],
        keywords: dict[str, Any],
    ) -> list[Finding]:
        artifact = Artifact(path, entries, self.asked.tree, self.asked.references, self.asked.services)
        if validator.apart and self.seconds:
            return self._apart(validator, artifact, positional, keywords)
        try:
            return list(validator.check(artifact, *positional, **keywords) or ())
        finally:
            self.evidence |= artifact.evidence

    def _apart(
        self, validator: Validator, artifact: Artifact, positional: list[Any], keywords: dict[str, Any]
    ) -> list[Finding]:
        content = forked(lambda: _answer(validator, artifact, self.asked, positional, keywords), self.seconds)
        if content is None:
            raise OutOfTime
        answer = msgspec.json.decode(content, type=_Answer)
        self.evidence |= answer.evidence
        self.asked.note(*answer.uses)
        if answer.mistake:
            raise ValueError(answer.mistake)
        return list(answer.findings)


class _Answer(msgspec.Struct, frozen=True):
    """What a validator that runs apart has to say."""

    findings: tuple[Finding, ...] = ()
    evidence: dict[str, str] = {}
    mistake: str = ""
    uses: tuple[Use, ...] = ()


def _answer(
    validator: Validator, artifact: Artifact, asked: Asked, positional: list[Any], keywords: dict[str, Any]
) -> bytes:
    try:
        findings = tuple(validator.check(artifact, *positional, **keywords) or ())
        answer = _Answer(findings, artifact.evidence)
    except Unreadable as error:
        answer = _Answer((error.finding,))
    except Exception as error:  # noqa: BLE001 - a plug-in may fail in any way, and must say so from where it runs
        mistake = (
            str(error) if isinstance(error, ValueError) else f"{validator.name} failed with {type(error).__name__}"
        )
        answer = _Answer(mistake=mistake)
    return msgspec.json.encode(replace(answer, findings=tuple(map(shown, answer.findings)), uses=asked.uses))


def _verdict(findings: list[Finding]) -> tuple[Outcome, tuple[Finding, ...]]:
    nothing = findings and all(finding.found == NOTHING for finding in findings)
    return ("missing" if nothing else "failed" if findings else "passed"), tuple(findings)


def _refusal(entry: Entry, empty: bool) -> Finding | None:
    path = entry.path
    if entry.kind == "file":
        return None if entry.size or empty else Finding("content", "an empty file", path, f"write `{path}`")
    found = {"link": "a link", "folder": "a folder", "submodule": "a submodule that is not checked out"}
    return Finding("a regular file", found.get(entry.kind, "no regular file"), path, f"deliver `{path}` as a file")


def _place(job: Job) -> str:
    """Where in the plan. By name: lines move when a checkpoint writes into the plan, and would be news each time."""
    return f"{job.task.id} in the plan"


def _unapproved(job: Job) -> Finding:
    return Finding("an approval", "none", _place(job), "a person runs `checkpoint approve`")
