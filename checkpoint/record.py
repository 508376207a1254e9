"""One run in the journal: what it is compared with, what is kept of it, and what is forgotten."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cached_property
from typing import Any, Literal, TypeAlias

import msgspec

from checkpoint.baseline import expected
from checkpoint.documents import Status
from checkpoint.errors import CheckpointError, PublishError, Stalled
from checkpoint.git.checkout import commit_of
from checkpoint.git.log import Commit, is_below, standing
from checkpoint.git.source import Tip, checkpoints, plan_at, read_tip
from checkpoint.kept import Kept
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.plan.parse import parse
from checkpoint.proof import Proof
from checkpoint.published import Published
from checkpoint.report import Report, Trigger
from checkpoint.snapshot import Snapshot, open_snapshot, read_snapshot, write_snapshot
from checkpoint.store.outbox import Row, adding
from checkpoint.store.pruning import DAY
from checkpoint.store.runs import Result, Run
from checkpoint.verdicts import Before, TeamReport
from checkpoint.wording import headline
from checkpoint.workspace import Workspace

Taken: TypeAlias = Literal["published", "unchanged"]
"""How a checkpoint ends that went through all of its steps."""


class Request(msgspec.Struct, frozen=True):
    """What is asked of one checkpoint. Whoever asks for the same `slot` again gets nothing new."""

    id: str
    slot: str
    trigger: Trigger = "manual"
    dry_run: bool = False


class Undone(msgspec.Struct, frozen=True):
    """A checkpoint that was undone by the `commit` on `base`. `stands` is the last one before that was not undone."""

    made: Commit
    stands: Commit | None
    base: str
    commit: str
    headline: str


class Record:
    """What is remembered of a run. A dry run is not."""

    def __init__(self, workspace: Workspace, request: Request) -> None:
        self.workspace = workspace
        self.request = request
        self.journal = workspace.store.journal
        self.began = time.monotonic()
        self._published: tuple[Tip, Published] | None = None

    @property
    def last(self) -> Run | None:
        """The last checkpoint of this plan on this branch: work trees of one repository have a journal in common."""
        return self.journal.last(branch=self.workspace.source.branch)

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """What the last checkpoint has left for `status`, whatever plan and branch it was of."""
        try:
            return open_snapshot(self.workspace.store_folder)
        except Stalled:  # it cannot be replaced either, which is said then
            return None

    @property
    def known(self) -> Before | None:
        """What the journal has of the last checkpoint."""
        last = self.last
        return Before(last.verified, last.false_claims, last.broken) if last else None

    def begin(self) -> None:
        if not self.request.dry_run:
            self.journal.begin(self._run())

    def keep(self, team: Team, task: Task, expectation: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
        """Keeps raw output behind a verdict; returns its names."""
        if not self.request.dry_run:
            for name, text in evidence.items():
                self.workspace.store.keep(self.request.id, team.name, task.id, expectation.text, name, text)
        return tuple(evidence)

    def finish(
        self,
        proof: Proof,
        report: Report,
        counted: Plan | None,
        result: Taken,
        commit: str,
        notices: Iterable[Row],
        kept: Kept | None = None,
    ) -> tuple[str, ...]:
        """Keeps what was proven with what each channel is to be told, all at once, and what the next one needs.

        `counted` is what counts of the plan; None where it is what counted last.

        And forgets, once a day, what is older or more than was asked to be kept. Returns what is to be said of what
        could not be done after the run was recorded, which stands all the same.
        """
        before = self.last
        found = self._found(report, before)
        run = msgspec.structs.replace(
            self._ended(result),
            base=report.base,
            published=commit,
            headline=headline(report),
            count=report.count,
            verified=tuple(found.verified),
            false_claims=tuple(found.false_claims),
            broken=tuple(found.broken),
            weakened=report.weakened,
            foreign=report.foreign,
            plan=before.plan if before and counted is None else "",
            rest=before.id if before and any(team.kept for team in report.teams) else "",
        )
        text = None if counted is None else expected(counted)
        self.journal.finish(run, proof.verdicts, text, adding(self.workspace.now, notices))
        return tuple(self._tidy(before, run, lambda: self._write_snapshot(proof, report, result, commit, kept)))

    def _found(self, report: Report, before: Run | None) -> Before:
        """What the next one compares with: of teams that were not looked into, what this one was compared with."""
        found = Before.of(team for team in report.teams if not team.kept)
        if before is None or not any(team.kept for team in report.teams):
            return found
        mine = {task.id for team in report.teams if not team.kept for task in team.tasks}
        old = (before.verified, before.false_claims, before.broken)
        new = msgspec.structs.astuple(found)
        return Before(*((*(each for each in was if each not in mine), *now) for was, now in zip(old, new, strict=True)))

    def _tidy(self, before: Run | None, run: Run, write_snapshot: Callable[[], None]) -> Iterator[str]:
        try:
            write_snapshot()
        except Stalled as error:
            yield f"`checkpoint status` shows an earlier checkpoint: {error.line}"
        try:
            self._prune(before, run)
        except (CheckpointError, OSError) as error:
            yield f"what is old was not removed from the private store: {error}"

    def _prune(self, before: Run | None, run: Run) -> None:
        if before is None or before.started // DAY != run.started // DAY:
            chosen = self.workspace.configuration
            self.workspace.store.prune(self.workspace.now, days=chosen.keep_days, size=chosen.keep_size)

    def undid(self, done: Undone, notices: Iterable[Row]) -> None:
        """Keeps that a checkpoint was undone, with what each channel is to be told, all at once.

        The snapshot of the last report says so, too, where it is about that checkpoint or a later one.
        """
        run = msgspec.structs.replace(
            self._ended("undid"), base=done.base, published=done.commit, headline=done.headline, undoes=done.made.id
        )
        self.journal.finish(run, beside=adding(self.workspace.now, notices))
        snapshot = open_snapshot(self.workspace.store_folder)
        if snapshot is None:
            return
        status = snapshot.document
        if done.stands and done.stands.id == status["report"]["id"]:
            status["result"] = "published"
        elif is_below(self.workspace.source.git, done.made.commit, status["commit"]):
            status["result"] = "undone"
        write_snapshot(self.workspace.store_folder, status, [None] * len(snapshot.teams), snapshot)

    def forget(self) -> None:
        """As if it had never begun: it was asked for something that is not there."""
        with suppress(CheckpointError):  # else it is one that was interrupted; what was wrong is said
            if not self.request.dry_run:
                self.journal.forget(self.request.id)

    def fail(self, error: CheckpointError) -> None:
        result: Result = "failed"
        if isinstance(error, Stalled | PublishError):
            result = "stalled" if isinstance(error, Stalled) else "retry"
        if self.request.dry_run:
            return
        # Where the journal cannot be used either, the next run finds this one interrupted; what failed first is said.
        with suppress(CheckpointError):
            self.journal.finish(msgspec.structs.replace(self._ended(result), error=error.what))

    def already_done(self) -> Report | None:
        """Notes that the slot had its checkpoint; returns what was found here last, if anything was."""
        if not self.request.dry_run:
            self.journal.finish(self._ended("already-done"))
        return last_report(self.workspace)

    def before(self, plan: Plan, tip: Tip) -> Before:
        """What the last checkpoint had found that nothing has undone.

        A box that a checkpoint of somebody else ticked is nobody's claim.
        """
        last = self.journal.standing(self.workspace.source.branch)
        found = Before(*map(dict.fromkeys, (last.verified, last.false_claims, last.broken))) if last else Before()
        published = self.published(tip)
        if published.made is None:
            return found
        if self._own(published) is not None:
            known = {each for each in found.verified if each not in published.judged}
            return msgspec.structs.replace(found, verified=known | published.verified)
        if self.was_cut_off(published.made):
            found = self._before_it(published.made)
        ticked, git, path = _ticked(plan), self.workspace.source.git, self.workspace.plan_path
        if ticked <= set(found.verified) or not tip.recent:
            return found
        stands = next(standing(checkpoints(git, tip, path)), None)
        if stands is None:
            return found
        newest = parse(plan_at(git, stands.commit, path) or b"")
        return msgspec.structs.replace(found, verified={*found.verified, *(ticked & _ticked(newest))})

    def _before_it(self, made: Commit) -> Before:
        """What a run was to be compared with that published this and was cut off: it is made up for, not followed."""
        git, path = self.workspace.source.git, self.workspace.plan_path
        below = commit_of(git, f"{made.commit}^")
        if not below:
            return Before()
        tip = read_tip(git, below, path)
        return self.before(parse(tip.plan or b""), tip)

    def published(self, tip: Tip) -> Published:
        """What the branch tells of the newest checkpoint on it."""
        if self._published is None or self._published[0] is not tip:
            self._published = (tip, Published(self.workspace.source.git, tip, self.workspace.plan_path))
        return self._published[1]

    def agrees(self, published: Published) -> bool:
        """Whether what the journal has of the last checkpoint's plan is what the branch says that it counted."""
        if published.made is None or self.last is None:
            return published.made is None
        is_same = published.made.expects in ("", self.last.plan)
        return is_same and self.journal.plan(self.last.plan) is not None

    def is_edited(self, published: Published) -> bool:
        """Whether the journal says anything else of the newest checkpoint, which it knows, than the branch does."""
        own, last = self._own(published), self.last
        if own is None or last is None or published.made is None:
            return False
        if published.made.expects not in ("", own.plan) or published.is_denied_by(own.verified):
            return True
        return published.is_denied_by(last.verified) and published.holds(last.published or last.base)

    def _own(self, published: Published) -> Run | None:
        """The run of this journal that published it, and went through all its steps."""
        made = published.made
        run = self.journal.run(made.id) if made and not made.undoes else None
        return run if made and run is not None and run.id == made.id and run.is_finished else None

    def was_cut_off(self, made: Commit) -> bool:
        """Whether a run of ours published this, and ended before it could record it and tell anybody."""
        run, last = self.journal.run(made.id), self.journal.last(branch=self.workspace.source.branch, undos=True)
        if run is None or run.id != made.id or run.is_finished or run.undoes:
            return False
        return last is None or last.started < run.started

    def _run(self) -> Run:
        request, source = self.request, self.workspace.source
        return Run(request.id, request.slot, request.trigger, self.workspace.now, branch=source.branch)

    def _ended(self, result: Result) -> Run:
        seconds = round(time.monotonic() - self.began, 3)
        return msgspec.structs.replace(self._run(), seconds=seconds, result=result)

    def _write_snapshot(self, proof: Proof, report: Report, result: Taken, commit: str, kept: Kept | None) -> None:
        source = self.workspace.source
        git_folder = source.git.where[1] if source.is_remote else self.workspace.location.common_folder
        refs = {name: (git_folder, f"refs/heads/{proof.refs[name]}", at) for name, at in proof.commits.items()}
        teams = tuple(msgspec.structs.replace(team, tasks=()) for team in report.teams)
        bare = msgspec.structs.replace(report, teams=teams, actions={})
        status = Status(result=result, commit=commit or report.base, report=bare, roots=proof.roots, refs=refs)
        bodies = (None if team.kept else _body(team, report, proof) for team in report.teams)
        plain = msgspec.to_builtins(kept, builtin_types=(bytes,)) if kept else None
        write_snapshot(self.workspace.store_folder, msgspec.to_builtins(status), bodies, self.snapshot, plain)


def _body(team: TeamReport, report: Report, proof: Proof) -> dict[str, Any]:
    looked, line = proof.looks[team.name], proof.lines.get(team.name, 0)
    kept = {"tasks": tuple(team.tasks), "actions": report.actions[team.name], "looked": looked, "line": line}
    body: dict[str, Any] = msgspec.to_builtins(kept, builtin_types=(bytes,))
    return body


def last_report(workspace: Workspace) -> Report | None:
    """What the last checkpoint here had found; None before the first, or where another version wrote it differently."""
    status = last_status(workspace)
    return status.report if status else None


def last_status(workspace: Workspace) -> Status | None:
    """The snapshot of the last checkpoint; None in the same cases."""
    snapshot = read_snapshot(workspace.store_folder)
    try:
        return msgspec.convert(snapshot, Status) if snapshot else None
    except msgspec.ValidationError:
        return None


def _ticked(plan: Plan) -> set[str]:
    return {task.id for task in plan.tasks.values() if task.ticked and task.expectations}
