"""Boxes that no task accounts for: what hides unfinished work is an error."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from checkpoint.lazy import pattern
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Problem
from checkpoint.plan.nodes import Node

_LEAD = r"[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])[ \t>]*)"
_BOX = pattern(
    rf"{_LEAD}+(?P<box>\[(?:[ xX]\](?![(\[:])|(?:.?|[ xX]{{2,3}})\](?=[ \t]|$)))"
    r"|[ \t>]*(?:#{1,6}[ \t]+)?(?P<bare>\[[ xX]\](?=[ \t]|$))"
)
_LATE_BOX = pattern(r"(?:\*\*.*?\*\*|[A-Za-z0-9._-]+)[ \t:]*\[[ xX]\](?=[ \t]|$)")
_CELL = pattern(r"(?:^|\|)[ \t]*(?:[-+*][ \t]+)?\[[ xX]\](?=[ \t|]|$)")


def stray_boxes(
    nodes: Iterable[Node],
    within: Iterable[int],
    lines: Sequence[str],
    understood: Collection[int],
    managed: Collection[int],
) -> Iterator[Problem]:
    """A problem for each line within a team's section that has a box and is not understood otherwise."""
    items = {n.line: n for n in nodes if n.kind == "item"}
    rows = {line for n in nodes if n.kind == "table" for line in range(n.line, n.last + 1)}
    for line in within:
        if "[" not in lines[line] or line in understood:
            continue
        column = _column(lines[line], items.get(line), line in rows)
        if column is not None:
            yield _problem(line, column, items.get(line), line in managed)


def _column(text: str, item: Node | None, is_row: bool) -> int | None:
    match = _BOX.match(text)
    if match is not None:
        return match.start("box") if match["box"] else match.start("bare")
    if item is not None and (late := _LATE_BOX.match(item.text)):
        return item.column + late[0].rindex("[")
    cell = _CELL.search(text) if is_row else None
    return cell[0].rindex("[") + cell.start() if cell else None


def _problem(line: int, column: int, item: Node | None, is_managed: bool) -> Problem:
    if is_managed:
        mend = "move it out of the block, which each checkpoint writes anew"
        return Problem(line, column, "a box in a managed block", "a box in a task list", mend, rule="box-managed")
    if item is None:
        mend = "make it an item of the team's list: `- [ ] **ID** title`"
        return Problem(line, column, "a box that is no task", "a box in a team's task list", mend, rule="box-place")
    if item.level:
        mend = "make it a task of its own, not indented: `- [ ] **ID** title`; or take the box away"
        return Problem(line, column, "a box in a nested list", "a box in a task of its own", mend, rule="box-nested")
    return _not_a_task(line, column, item)


def _not_a_task(line: int, column: int, item: Node) -> Problem:
    mark = re.match(r"\[(.*?)\]", item.text)
    if mark is None:
        mend = "write `- [ ] **ID** title`"
        return Problem(line, column, "a box behind other words", "the box first", mend, rule="box-place")
    if mark[1] not in (" ", "x", "X"):
        mend = "write `[ ]` or `[x]`"
        return Problem(line, column, f"the box `[{mark[1]}]`", "a space or an x in it", mend, rule="box-mark")
    mend = f"write `- [{mark[1]}] **ID** title`, ID of letters, digits, `.`, `_` and `-`, for example `**B1**`"
    return Problem(line, column, quoted(item.text), "a task's id in bold after its box", mend, rule="task-id")
