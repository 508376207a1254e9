"""One piece of a plan → what it says: by the scanner, or where the text is not plain by markdown-it-py."""

from __future__ import annotations

from functools import lru_cache

from checkpoint.lazy import load
from checkpoint.plan.plain import scan
from checkpoint.plan.section import Section, interpret, placed


def read_piece(text: str, first: int) -> Section:
    """What a piece says that begins in that line of the plan. The text has no end of its last line."""
    return placed(read_section(text), first)


@lru_cache(maxsize=512)
def read_section(text: str) -> Section:
    lines = text.split("\n")
    nodes = scan(lines)
    return interpret(load("checkpoint.plan.markdown").nodes(lines) if nodes is None else nodes, lines)


@lru_cache(maxsize=512)
def is_closed(text: bytes) -> bool:
    """Whether a heading behind this text, whose last line has its end, would stand on its own."""
    lines = text.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    return bool(load("checkpoint.plan.markdown").is_closed(lines[:-1]))
