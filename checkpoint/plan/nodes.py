"""What a plan's reader looks at: the few blocks of Markdown that carry meaning, in their order.

`plain.scan` and `markdown.nodes` give the same nodes for the same text; the first is fast, the second is complete.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from checkpoint.lazy import pattern

Kind: TypeAlias = Literal["heading", "marker", "item", "fence", "table", "unclosed", "deep"]


class Node(msgspec.Struct, frozen=True):
    """One block. Lines count from 0 within the piece of text that was read, and `last` is the last of them.

    `level` is a heading's 1 to 6, or the number of lists around an item's own list. `text` is a heading's or an
    item's first paragraph, each line stripped, or a marker's line; `column` counts from 0 to where the text begins.
    """

    kind: Kind
    line: int
    last: int
    level: int = 0
    column: int = 0
    text: str = ""


MARKER = pattern(r"<!--[ \t]*/?[ \t]*checkpoint[ \t]*:")
"""How a line begins that is, or wants to be, the marker of a managed block."""

FENCE = pattern(r"(`{3,})[^`]*$|(~{3,})")
"""A line in the first column that opens a fence."""


def closes(line: str, fence: str) -> bool:
    """Whether this line ends the fence that the run of marks `fence` opened in the first column."""
    body = line.strip(" \t")
    if len(body) < len(fence) or body.strip(fence[0]):
        return False
    return len(line) - len(line.lstrip(" ")) <= 3 and not line.lstrip(" ").startswith("\t")
