"""Undoes a checkpoint: a new commit puts the plan's boxes and blocks back as they were before it.

What they were lies in git's history, so anybody can undo anybody's checkpoint. What people have written since stays. An
undo says nothing about what is true: the next checkpoint finds that anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from checkpoint.documents import Undo
from checkpoint.errors import CheckpointError, PlanError, UsageError
from checkpoint.git.log import Commit, standing
from checkpoint.git.source import Tip, checkpoints, plan_at, refuse_unwritable
from checkpoint.notify import Notice, Notifier
from checkpoint.notify.rows import row
from checkpoint.plan.harmless import printable
from checkpoint.plan.model import Plan
from checkpoint.plan.restore import restore
from checkpoint.publishing import difference, followed, unrecorded, until_won
from checkpoint.record import Record, Request, Undone
from checkpoint.redaction import redact
from checkpoint.store.outbox import Row
from checkpoint.summaries import SKIP_CI
from checkpoint.telling import wanted_by
from checkpoint.workspace import Workspace

MOST = 2000
"""Checkpoints of a plan that are looked through for the one that is meant."""


class _Found(msgspec.Struct, frozen=True):
    """What is to be undone on that tip, and the plan without it.

    `commit` is there where it is undone already, by a run that was cut off. `stands` as in `Undone`.
    """

    tip: Tip
    now: bytes
    plan: Plan
    made: Commit
    stands: Commit | None
    text: bytes
    commit: str = ""


class Undoing:
    """One undo: `undo` publishes it. The plan is held meanwhile, and its fetch is under way (`Branch.held`)."""

    def __init__(
        self,
        workspace: Workspace,
        request: Request,
        name: str,
        notifiers: tuple[Notifier, ...] = (),
        carry: Callable[[], object] = lambda: None,
    ) -> None:
        """`name` is the checkpoint's id or commit, or how one of them begins; empty for the last that stands.

        `notifiers` and `carry` are as in `Checkpoint`.
        """
        self._workspace = workspace
        self._source = workspace.source
        self._path = workspace.plan_path
        self._request = request
        self._name = name
        self._notifiers = notifiers
        self._carry = carry
        self._record = Record(workspace, request)

    def undo(self) -> Undo:
        """Publishes it, whole or not at all; nothing where nothing is left to undo of what was named.

        Raises CheckpointError where that cannot be, UsageError where there is no such checkpoint.
        """
        with self._workspace.store:
            self._record.begin()
            try:
                return until_won(self._source, self._attempt)
            except UsageError:
                self._record.forget()
                raise
            except CheckpointError as error:
                self._record.fail(error)
                raise

    def _attempt(self) -> Undo:
        found = self._find()
        self._name = found.made.id  # whoever is faster now, it stays the one that is meant
        is_there = found.tip.says(found.text)
        if self._request.dry_run:
            return self._answer(found, "dry-run", diff=difference(found.now, found.text, self._path))
        if is_there and not found.commit:
            self._record.already_done()
            note = f"{self._path} is already as it was before {found.made.id}"
            return self._answer(found, "already-done", notes=(note,))
        return self._finish(found, found.commit or self._publish(found))

    def _find(self) -> _Found:
        tip = self._source.tip(self._path)
        refuse_unwritable(tip, self._path)
        now = tip.plan or b""
        plan = self._workspace.usable(now)
        every = checkpoints(self._source.git, tip, self._path, MOST)
        named = self._named(every, tip) if self._name else None
        left = self._left_by_a_run_that_was_cut_off(every)
        if left and (named is None or named.id == every[0].undoes):
            return _Found(tip, now, plan, left, _before(every, left), now, every[0].commit)
        for made in (named,) if named else standing(every):
            text = self._without(made, now, every)
            if named or not tip.says(text):
                return _Found(tip, now, plan, made, _before(every, made), text)
        mend = "`checkpoint log` lists what was published"
        raise UsageError(f"there is no checkpoint of {self._path} left to undo", mend=mend)

    def _left_by_a_run_that_was_cut_off(self, every: Sequence[Commit]) -> Commit | None:
        """What the newest of all undoes, where that is a run of ours that could not record it and tell anybody."""
        if not every or not every[0].undoes or not self._record.was_cut_off(every[0]):
            return None
        return next((made for made in every if made.id == every[0].undoes), None)

    def _named(self, every: Sequence[Commit], tip: Tip) -> Commit:
        exact = next((made for made in every if self._name in (made.id, made.commit)), None)
        found = [exact] if exact else [*_beginning(every, self._name)]
        if len(found) == 1:
            return found[0]
        mend = "`checkpoint log` lists them"
        if found:
            why = ", ".join(made.commit[:12] for made in found[:5])
            raise UsageError(f"several checkpoints begin with `{self._name}`", why=why, mend="give more of it")
        why = f"{self._source.where} has none of that id or commit"
        if any(_beginning(tip.recent, self._name)):
            why, mend = f"it is not one of {self._path}", "name its plan: --plan FILE"
        elif run := self._record.journal.run(self._name):
            why = f"that run ended as {run.result}, and published nothing that is on {self._source.where} now"
        raise UsageError(f"there is no checkpoint `{printable(self._name)}` to undo", why=why, mend=mend)

    def _without(self, made: Commit, now: bytes, every: Sequence[Commit]) -> bytes:
        git = self._source.git
        was, written = (plan_at(git, commit, self._path) for commit in (f"{made.commit}^", every[0].commit))
        try:
            return restore(now, was or b"", written or b"")
        except ValueError as error:
            mend = f"look at it, and do it by hand: git show {made.commit[:12]}"
            raise PlanError(f"what was before {made.id} cannot be put back", why=str(error), mend=mend) from error

    def _publish(self, found: _Found) -> str:
        subject = f"checkpoint: undo {_called(found.made)}"
        subject += f" {SKIP_CI}" if self._workspace.configuration.skip_ci else ""
        trailers = {"Id": self._request.id, "Slot": self._request.slot, "Plan": printable(self._path)}
        trailers["Undo"] = found.made.id
        message = "\n".join((subject, "", *(f"Checkpoint-{name}: {value}" for name, value in trailers.items()), ""))
        return self._source.publish(found.tip, self._path, found.text, message)

    def _finish(self, found: _Found, commit: str) -> Undo:
        def record() -> None:
            headline = f"undid {_called(found.made)}"
            done = Undone(found.made, found.stands, found.tip.commit, commit, headline)
            try:
                self._record.undid(done, self._notices(found))
            except CheckpointError as error:
                raise unrecorded(commit, error, "the next `checkpoint undo`") from error
            self._carry()

        notes = followed(self._workspace, found.tip, commit, record)
        return msgspec.structs.replace(self._answer(found, "published", notes=notes), commit=commit)

    def _notices(self, found: _Found) -> Iterator[Row]:
        """For all whom the plan wants told, whatever its transparency: it takes back what they were told."""
        who = self._workspace.checkout.identity.name or "somebody"
        title = f"undone: checkpoint {_called(found.made)}, by {printable(who)}"
        text = f"{self._path} has its boxes and blocks of before again. The next checkpoint says what is true then."
        notice = Notice(
            self._request.id,
            self._path,
            redact(": ".join(filter(None, (found.plan.title, title)))),
            redact(f"It said: {found.made.subject}\n{text}"),
            at=self._workspace.now,
        )
        return (row(each.name, notice) for each in self._notifiers if wanted_by(found.plan, each))

    def _answer(self, found: _Found, result: str, *, diff: str = "", notes: tuple[str, ...] = ()) -> Undo:
        damaged = tuple(f"a damaged journal was set aside: {path}" for path in self._workspace.store.set_aside)
        values = {"result": result, "undone": found.made.id, "author": found.made.author, "diff": diff}
        return msgspec.convert(values | {"notes": (*notes, *damaged)}, Undo)


def _before(every: Sequence[Commit], made: Commit) -> Commit | None:
    """The last that stands where that one is undone."""
    return next(standing(every[every.index(made) + 1 :]), None)


def _beginning(every: Sequence[Commit], name: str) -> Iterator[Commit]:
    return (made for made in every if name and (made.id.startswith(name) or made.commit.startswith(name)))


def _called(made: Commit) -> str:
    return f"{printable(made.id)} of {made.author}"
