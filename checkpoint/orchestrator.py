"""The checkpoint: pull → validate → summarise → publish → notify."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec

from checkpoint.baseline import expected
from checkpoint.counted import Counted, counted
from checkpoint.documents import Now
from checkpoint.errors import CheckpointError, ConfigurationError, UsageError
from checkpoint.git.log import Commit
from checkpoint.git.objects import blob_id
from checkpoint.git.source import Tip, by_slot, refuse_unwritable
from checkpoint.kept import Kept, kept_after
from checkpoint.notify import Notifier
from checkpoint.plan.edit import Key, apply
from checkpoint.plan.model import Plan
from checkpoint.proof import Proof, prove
from checkpoint.published import settled
from checkpoint.publishing import difference, followed, remarks, unrecorded, until_won
from checkpoint.record import Record, Request, Taken
from checkpoint.report import Foreign, Report
from checkpoint.sequel import NotEnough, Sequel, sequel_of
from checkpoint.store.journal import plan_digest
from checkpoint.store.outbox import Row
from checkpoint.summaries import Summaries
from checkpoint.telling import Notices
from checkpoint.untouched import note_plan
from checkpoint.validation.engine import Announce, Progress
from checkpoint.verdicts import TeamReport
from checkpoint.workspace import Workspace

__all__ = ["Checkpoint", "Request"]


class Pulled(msgspec.Struct, frozen=True):
    """The newest plan there is, what it means, and what counts of it. `resumed`: a run that was cut off has made it."""

    tip: Tip
    text: bytes
    plan: Plan
    counts: Counted
    resumed: bool
    sequel: Sequel | None = None
    """How to look into some of its teams only, where that is enough."""


class Checkpoint:
    """One run of the cycle: `take` goes through the five steps that stand below it in their order."""

    def __init__(
        self,
        workspace: Workspace,
        request: Request,
        notifiers: tuple[Notifier, ...],
        progress: Progress,
        announce: Announce = lambda verdict: None,
        carry: Callable[[], object] = lambda: None,
    ) -> None:
        """`notifiers` are those that may be told; the plan says which of them are.

        `announce` is told each verdict as it falls, where the plan's transparency is high.

        `carry` is called as soon as there are notices in the outbox.
        """
        self.workspace = workspace
        self.request = request
        self.notifiers = notifiers
        self.progress = progress
        self.announce = announce
        self.carry = carry
        self.record = Record(workspace, request)
        self.source = workspace.source
        self.path = workspace.plan_path
        self.notes: list[str] = []
        self.remarks: tuple[str, ...] = ()
        self._notices: tuple[Report, tuple[Row, ...]] | None = None

    def take(self) -> Now:
        """Takes the checkpoint, whole or not at all. Raises CheckpointError where that cannot be.

        The plan is held meanwhile, and its fetch is under way already (`Branch.held`).
        """
        with self.workspace.store:
            self.record.begin()
            try:
                return self._take()
            except CheckpointError as error:
                self.record.fail(error)
                raise

    def _take(self) -> Now:
        # Made first: it imports what is slow to import, and the fetch is under way meanwhile.
        self.summaries = Summaries(self.workspace.trust.templates())
        return until_won(self.source, self._attempt)

    def _attempt(self) -> Now:
        pulled = self.pull()
        try:
            return self._follow(pulled)
        except NotEnough:
            return self._follow(self._whole(pulled.tip, resumed=pulled.resumed))

    def _follow(self, pulled: Pulled) -> Now:
        """What follows on the pulling of a plan. Raises NotEnough where all of it has to be looked into."""
        made = by_slot(self.source.git, pulled.tip, self.path, self.request.slot)
        if made and not self.record.was_cut_off(made):
            return self._already_done(pulled, made)
        proof = self.validate(pulled)
        report, text = self.summarise(pulled, proof)
        commit = made.commit if made else self.publish(pulled, report, text)
        return self.notify(pulled, proof, report, text, commit)

    def pull(self) -> Pulled:
        """Step 1. The newest plan there is, and what counts of it."""
        tip = self.source.tip(self.path)
        refuse_unwritable(tip, self.path)
        newest = tip.newest(self.path)
        resumed = newest is not None and self.record.was_cut_off(newest)
        sequel = None if resumed else sequel_of(self.record, tip)
        if sequel is None:
            return self._whole(tip, resumed=resumed)
        self.remarks = remarks(self.source, tip, sequel.plan, self.path)
        return Pulled(tip, tip.plan or b"", sequel.plan, Counted(sequel.plan, (), ()), resumed=False, sequel=sequel)

    def _whole(self, tip: Tip, *, resumed: bool) -> Pulled:
        text = tip.plan or b""
        plan = self.workspace.usable(text)
        self.remarks = remarks(self.source, tip, plan, self.path)
        return Pulled(tip, text, plan, counted(self.record, tip, text, plan), resumed)

    def validate(self, pulled: Pulled) -> Proof:
        """Step 2. Every expectation against what its team delivered."""
        announce = self.announce if pulled.plan.settings.transparency == "high" else lambda verdict: None
        if pulled.sequel:
            return pulled.sequel.prove(self.record.keep, self.progress, announce, self.record.known)
        return prove(
            self.workspace,
            pulled.counts.plan,
            self.record.before(pulled.plan, pulled.tip),
            self.record.keep,
            self.progress,
            announce,
            pulled.tip.commit,
            self.record.snapshot,
        )

    def summarise(self, pulled: Pulled, proof: Proof) -> tuple[Report, bytes]:
        """Step 3. What there is to say, and the plan with it written in.

        What somebody meddled with stays named until there is something new to say.
        """
        found = pulled.counts.foreign
        named = (*found, *settled(self.record.last.foreign if self.record.last else (), found))
        said = self._said(pulled, proof, named)
        return said if said[1] == pulled.text or named == found else self._said(pulled, proof, found)

    def _said(self, pulled: Pulled, proof: Proof, foreign: tuple[Foreign, ...]) -> tuple[Report, bytes]:
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
            pulled.counts.weakened,
            foreign,
        )
        try:
            if pulled.sequel:
                teams = [team for team in report.teams if not team.kept]
                return report, pulled.sequel.edited(_ticks(teams), self._blocks(report, teams))
            return report, apply(pulled.text, _ticks(report.teams), self._blocks(report, report.teams))
        except ValueError as error:
            if self.summaries.are_ours:
                raise
            mend = "take the plan's own words (boxes, headings, comments) out of what they print"
            raise ConfigurationError("the repository's templates break the plan", why=str(error), mend=mend) from error

    def publish(self, pulled: Pulled, report: Report, text: bytes) -> str:
        """Step 4. The new plan as a commit on the newest one; empty where it says nothing new, or in a dry run."""
        if pulled.tip.says(text) or self.request.dry_run:
            return ""
        last = self.record.last
        expects = last.plan if pulled.sequel and last else plan_digest(expected(pulled.counts.plan))
        message = self.summaries.commit_message(report, expects, skip_ci=self.workspace.configuration.skip_ci)
        return self.source.publish(pulled.tip, self.path, text, message, lambda: self._prepare(pulled.plan, report))

    def _prepare(self, plan: Plan, report: Report) -> None:
        """Makes the notices; what is wrong with them must not look like a push that failed, and is said after it."""
        with suppress(CheckpointError):
            self.source.look()
            self.notices(plan, report)

    def notify(self, pulled: Pulled, proof: Proof, report: Report, text: bytes, commit: str) -> Now:
        """Step 5. Records what was proven and, where there is something new, whom to tell: the outbox carries it.

        The person's checkout is brought up to date at the same time: git and we then wait for each other no more
        than we must.
        """
        if self.request.dry_run:
            diff = difference(pulled.text, text, self.path)
            return Now(result="dry-run", report=report, diff=diff, notes=self._notes())
        is_news = commit or pulled.resumed
        result: Taken = "published" if commit else "unchanged"

        def record() -> None:
            notices = self.notices(pulled.plan, report) if is_news else ()
            try:
                counts = None if pulled.sequel else pulled.counts.plan
                kept = self._kept(pulled, proof, report, text, commit)
                self.notes += self.record.finish(proof, report, counts, result, commit, notices, kept)
            except CheckpointError as error:
                raise unrecorded(commit, error) if commit else error from error
            self.carry()

        if is_news or self.workspace.was_mended:  # where a run was killed, the checkout may be behind
            published = commit or pulled.tip.commit
            self.notes += followed(self.workspace, pulled.tip, published, record, resumed=pulled.resumed)
        else:
            record()
        counts = pulled.tip.own or text
        is_other = self._is_other_here(counts)
        if is_other and not self.notes:
            self.notes.append(f"your {self.path} differs from the one on {self.source.read_at}, which is what counts")
        if not is_other:
            with suppress(CheckpointError):
                note_plan(self.workspace.store_folder, self.workspace.plan_file, blob_id(counts, pulled.tip.commit))
        return Now(result=result, commit=commit, report=report, notes=self._notes())

    def _is_other_here(self, text: bytes) -> bool:
        """Whether the plan in the work tree is not the one that was checkpointed: not pulled, pushed or committed.

        Line ends do not count: git may give a checkout others.
        """
        here = self.workspace.checkout.is_checked_out and os.path.exists(self.workspace.plan_file)
        try:
            mine = self.workspace.read_plan() if here else text
            return mine != text and mine.replace(b"\r\n", b"\n") != text.replace(b"\r\n", b"\n")
        except UsageError:  # it cannot be read; what is published stands
            return True

    def notices(self, plan: Plan, report: Report) -> tuple[Row, ...]:
        """What each channel is to be told; made while the push is under way."""
        if self._notices is None or self._notices[0] is not report:
            made = Notices(plan, report, self.summaries, self.workspace.now)
            self._notices = (report, made.to(self.notifiers))
        return self._notices[1]

    def _kept(self, pulled: Pulled, proof: Proof, report: Report, text: bytes, commit: str) -> Kept | None:
        """What the next one needs to look only into some teams."""
        if self.source.aside:
            return None
        newest = pulled.tip.newest(self.path)
        made = report.id if commit else newest.id if newest else ""
        blob = blob_id(text, pulled.tip.blob)
        if pulled.sequel:
            return pulled.sequel.kept_after(proof, report, made, blob)
        return kept_after(pulled.plan, proof, report, pulled.text, text, self.source.branch, made, blob)

    def _blocks(self, report: Report, teams: Iterable[TeamReport]) -> dict[Key, str]:
        blocks: dict[Key, str] = {("status", ""): self.summaries.status_block(report)}
        for team in teams:
            blocks["next", team.name] = self.summaries.next_block(team, report.actions[team.name])
        return blocks

    def _already_done(self, pulled: Pulled, made: Commit) -> Now:
        """What there is to say where the slot has its checkpoint: what was found here last, or is found now."""
        report = self.record.already_done() or self.summarise(pulled, self.validate(pulled))[0]
        note = f"the slot {self.request.slot} has its checkpoint already, by {made.author}"
        return Now(result="already-done", commit=made.commit, report=report, notes=(note,))

    def _notes(self) -> tuple[str, ...]:
        damaged = [f"a damaged journal was set aside: {path}" for path in self.workspace.store.set_aside]
        return (*self.remarks, *self.notes, *damaged)


def _ticks(teams: Iterable[TeamReport]) -> dict[str, bool]:
    """The boxes that are the checkpoint's to set: those of tasks that expect something."""
    return {task.id: task.state == "verified" for team in teams for task in team.tasks if task.verdicts}
