"""The checkpoint: pull → validate → summarise → publish → notify."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec

from checkpoint.baseline import expected, restored
from checkpoint.documents import Now, Status, Told
from checkpoint.errors import CheckpointError, ConfigurationError, PublishError, Stalled
from checkpoint.git.fast_forward import Forwarded, fast_forward
from checkpoint.git.source import Checkpoint as Made
from checkpoint.git.source import LostRace, Tip, history, plan_at, refuse_unwritable
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier
from checkpoint.notify.delivery import deliver
from checkpoint.notify.registry import find_notifiers
from checkpoint.plan.edit import Key, apply
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.plan.parse import parse
from checkpoint.plan.weakening import strengthen
from checkpoint.proof import Proof, prove
from checkpoint.report import Report, Trigger, Weakened
from checkpoint.snapshot import read_snapshot, write_snapshot
from checkpoint.store.journal import plan_digest
from checkpoint.store.runs import Result as Ended
from checkpoint.store.runs import Run
from checkpoint.summaries import Summaries
from checkpoint.validation.engine import Progress
from checkpoint.validation.trust import baseline_item
from checkpoint.validation.weaker import weakened
from checkpoint.verdicts import Before, TaskReport
from checkpoint.wording import headline, level
from checkpoint.workspace import Workspace

Taken: TypeAlias = Literal["published", "unchanged"]
"""How a checkpoint ends that went through all of its steps."""

ATTEMPTS = 60
"""Races that one checkpoint may lose before it gives up; with jitter the worst measured was 15."""


class Request(msgspec.Struct, frozen=True):
    """What is asked of one checkpoint. Whoever asks for the same `slot` again gets nothing new."""

    id: str
    slot: str
    trigger: Trigger = "manual"
    dry_run: bool = False


class Pulled(msgspec.Struct, frozen=True):
    """The newest plan there is, what it means, and what counts of it."""

    tip: Tip
    text: bytes
    plan: Plan
    counted: Plan
    weakened: tuple[Weakened, ...]


class Published(msgspec.Struct, frozen=True):
    """The plan's new text, and the commit that holds it; the commit is empty where nothing had changed."""

    text: bytes
    commit: str


