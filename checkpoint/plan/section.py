"""Nodes → what they say: the title, the teams and the markers of one piece of a plan.

Lines and columns count from 0 within the piece, so that the reading of an unchanged piece can be used again wherever
the piece has moved to.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from checkpoint.plan import words
from checkpoint.plan.blocks import pair
from checkpoint.plan.boxes import stray_boxes
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Problem, Team
from checkpoint.plan.nodes import Node
from checkpoint.plan.team import TeamReader

_HIDDEN_TEAM = re.compile(r"[ \t>]*(?:[-+*][ \t]+)?#{1,6}[ \t]+team[ \t]*:", re.IGNORECASE)
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7}|={7})(?: |$)")


class Owner(msgspec.Struct, frozen=True):
    """A team with the first and the last line of its section."""

    team: Team
    first: int
    last: int


class Section(msgspec.Struct, frozen=True):
    """What one piece of a plan says. `outline` holds its markers and its headings of level 1 and 2."""

    title: Node | None = None
    owners: tuple[Owner, ...] = ()
    outline: tuple[Node, ...] = ()
    conflicts: tuple[tuple[int, str], ...] = ()
    problems: tuple[Problem, ...] = ()


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
    return Section(title, tuple(owners), outline, conflicts, tuple(problems))


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
