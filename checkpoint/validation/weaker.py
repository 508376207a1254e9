"""Who made a plan ask for less, and whether that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checkpoint.git.source import Change
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse
from checkpoint.plan.weakening import Weakening, weakenings
from checkpoint.report import Weakened

COMMITS = 50
"""The newest changes of the plan among which the author is looked for."""


def weakened(
    old: Plan,
    new: Plan,
    history: Callable[[], Iterable[Change]],
    plan_at: Callable[[str], bytes | None],
    *,
    counts: bool,
) -> tuple[Weakened, ...]:
    """Where the new plan asks for less than the old one, each with the commit that first did.

    `history` gives the changes since the old plan, newest first; it is asked only where something is weaker.
    """
    found = weakenings(old, new)
    if not found:
        return ()
    steps = [(change, weakenings(old, parse(plan_at(change.commit) or b""))) for change in list(history())[:COMMITS]]
    steps.reverse()
    return tuple(_weakened(each, steps, counts=counts) for each in found)


def _weakened(each: Weakening, steps: list[tuple[Change, tuple[Weakening, ...]]], *, counts: bool) -> Weakened:
    first = next((change for change, already in steps if _is_among(each, already)), None)
    author, commit = (first.author, first.commit) if first else ("", "")
    return Weakened(each.team, each.task, each.how, each.was, each.now, author, commit, counts)


def _is_among(each: Weakening, others: Iterable[Weakening]) -> bool:
    return any((each.team, each.task, each.was, each.now) == (o.team, o.task, o.was, o.now) for o in others)