class Checkpoint:
    """One run of the cycle: `take` goes through the five steps that stand below it in their order."""

    def __init__(self, workspace: Workspace, request: Request, progress: Progress) -> None:
        self.workspace = workspace
        self.request = request
        self.progress = progress
        self.store = workspace.store
        self.source = workspace.source
        self.path = workspace.plan_path
        self.began = time.monotonic()
        self.notes: list[str] = []

    def take(self) -> Now:
        """Takes the checkpoint, whole or not at all. Raises CheckpointError where that cannot be."""
        with self.store.lock(self.workspace.configuration.lock_wait):
            if not self.request.dry_run:
                self.store.journal.begin(self._run())
            try:
                return self._take()
            except CheckpointError as error:
                self._failed(error)
                raise
            finally:
                self.source.close()

    def _take(self) -> Now:
        for attempt in range(ATTEMPTS):
            self.source.begin_fetch()
            self.notifiers  # noqa: B018 - one that is not installed is said before anything is published
            self.summaries  # noqa: B018 - what is slow to import is imported while the fetch is under way
            pulled = self.pull()
            made = pulled.tip.by_slot(self.request.slot)
            if made and not self._was_cut_off(made):
                return self._already_done(pulled, made)
            proof = self.validate(pulled)
            report, text = self.summarise(pulled, proof)
            try:
                commit = made.commit if made else self.publish(pulled, report, text)
            except LostRace:
                time.sleep(_jitter(attempt))
                continue
            return self.notify(pulled, proof, report, text, commit)
        raise PublishError(
            "the checkpoint could not be published", why=f"others were faster {ATTEMPTS} times", mend="try again later"
        )

    def pull(self) -> Pulled:
        """Step 1. The newest plan there is, and what counts of it."""
        tip = self.source.tip(self.path)
        refuse_unwritable(tip, self.path)
        text = tip.plan or b""
        plan = self.workspace.usable(text)
        return self._counted(tip, text, plan)

    def validate(self, pulled: Pulled) -> Proof:
        """Step 2. Every expectation against what its team delivered."""
        return prove(self.workspace, pulled.counted, self._before(pulled), self._keep, self.progress, fetched=True)

    def summarise(self, pulled: Pulled, proof: Proof) -> tuple[Report, bytes]:
        """Step 3. What there is to say, and the plan with it written in."""
        workspace, plan = self.workspace, pulled.plan
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(workspace.now))
        report = Report(
            self.request.id,
            self.request.slot,
            self.request.trigger,
            at,
            self.path,
            plan.title,
            self.source.branch,
            pulled.tip.commit,
            plan.settings.transparency,
            proof.teams,
            proof.actions,
            pulled.weakened,
        )
        try:
            return report, apply(pulled.text, _ticks(report), self._blocks(report))
        except ValueError as error:
            if self.summaries.are_ours:
                raise
            mend = "take the plan's own words (boxes, headings, comments) out of what they print"
            raise ConfigurationError("the repository's templates break the plan", why=str(error), mend=mend) from error

    def publish(self, pulled: Pulled, report: Report, text: bytes) -> str:
        """Step 4. The new plan as a commit on the newest one; empty where it says nothing new, or in a dry run."""
        if text == pulled.text or self.request.dry_run:
            return ""
        message = self.summaries.commit_message(report)
        commit = self.source.publish(pulled.tip, self.path, text, message)
        if not self.source.is_remote:
            self.notes.append("there is no remote: committed here, not pushed")
        forwarded = fast_forward(self.workspace.checkout, self.source, pulled.tip, commit, self.path)
        if forwarded not in (Forwarded.UPDATED, Forwarded.CURRENT):
            self.notes.append(forwarded.value)
        return commit

    def notify(self, pulled: Pulled, proof: Proof, report: Report, text: bytes, commit: str) -> Now:
        """Step 5. Records what was proven, then tells whom it concerns, where there is something new."""
        if self.request.dry_run:
            return Now(result="dry-run", report=report, diff=_diff(pulled.text, text, self.path), notes=self._notes())
        is_news = commit or any(map(self._was_cut_off, pulled.tip.recent[:1]))
        result: Taken = "published" if commit else "unchanged"
        self._record(pulled, proof, report, result, commit)
        told = self._tell(report) if is_news else ()
        return Now(result=result, commit=commit, report=report, notes=self._notes(), told=told)

    def _counted(self, tip: Tip, text: bytes, plan: Plan) -> Pulled:
        """What counts of the plan: all of it, or under `approval: strict` what it expected before it was weakened."""
        last = self._last()
        if last and last.plan == plan_digest(expected(plan)):
            return Pulled(tip, text, plan, plan, last.weakened)
        kept = self.store.journal.plan(last.plan) if last else None
        old = restored(kept) if kept else None
        if last is None or old is None:
            return Pulled(tip, text, plan, plan, ())
        strict = "strict" in (old.settings.approval, plan.settings.approval)
        counts = not strict or self.workspace.trust.is_approved(baseline_item(plan))
        found = weakened(
            old,
            plan,
            lambda: history(self.source.git, tip.commit, self.path, last.published or last.base),
            lambda commit: plan_at(self.source.git, commit, self.path),
            last.weakened,
            counts=counts,
        )
        return Pulled(tip, text, plan, plan if counts or not found else strengthen(plan, old), found)

    @cached_property
    def notifiers(self) -> tuple[Notifier, ...]:
        chosen = self.workspace.configuration
        folder = chosen.notice_folder or os.path.join(self.workspace.store_folder, "notices")
        return find_notifiers(chosen.notify, Means(folder, chosen.terminals, own_terminals(), os.environ))

    @cached_property
    def summaries(self) -> Summaries:
        return Summaries(self.workspace.trust.templates(), self.workspace.template_cache())

    def _blocks(self, report: Report) -> dict[Key, str]:
        blocks: dict[Key, str] = {("status", ""): self.summaries.status_block(report)}
        for team in report.teams:
            blocks["next", team.name] = self.summaries.next_block(team, report.actions[team.name])
        return blocks

    def _keep(self, team: Team, task: Task, expectation: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
        if not self.request.dry_run:
            for name, text in evidence.items():
                self.store.keep(self.request.id, team.name, task.id, expectation.text, name, text)
        return tuple(evidence)

    def _run(self) -> Run:
        request = self.request
        return Run(request.id, request.slot, request.trigger, self.workspace.now, branch=self.source.branch)

    def _last(self) -> Run | None:
        """The last checkpoint of this plan on this branch: work trees of one repository have a journal in common."""
        return self.store.journal.last(branch=self.source.branch)

    def _ended(self, result: Ended) -> Run:
        seconds = round(time.monotonic() - self.began, 3)
        return msgspec.structs.replace(self._run(), seconds=seconds, result=result)

    def _record(self, pulled: Pulled, proof: Proof, report: Report, result: Taken, commit: str) -> None:
        run = msgspec.structs.replace(
            self._ended(result),
            base=pulled.tip.commit,
            published=commit,
            headline=headline(report),
            count=report.count,
            verified=_ids(report, lambda task: task.state == "verified"),
            false_claims=_ids(report, lambda task: task.false_claim),
            broken=_ids(report, lambda task: task.broken),
            weakened=report.weakened,
        )
        self.store.journal.finish(run, proof.verdicts, expected(pulled.counted))
        git_folder = self.source.git.where[1] if self.source.is_remote else self.workspace.location.common_folder
        refs = {
            team.name: (git_folder, f"refs/heads/{team.ref}", proof.commits[team.name])
            for team in pulled.plan.teams
            if team.name in proof.commits
        }
        status = Status(result=result, commit=commit or pulled.tip.commit, report=report, roots=proof.roots, refs=refs)
        write_snapshot(self.workspace.store_folder, msgspec.to_builtins(status))

    def _failed(self, error: CheckpointError) -> None:
        if self.request.dry_run:
            return
        result: Ended = "failed"
        if isinstance(error, Stalled | PublishError):
            result = "stalled" if isinstance(error, Stalled) else "retry"
        self.store.journal.finish(msgspec.structs.replace(self._ended(result), error=error.what))

    def _before(self, pulled: Pulled) -> Before:
        """What the last checkpoint had found. A box that a checkpoint of somebody else ticked is nobody's claim."""
        last = self._last()
        found = Before(last.verified, last.false_claims, last.broken) if last else Before()
        ticked = _ticked(pulled.plan)
        if ticked <= set(found.verified) or not pulled.tip.recent:
            return found
        newest = parse(plan_at(self.source.git, pulled.tip.recent[0].commit, self.path) or b"")
        return msgspec.structs.replace(found, verified={*found.verified, *(ticked & _ticked(newest))})

    def _was_cut_off(self, made: Made) -> bool:
        """Whether a run of ours published this, and ended before it could record it and tell anybody."""
        run, last = self.store.journal.run(made.id), self._last()
        return run is not None and not run.is_finished and (last is None or last.started < run.started)

    def _already_done(self, pulled: Pulled, made: Made) -> Now:
        """What there is to say where the slot has its checkpoint: what was found here last, or is found now."""
        snapshot = read_snapshot(self.workspace.store_folder)
        if snapshot:
            report = msgspec.convert(snapshot, Status).report
        else:
            report, _ = self.summarise(pulled, self.validate(pulled))
        if not self.request.dry_run:
            self.store.journal.finish(self._ended("already-done"))
        note = f"the slot {self.request.slot} has its checkpoint already, by {made.author}"
        return Now(result="already-done", commit=made.commit, report=report, notes=(note,))

    def _tell(self, report: Report) -> tuple[Told, ...]:
        """Tells everybody how it stands, and each team what to do. A notifier that fails is reported, and no more."""
        said = self.summaries.notice(report)
        if not said:
            return ()
        redact = load("checkpoint.redaction").redact
        texts = {"": said} | {team.name: self.summaries.actions(team, report) for team in report.teams}
        notices = [
            Notice(self.path, report.id, name, headline(report), redact(text), level(report.count))
            for name, text in texts.items()
        ]
        delivered = deliver(notices, self.notifiers)
        return tuple(Told(each.notifier, each.sent, each.problem) for each in delivered)

    def _notes(self) -> tuple[str, ...]:
        return tuple(self.notes)


def _ticks(report: Report) -> dict[str, bool]:
    """The boxes that are the checkpoint's to set: those of tasks that expect something."""
    return {task.id: task.state == "verified" for team in report.teams for task in team.tasks if task.verdicts}


def _ticked(plan: Plan) -> set[str]:
    return {task.id for task in plan.tasks.values() if task.ticked and task.expectations}


def _ids(report: Report, wanted: Callable[[TaskReport], bool]) -> tuple[str, ...]:
    return tuple(task.id for team in report.teams for task in team.tasks if wanted(task))


def own_terminals() -> tuple[str, ...]:
    """The terminals that this process itself writes to."""
    return tuple(os.ttyname(number) for number in (1, 2) if os.isatty(number))


def _jitter(attempt: int) -> float:
    """Seconds to wait after a lost race: anything up to a bound that grows to two seconds."""
    return float(min(2.0, 0.05 * 2**attempt) * os.urandom(1)[0] / 255)


def _diff(old: bytes, new: bytes, path: str) -> str:
    before, after = (text.decode().splitlines(keepends=True) for text in (old, new))
    lines: list[str] = load("difflib").unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(lines)
