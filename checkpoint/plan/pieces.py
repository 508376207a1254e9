"""A plan's bytes as its head and one piece for each section of level 2: what did not change need not be read again."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import msgspec

from checkpoint.plan.model import Team
from checkpoint.plan.reading import is_closed, read_piece
from checkpoint.plan.section import Section
from checkpoint.plan.sections import body_start, cuts, is_cuttable
from checkpoint.plan.text import normal, unreadable


class Piece(msgspec.Struct, frozen=True, gc=False):
    """The bytes from `start` up to, but without, `stop`; `first` is the number of their first line, from 1.

    `digest` has 16 bytes: pieces of the same digest have the same bytes, and say the same.
    """

    first: int
    start: int
    stop: int
    digest: bytes


def cut(data: bytes) -> list[Piece]:
    """The plan in pieces that cover every byte: its head (front matter, title, status block …), then its sections.

    Reading them one by one is reading the whole. So a piece holds several sections of level 2 where it is not certain
    that they can be told apart, and a text that cannot be read, or has lines that end in CR alone, is one piece.
    """
    found: list[Piece] = []
    first = 1
    for start, stop in pairwise(_edges(data)):
        text = data[start:stop]
        found.append(Piece(first, start, stop, hashlib.sha256(text).digest()[:16]))
        first += text.count(b"\n")
    return found


def _edges(data: bytes) -> list[int]:
    """Where the pieces begin, and where the last one ends."""
    if not is_cuttable(data) or unreadable(data) is not None:
        return [0, len(data)]
    return [0, *cuts(data, body_start(data), is_closed), len(data)]


def read_team(piece: bytes) -> Team | None:
    """The one team of such a piece, its lines counted from 1 where the piece begins.

    None where the piece has no team, several, a mistake, a title, or managed blocks other than the team's own: only the
    whole plan tells what these mean. It alone tells, too, whether names stand twice and who it is that `after` names.
    """
    if unreadable(piece) is not None:
        return None
    section = read_piece(normal(piece).decode().removesuffix("\n"), 1)
    return section.owners[0].team if _is_plain(section) else None


def _is_plain(section: Section) -> bool:
    """Whether this is one team, with nothing beside it that the rest of a plan could have to do with."""
    if len(section.owners) != 1 or section.title or section.conflicts or section.problems:
        return False
    team, paired = section.owners[0].team, section.paired
    blocks = [(block.kind, block.team) for block in paired.blocks]
    ids = {task.id for task in team.tasks}
    return not paired.problems and blocks in ([], [("next", team.name)]) and len(ids) == len(team.tasks)
