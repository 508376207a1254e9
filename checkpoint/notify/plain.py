"""A notice as plain lines, safe for a terminal and a file."""

from __future__ import annotations

from checkpoint.notify import Notice
from checkpoint.redaction import strip_controls

CHARACTERS = 64 * 1024
"""As much of a notice's text as is looked at."""


def lines(notice: Notice, count: int, width: int) -> list[str]:
    """The title and then the text: at most `count` lines of at most `width` characters, none of them a control.

    Where lines are left out, the last one says how many.
    """
    every = [_cut(" ".join(_lines(notice.title)), width), *(_cut(line, width) for line in _lines(notice.text))]
    if len(every) <= count:
        return every
    return [*every[: count - 1], f"… and {len(every) - count + 1} more lines"]


def _lines(text: str) -> list[str]:
    looked_at = strip_controls(text[:CHARACTERS]).strip("\n").splitlines()
    return [*looked_at, "…"] if len(text) > CHARACTERS else looked_at


def _cut(line: str, width: int) -> str:
    kept = line[:width].expandtabs(4).rstrip()
    return kept if len(line) <= width and len(kept) <= width else kept[: width - 1] + "…"
