"""What of a plan checkpoints write, apart from what people write.

Derived are the boxes of tasks that expect something, and the insides of managed blocks. All else is people's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.parse import parse


class Derived(msgspec.Struct, frozen=True):
    """What one text of a plan has of it: the boxes by task, and the texts of its blocks."""

    ticks: Mapping[str, bool] = {}
    blocks: Mapping[Key, str] = {}


def derived(data: bytes) -> Derived:
    """What checkpoints have written into this text. Raises ValueError for a plan with refusals."""
    plan = parse(data)
    if plan.refusals:
        raise ValueError(f"the plan has errors, the first in line {plan.refusals[0].line}")
    lines = data.splitlines(keepends=True)
    ticks = {task.id: task.ticked for task in plan.tasks.values() if task.expectations}
    blocks: dict[Key, str] = {
        (each.kind, each.team): b"".join(lines[each.first_line : each.last_line - 1]).decode() for each in plan.blocks
    }
    return Derived(ticks, blocks)


def people(data: bytes, blocks: Iterable[Key] = ()) -> bytes:
    """The text with all that is derived taken out of it: boxes unticked, blocks emptied.

    Each of `blocks` that is missing is put where a checkpoint would put it, so that two texts of which only one has
    had its checkpoint can be compared. Raises ValueError for a plan with refusals.
    """
    found = derived(data)
    return apply(data, dict.fromkeys(found.ticks, False), dict.fromkeys((*found.blocks, *blocks), ""))


def is_same_for_people(one: bytes, other: bytes) -> bool:
    """Whether two texts differ in nothing but what is derived."""
    if one == other:
        return True
    try:
        keys = {**derived(one).blocks, **derived(other).blocks}
        return people(one, keys) == people(other, keys)
    except ValueError:
        return False


def carried(text: bytes, newer: bytes, base: bytes | None) -> bytes:
    """The text with what was derived in `newer`; a box that has changed since `base` stays as somebody has set it.

    `base` is what both came from. The text alone is the answer where one of them cannot be read, or what stands in
    the blocks of `newer` would change what the plan says.
    """
    try:
        here, there, before = derived(text), derived(newer), derived(base) if base is not None else Derived()
        ticks = {
            name: mark for name, mark in there.ticks.items() if here.ticks.get(name) == before.ticks.get(name, False)
        }
        return apply(text, ticks, there.blocks)
    except ValueError:
        return text
