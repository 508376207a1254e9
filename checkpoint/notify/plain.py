"""A notice as plain lines, safe for a terminal and a file."""

from __future__ import annotations

import unicodedata

from checkpoint.notify import Notice

CHARACTERS = 64 * 1024
"""As much of a notice's text as is looked at."""


def lines(notice: Notice, count: int, width: int) -> list[str]:
    """The title and then the text: at most `count` lines of at most `width` characters, none of them a control.

    Where lines are left out, the last one says how many.
    """
    every = [_plain(notice.title.replace("\n", " "), width), *_text(notice.text, width)]
    if len(every) <= count:
        return every
    return [*every[: count - 1], f"… and {len(every) - count + 1} more lines"]


def _text(text: str, width: int) -> list[str]:
    looked_at = text.strip("\n")
    if len(looked_at) > CHARACTERS:
        looked_at = looked_at[:CHARACTERS] + "\n…"
    return [_plain(line, width) for line in looked_at.splitlines()]


def _plain(line: str, width: int) -> str:
    kept = "".join(c for c in line[: width * 8].expandtabs(4) if unicodedata.category(c)[0] != "C").rstrip()
    return kept if len(kept) <= width else kept[: width - 1] + "…"
