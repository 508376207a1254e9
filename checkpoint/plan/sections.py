"""Cutting a plan into pieces that can be read one by one, at headings of level 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from checkpoint.plan.nodes import FENCE, closes

_NESTED_OPENING = re.compile(r"[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])[ \t>]*)*(?:```|~~~|<)")


def pieces(lines: Sequence[str], is_closed: Callable[[Sequence[str]], bool]) -> Iterator[tuple[int, int]]:
    """The first line of each piece and the line after its last.

    A piece begins at a `## ` in the first column that is a heading on its own: reading the pieces one after the other
    is reading the whole. It may hold more headings of level 2. Fences in the first column are followed here; where
    others, or HTML, leave a doubt, `is_closed` decides (it is asked again only for twice as many lines, which keeps
    the time linear).
    """
    start, fence, doubt, ask_at = 0, "", False, 0
    for number, line in enumerate(lines):
        if doubt or fence:
            if fence and closes(line, fence):
                fence = ""
            if not doubt or not _is_heading(line) or number - start < ask_at:
                continue
            ask_at = 2 * (number - start)
            if not is_closed(lines[start:number]):
                continue
        elif not _is_heading(line):
            fence, doubt = _opens(line)
            continue
        if number > start:
            yield start, number
        start, fence, doubt, ask_at = number, "", False, 0
    yield start, len(lines)


def _is_heading(line: str) -> bool:
    return line.startswith(("## ", "##\t")) or line == "##"


def _opens(line: str) -> tuple[str, bool]:
    """The fence that this line opens in the first column, and whether it leaves a doubt."""
    if line[:1] in ("`", "~"):
        match = FENCE.match(line)
        return (match[1] or match[2], False) if match else ("", False)
    if line.startswith("<!--") and "-->" in line:
        return "", False
    return "", ("<" in line or "```" in line or "~~~" in line) and _NESTED_OPENING.match(line) is not None
