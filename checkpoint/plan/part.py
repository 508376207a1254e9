"""Changes to some pieces of a plan, where the others need not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.pieces import cut


def edited(pieces: Sequence[bytes], ticks: Mapping[str, bool], blocks: Mapping[Key, str]) -> list[bytes] | None:
    """The plan's head and some of its sections (`pieces.cut`), in their order, with these ticks and blocks.

    None where they would not be pieces any more, each by itself. Raises ValueError as `edit.apply` does.
    """
    result = apply(b"".join(pieces), ticks, blocks, part=True)
    found = cut(result)
    return [result[each.start : each.stop] for each in found] if len(found) == len(pieces) else None
