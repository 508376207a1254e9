"""A notice as plain lines, safe for a terminal and a file."""

from __future__ import annotations

from checkpoint.notify import Notice
from checkpoint.redaction import strip_controls

CHARACTERS = 64 * 1024
"""As much of a notice's text as is looked at."""


def lines(notice: Notice, count: int, width: int) -> list[str]:
    """Its title, remarks and text: at most `count` lines of at most `width` characters, none of them a control.

    Where lines are left out, the last one says how many.
    """
    every = [_cut(line, width) for line in (_line(notice.title), *remarks(notice), *_lines(notice.text))]
    if len(every) <= count:
        return every
    return [*every[: count - 1], f"… and {len(every) - count + 1} more lines"]


def heading(notice: Notice) -> str:
    """Its title as one line; what is no checkpoint says what it is, unless it is the end of a trouble."""
    is_over = notice.kind == "trouble" and notice.level == "good"
    return ("" if notice.kind == "checkpoint" or is_over else f"{notice.kind}: ") + _line(notice.title)


def remarks(notice: Notice) -> tuple[str, ...]:
    """That it stands for earlier ones too, and which ones may never have arrived: a line each."""
    said = []
    if earlier := len(notice.earlier) + notice.more:
        said.append(f"stands for {counted(earlier, 'earlier checkpoint')} too")
    if notice.unsure:
        said.append(f"may not have arrived: {'; '.join(map(_line, notice.unsure))}")
    return tuple(said)


def counted(number: int, noun: str) -> str:
    """`2 terminals`."""
    return f"{number} {noun}" if number == 1 else f"{number or 'no'} {noun}s"


def _line(text: str) -> str:
    return " ".join(_lines(text))


def _lines(text: str) -> list[str]:
    looked_at = strip_controls(text[:CHARACTERS]).strip("\n").splitlines()
    return [*looked_at, "…"] if len(text) > CHARACTERS else looked_at


def _cut(line: str, width: int) -> str:
    kept = line[:width].expandtabs(4).rstrip()
    return kept if len(line) <= width and len(kept) <= width else kept[: width - 1] + "…"
