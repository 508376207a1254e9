"""Who made a plan ask for less, and whether that counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from checkpoint.git.log import Change
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse
from checkpoint.plan.weakening import Weakening, weakenings
from checkpoint.report import Weakened

_Key: TypeAlias = tuple[str, str, str, str]

COMMITS = 50
"""The newest changes of the plan among which the author is looked for."""


def weakened(
    old: Plan,
    new: Plan,
    history: Callable[[], Iterable[Change]],
    plan_at: Callable[[str], bytes | None],
    known: Iterable[Weakened],
    *,
    counts: bool,
) -> tuple[Weakened, ...]:
    """Where the new plan asks for less than the old one, each with the commit that first did.

    `known` are those of the last checkpoint. `history` gives the changes since then, newest first; it is asked only
    where something else is weaker.
    """
    found = weakenings(old, new)
    blamed = {_key(each): (each.author, each.commit) for each in known}
    if any(_key(each) not in blamed for each in found):
        blamed = _blamed(old, list(history())[:COMMITS], plan_at) | blamed
    return tuple(
        Weakened(each.team, each.task, each.how, each.was, each.now, *blamed.get(_key(each), ("", "")), counts)
        for each in found
    )


def _blamed(
    old: Plan, changes: Iterable[Change], plan_at: Callable[[str], bytes | None]
) -> dict[_Key, tuple[str, str]]:
    """Author and commit of each weakening: the oldest of the changes that has it."""
    blamed: dict[_Key, tuple[str, str]] = {}
    for change in changes:
        already = weakenings(old, parse(plan_at(change.commit) or b""))
        blamed |= {_key(each): (change.author, change.commit) for each in already}
    return blamed


def _key(each: Weakening | Weakened) -> _Key:
    return each.team, each.task, each.was, each.now
