"""One piece of a plan → what it says: by the quickest reader that is certain of it.

The plainest forms are read by `lane`, plain ones by `plain`, and all others by markdown-it-py.
"""

from __future__ import annotations

from functools import lru_cache

import msgspec

from checkpoint.lazy import load
from checkpoint.plan.lane import read_plain
from checkpoint.plan.plain import scan
from checkpoint.plan.section import Section, interpret, placed


class _Reading(msgspec.Struct, frozen=True):
    """What a text says where it begins in the line `first`. What was costly to find is kept apart from that place."""

    first: int
    section: Section
    anywhere: Section | None


class Readings:
    """What was read lately, so that a text that is read again costs what has changed in it.

    The texts that are kept have `most` characters, or twice as many; `count` says how many texts were read at all.
    """

    def __init__(self, most: int = 10_000_000) -> None:
        self.count = 0
        self._most = most
        self._size = 0
        self._recent: dict[str, _Reading] = {}
        self._older: dict[str, _Reading] = {}

    def forget(self) -> None:
        self._size, self._recent, self._older = 0, {}, {}

    def piece(self, text: str, first: int) -> Section:
        """What a piece says that begins in that line of the plan. The text has no end of its last line."""
        kept = self._recent.get(text) or self._older.get(text)
        if kept is None or kept.first != first:
            kept = self._read(text, first, kept)
        if text not in self._recent:
            self._make_room(len(text))
        self._recent[text] = kept
        return kept.section

    def once(self, text: str, first: int) -> Section:
        """The same of a text that nobody may ask about again: it is not kept."""
        kept = self._recent.get(text) or self._older.get(text)
        return kept.section if kept is not None and kept.first == first else self._read(text, first, kept).section

    def _make_room(self, size: int) -> None:
        if self._size + size > self._most:
            self._size, self._recent, self._older = 0, {}, self._recent
        self._size += size

    def _read(self, text: str, first: int, kept: _Reading | None) -> _Reading:
        """Reads a text, or what is not in the plainest forms and has moved."""
        if kept is None or kept.anywhere is None:
            self.count += kept is None
            plainest = read_plain(text, first)
            if plainest is not None:
                return _Reading(first, plainest, None)
        anywhere = kept.anywhere if kept is not None and kept.anywhere is not None else read_section(text)
        return _Reading(first, placed(anywhere, first), anywhere)


def read_section(text: str) -> Section:
    """What a piece says, with lines and columns from 0 within it."""
    lines = text.split("\n")
    nodes = scan(lines)
    return interpret(load("checkpoint.plan.markdown").nodes(lines) if nodes is None else nodes, lines)


READINGS = Readings()
read_piece = READINGS.piece
read_once = READINGS.once


@lru_cache(maxsize=2048)
def is_closed(text: bytes) -> bool:
    """Whether a heading behind this text, whose last line has its end, would stand on its own."""
    lines = text.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return bool(load("checkpoint.plan.markdown").is_closed(lines[:-1]))
