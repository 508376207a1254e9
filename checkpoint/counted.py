"""What counts of a plan, and what was done to it since the last checkpoint that nobody but a checkpoint may do."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from checkpoint.baseline import expected, restored
from checkpoint.git.log import history
from checkpoint.git.source import Tip, plan_at
from checkpoint.plan.model import Plan
from checkpoint.plan.weakening import strengthen
from checkpoint.published import Published, foreign
from checkpoint.record import Record
from checkpoint.report import Foreign, Weakened
from checkpoint.store.journal import plan_digest
from checkpoint.validation.trust import baseline_item
from checkpoint.validation.weaker import weakened


class Counted(msgspec.Struct, frozen=True):
    """The plan, or under `approval: strict` what it expected before it was weakened; where it was, and who meddled."""

    plan: Plan
    weakened: tuple[Weakened, ...]
    foreign: tuple[Foreign, ...]


def counted(record: Record, tip: Tip, text: bytes, plan: Plan) -> Counted:
    """What counts of the newest plan, held against what the journal and the branch know of the last checkpoint."""
    published = record.published(tip)
    meddled = _meddled(record, published, tip, text)
    last = record.last
    is_known = last is not None and record.agrees(published)
    if is_known and last and last.plan == plan_digest(expected(plan)):
        return Counted(plan, last.weakened, meddled)
    trust = record.workspace.trust
    counts, result, found = True, plan, dict[tuple[str, ...], Weakened]()
    for old, since in _baselines(record, published, is_known):
        strict = "strict" in (old.settings.approval, plan.settings.approval)
        counts = counts and (not strict or trust.is_approved(baseline_item(plan)))
        weaker = _weaker(record, tip, old, plan, since, counts)
        found = {(each.team, each.task, each.was, each.now): each for each in weaker} | found
        if weaker and not counts:
            result = strengthen(result, old)
    return Counted(result, tuple(found.values()), meddled)


def _baselines(record: Record, published: Published, is_known: bool) -> Iterator[tuple[Plan, str]]:
    """What the last checkpoint expected, each with its commit: as the journal has it, and as the branch does."""
    last = record.last
    kept = record.journal.plan(last.plan) if last else None
    old = restored(kept) if kept else None
    if last and old:
        yield old, last.published or last.base
    if published.made and not is_known:
        before = published.baseline()
        if before:
            yield before, published.made.commit


def _weaker(record: Record, tip: Tip, old: Plan, plan: Plan, since: str, counts: bool) -> tuple[Weakened, ...]:
    git, path = record.workspace.source.git, record.workspace.plan_path
    return weakened(
        old,
        plan,
        lambda: history(git, tip.commit, path, since),
        lambda commit: plan_at(git, commit, path),
        record.last.weakened if record.last else (),
        counts=counts,
    )


def _meddled(record: Record, published: Published, tip: Tip, text: bytes) -> tuple[Foreign, ...]:
    git, path = record.workspace.source.git, record.workspace.plan_path
    since = published.made.commit if published.made else ""
    found = foreign(
        published,
        text,
        lambda: history(git, tip.commit, path, since, tip.heads),
        lambda commit: plan_at(git, commit, path),
        record.last.foreign if record.last else (),
    )
    edited = (Foreign("journal", "", "edited"),) if record.is_edited(published) else ()
    return (*found, *edited)
