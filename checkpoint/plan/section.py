"""Nodes → what they say: the title, the teams and the blocks of one piece of a plan.

Lines and columns count from 0 within the piece; `placed` then counts them as the plan does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from checkpoint.lazy import pattern
from checkpoint.plan import words
from checkpoint.plan.blocks import Found, pair
from checkpoint.plan.boxes import stray_boxes
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Expectation, Problem, Task, Team
from checkpoint.plan.nodes import Node
from checkpoint.plan.team import TeamReader

_HIDDEN_TEAM = pattern(r"[ \t>]*(?:[-+*][ \t]+)?#{1,6}[ \t]+team[ \t]*:", re.IGNORECASE)
_CONFLICT = pattern(r"(?:<{7}|>{7}|\|{7}|={7})(?: |$)")


class Owner(msgspec.Struct, frozen=True, gc=False):
    """A team with the first and the last line of its section."""

    team: Team
    first: int
    last: int


class Section(msgspec.Struct, frozen=True, gc=False):
    """What one piece of a plan says. `conflicts` are lines with marks of a merge.

    `outline` holds the markers and the headings of level 1 and 2, `paired` what they make once the piece is `placed`:
    what is said of a marker names other lines of the plan.
    """

    title: Node | None = None
    owners: tuple[Owner, ...] = ()
    conflicts: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()
    outline: tuple[Node, ...] = ()
    paired: Found = Found()


def interpret(nodes: Sequence[Node], lines: Sequence[str]) -> Section:
    """What the nodes of these lines say."""
    outline = tuple(n for n in nodes if n.kind == "marker" or (n.kind == "heading" and n.level <= 2))
    managed = _covered((block.first_line, block.last_line) for block in pair(outline).blocks)
    fenced = _covered((n.line, n.last) for n in nodes if n.kind == "fence")
    own = [n for n in nodes if n.line not in managed or n.kind in ("fence", "table")]
    problems = [*_structure(own), *_hidden_teams(nodes, lines, fenced)]
    owners = []
    for part, last in _teams(own, len(lines) - 1):
        reader = TeamReader(part, lines)
        owners.append(Owner(reader.read(), part[0].line, last))
        problems += reader.problems
        problems += stray_boxes(part, range(part[0].line + 1, last + 1), lines, reader.understood | fenced, managed)
    title = next((n for n in own if n.kind == "heading" and n.level == 1), None)
    conflicts = tuple((i, line) for i, line in enumerate(lines) if _CONFLICT.match(line) and i not in fenced)
    return Section(title, tuple(owners), conflicts, tuple(problems), outline)


def placed(section: Section, first: int) -> Section:
    """What `interpret` found, with lines and columns from 1, where the piece begins in that line."""
    if section == Section():
        return section
    return Section(
        None if section.title is None else _node(section.title, first),
        tuple(_owner(each, first) for each in section.owners),
        tuple((line + first, text) for line, text in section.conflicts),
        tuple(_problem(each, first) for each in section.problems),
        paired=pair(_node(each, first) for each in section.outline),
    )


def _node(node: Node, by: int) -> Node:
    return replace(node, line=node.line + by, last=node.last + by)


def _owner(owner: Owner, by: int) -> Owner:
    tasks = tuple(_task(task, by) for task in owner.team.tasks)
    return Owner(replace(owner.team, tasks=tasks, line=owner.team.line + by), owner.first + by, owner.last + by)


def _task(t: Task, by: int) -> Task:
    wanted = tuple(
        Expectation(e.artifact, e.validator, e.arguments, e.comment, e.line + by, e.column + 1) for e in t.expectations
    )
    return Task(t.id, t.title, t.ticked, t.after, wanted, t.line + by, t.column + 1)


def _problem(problem: Problem, by: int) -> Problem:
    return replace(problem, line=problem.line + by, column=problem.column + 1)


def _covered(ranges: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(line for first, last in ranges for line in range(first, last + 1))


def _structure(nodes: Iterable[Node]) -> Iterator[Problem]:
    for node in nodes:
        if node.kind == "unclosed":
            mend = "close it: what follows is not read as part of the plan"
            found = f"{quoted(node.text)}, which nothing closes"
            yield Problem(node.line, 0, found, "its end", mend, rule="unclosed")
        elif node.kind == "deep":
            mend = "take out some of the levels"
            yield Problem(node.line, 0, "lists or quotes nested too deep", "fewer levels", mend, rule="deep")
        elif node.kind == "heading" and words.ALMOST_TEAM.match(node.text) and not _is_team(node):
            mend = "write `## Team: NAME` or `## Team: NAME — title`; NAME has letters, digits, `.`, `_` and `-`"
            found = quoted("#" * node.level + " " + node.text)
            yield Problem(node.line, 0, found, "a team's heading", mend, rule="team-heading")


def _hidden_teams(nodes: Iterable[Node], lines: Sequence[str], fenced: Collection[int]) -> Iterator[Problem]:
    """Teams in lists, quotes and HTML, where no reader of the plan sees them."""
    headings = {node.line for node in nodes if node.kind == "heading"}
    for number, line in enumerate(lines):
        if "#" in line and _HIDDEN_TEAM.match(line) and number not in headings and number not in fenced:
            mend = "take it out of the list, quote or HTML around it; or put it in a code fence as an example"
            yield Problem(number, 0, quoted(line), "a team's heading on its own", mend, rule="team-heading")


def _is_team(node: Node) -> bool:
    return node.kind == "heading" and node.level == 2 and words.TEAM.fullmatch(node.text) is not None


def _teams(nodes: Sequence[Node], end: int) -> Iterator[tuple[Sequence[Node], int]]:
    """The nodes of each section that is a team's, its heading first, with the section's last line."""
    starts = [i for i, n in enumerate(nodes) if n.kind == "heading" and n.level <= 2]
    for start, stop in pairwise([*starts, len(nodes)]):
        if _is_team(nodes[start]):
            yield nodes[start:stop], nodes[stop].line - 1 if stop < len(nodes) else end
