"""How commands print: plain text, coloured only on a terminal, never under NO_COLOR."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import IO

_COLOURS = {"good": "32", "bad": "31", "warn": "33", "dim": "2", "strong": "1"}

_TURNS = {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Marks that turn the direction of writing, by which a line reads as another one: escaped as JSON does it."""


def wants_colour(stream: IO[str]) -> bool:
    """On a terminal, unless NO_COLOR is set; elsewhere only where FORCE_COLOR asks for it."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM") != "dumb")


class Console:
    """Writes to standard output. `quiet` drops what nobody asked for; the answer itself is always printed."""

    def __init__(self, *, quiet: bool = False, stream: IO[str] | None = None) -> None:
        self.quiet = quiet
        self.stream = stream or sys.stdout
        self._colour = wants_colour(self.stream)
        self.shows_tables = self._colour or self.stream.isatty()

    def answer(self, text: str = "") -> None:
        """What the command was called for."""
        self.stream.write((text if text.isascii() else text.translate(_TURNS)) + "\n")

    def say(self, text: str = "") -> None:
        """What else is good to know."""
        if not self.quiet:
            self.answer(text)

    def paint(self, style: str, text: str) -> str:
        """`style` is one of good, bad, warn, dim, strong."""
        return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if self._colour else text


def columns(rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Rows of cells as aligned lines; the columns in `right` are aligned to the right.

    Not rich's table: importing that takes longer than all the rest of `checkpoint status`.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines
