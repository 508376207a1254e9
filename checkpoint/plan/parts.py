"""Edits of a plan's pieces one by one (see `pieces`), where it is known that the plan as a whole has no problems.

Put together with the pieces that stayed as they were, what these give is what `edit.apply` makes of the whole. They
give None where that is for `apply` to settle: the piece is in no plain form, or its text could change what it says.
"""

from __future__ import annotations

from collections.abc import Mapping

from checkpoint.plan.edit import Key, block_patches, tick_patches
from checkpoint.plan.lines import Lines
from checkpoint.plan.model import Plan, Team
from checkpoint.plan.parse import Document, read, section_of
from checkpoint.plan.pieces import read_team
from checkpoint.plan.touched import patched_in_place

_NEXT = b"## x\n"
"""What stands for the next piece, so that words at the end of one are put in front of another."""


def apply_to_head(head: bytes, text: str, *, is_last: bool = False) -> bytes | None:
    """The head of a plan with this text in the status block."""
    data = head if is_last else head + _NEXT
    before = read(data)
    has_block = any(block.kind == "status" for block in before.plan.blocks)
    if (
        before.plan.problems
        or before.plan.teams
        or not (has_block or before.title_line)
        or not _is_plain(head, is_last)
    ):
        return None
    return _applied(before, data, {}, {("status", ""): text}, is_last=is_last)


def apply_to_team(piece: bytes, ticks: Mapping[str, bool], text: str | None, *, is_last: bool = False) -> bytes | None:
    """The piece of one team with these tasks ticked or not, and this text in its block, if one is given."""
    team = read_team(piece)
    if team is None or not _is_plain(piece, is_last):
        return None
    blocks: dict[Key, str] = {("next", team.name): text} if text is not None else {}
    return _applied(
        _document(team, piece, is_last), piece if is_last else piece + _NEXT, ticks, blocks, is_last=is_last
    )


def _is_plain(piece: bytes, is_last: bool) -> bool:
    """Whether each line ends in LF, but for the plan's last one."""
    return b"\r" not in piece and not piece.startswith(b"\xef") and (is_last or piece.endswith(b"\n"))


def _document(team: Team, piece: bytes, is_last: bool) -> Document:
    """What there is to know of one team's piece, as if it was a plan of its own."""
    section = section_of(piece, 1, is_last=is_last)
    pieces = () if is_last else ((len(piece), piece.count(b"\n") + 1),)
    plan = Plan(teams=(team,), blocks=section.paired.blocks)
    return Document(plan, ends={team.name: section.owners[0].last}, pieces=pieces)


def _applied(
    before: Document, data: bytes, ticks: Mapping[str, bool], blocks: Mapping[Key, str], *, is_last: bool
) -> bytes | None:
    lines = Lines(data, before.pieces)
    patches = [*tick_patches(before.plan, lines, ticks), *block_patches(before, lines, b"\n", blocks)]
    result = patched_in_place(before, lines, patches, ticks)
    return result if is_last or result is None else result.removesuffix(_NEXT)
