"""What Slack takes of a message: how many blocks, and how many characters in each and in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import msgspec

Block: TypeAlias = dict[str, Any]

BLOCKS = 45
"""Blocks of a message; Slack takes 50."""
TOTAL = 12_000
"""Characters of a message, counted as JSON; Slack takes about 13,200, which no page of its documents says."""
SECTION = 2900
HEADER = 150
FIELD = 1900
ELEMENTS = 10
MORE = 200
"""Room for what says how much was left out."""
_LINE = 1000


class Part(msgspec.Struct, frozen=True):
    """A block, and the team that it belongs to; "" where it belongs to none."""

    block: Block
    team: str = ""


def fitted(parts: Sequence[Part]) -> list[Block]:
    """The blocks in their order, as far as Slack takes them. What belongs to no team comes before teams; what is left
    out is counted where it would have stood."""
    room, count = TOTAL - MORE, BLOCKS - 1
    kept: set[int] = set()
    groups = _groups(parts)
    for numbers in sorted(groups.values(), key=lambda each: bool(parts[each[0]].team)):
        cost = sum(_cost(parts[number].block) for number in numbers)
        if cost > room or len(numbers) > count:
            break
        room, count = room - cost, count - len(numbers)
        kept |= set(numbers)
    left_out = [number for number in range(len(parts)) if number not in kept]
    more = {left_out[0]: _more({parts[number].team for number in left_out})} if left_out else {}
    return [more.get(number, part.block) for number, part in enumerate(parts) if number in kept or number in more]


def _groups(parts: Sequence[Part]) -> dict[object, list[int]]:
    """The numbers of the parts that stay together: those of a team, and each of the others by itself."""
    groups: dict[object, list[int]] = {}
    for number, part in enumerate(parts):
        groups.setdefault(part.team or number, []).append(number)
    return groups


def _more(teams: set[str]) -> Block:
    number = len(teams - {""})
    what = f"{number} more {'team' if number == 1 else 'teams'}" if number else "more"
    text = f"… and {what}: `checkpoint status`"
    return {"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}


def within(text: str, most: int, command: str = "checkpoint status") -> str:
    """As many of the lines as there is room for; the last one says how many there are beside."""
    if size(text) <= most or "\n" not in text:
        return cut(text, most)
    lines = [cut(line, _LINE) for line in text.splitlines()]
    shown: list[str] = []
    room = most - MORE
    for line in lines:
        room -= size(line) + 1
        if room < 0:
            break
        shown.append(line)
    left = len(lines) - len(shown)
    return "\n".join(
        (*shown, *([f"… and {left} more {'line' if left == 1 else 'lines'}: `{command}`"] if left else []))
    )


def cut(text: str, most: int) -> str:
    """At most so many characters, as Slack counts them."""
    if size(text) <= most:
        return text
    kept = text[: most - 1]
    while size(kept) > most - 1:
        kept = kept[: len(kept) - (size(kept) - most) // 2 - 1]
    return f"{kept.rstrip()}…"


def size(text: str) -> int:
    """Characters as Slack counts them: UTF-16 units, so that an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _cost(block: Block) -> int:
    return size(msgspec.json.encode(block).decode()) + 1
