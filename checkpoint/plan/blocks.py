"""Which markers make managed blocks, and which are in disorder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from checkpoint.lazy import pattern
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Block, Problem
from checkpoint.plan.nodes import Node
from checkpoint.plan.words import NAME

Key: TypeAlias = tuple[str, str]
"""A block's kind and team; the team is empty where a marker does not name one."""

_MARKER = pattern(rf"<!-- (/?)checkpoint:(?:(status)|(next)(?: ({NAME}))?) -->")
_MEND = "keep one opening and one closing marker in this order, or delete them all: the block is then written anew"


class Found(msgspec.Struct, frozen=True):
    """Pairs of markers in order, problems, and the keys of blocks in disorder, each with a line of theirs."""

    blocks: tuple[Block, ...] = ()
    broken: tuple[tuple[Key, int], ...] = ()
    problems: tuple[Problem, ...] = ()


def pair(nodes: Iterable[Node]) -> Found:
    """Pairs the markers among these nodes; a heading of level 1 or 2 ends the section, and a block with it."""
    pairing = _Pairing()
    for node in nodes:
        if node.kind == "marker":
            pairing.marker(node)
        elif node.kind == "heading" and node.level <= 2:
            pairing.end_section()
    pairing.end_section()
    return Found(tuple(pairing.blocks), tuple(pairing.broken), tuple(pairing.problems))


def duplicates(blocks: Iterable[Block]) -> Found:
    """The blocks that stand in the plan once, and what is wrong with the others."""
    by_key: dict[Key, list[Block]] = {}
    for block in blocks:
        by_key.setdefault((block.kind, block.team), []).append(block)
    single = tuple(found[0] for found in by_key.values() if len(found) == 1)
    several = {key: found for key, found in by_key.items() if len(found) > 1}
    broken = tuple((key, block.first_line) for key, found in several.items() for block in found)
    return Found(single, broken, tuple(_twice(key, found) for key, found in several.items()))


def _twice(key: Key, found: list[Block]) -> Problem:
    lines = ", ".join(str(block.first_line) for block in found)
    what = f"{_name(key)} {len(found)} times, in lines {lines}"
    return Problem(found[1].first_line, 1, what, "it once", "delete all of them but one", "error", "block-duplicate")


class _Pairing:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.broken: list[tuple[Key, int]] = []
        self.problems: list[Problem] = []
        self._open: Key | None = None
        self._line = 0

    def marker(self, node: Node) -> None:
        match = _MARKER.fullmatch(node.text)
        if match is None or (match[3] and not match[1] and not match[4]):
            self.broken += [(("status", ""), node.line), (("next", ""), node.line)]
            expected = "`<!-- checkpoint:status -->`, `<!-- checkpoint:next TEAM -->` or the same with `/checkpoint`"
            self._report(node.line, quoted(node.text), expected, "block-marker")
            return
        key = (match[2] or match[3], match[4] or "")
        if match[1]:
            self._close(key, node.line)
        else:
            self._begin(key, node.line)

    def end_section(self) -> None:
        if self._open is not None:
            self.broken.append((self._open, self._line))
            expected = "its closing marker in the same section"
            self._report(self._line, f"{_name(self._open)} that nothing closes", expected, "block-unclosed")
            self._open = None

    def _begin(self, key: Key, line: int) -> None:
        if self._open is not None:
            self.broken += [(self._open, self._line), (key, line)]
            found = f"{_name(key)} inside {_name(self._open)} of line {self._line}"
            self._report(line, found, "the first one closed before", "block-nested")
        self._open, self._line = key, line

    def _close(self, key: Key, line: int) -> None:
        opened, self._open = self._open, None
        if opened is not None and opened[0] == key[0] and key[1] in ("", opened[1]):
            self.blocks.append(Block("status" if key[0] == "status" else "next", opened[1], self._line, line))
            return
        self.broken.append((key, line))
        if opened is not None:
            self.broken.append((opened, self._line))
        inside = f" inside {_name(opened)} of line {self._line}" if opened is not None else ""
        self._report(line, f"the closing marker of {_name(key)}{inside}", "its opening marker before it", "block-order")

    def _report(self, line: int, found: str, expected: str, rule: str) -> None:
        self.problems.append(Problem(line, 1, found, expected, _MEND, "error", rule))


def _name(key: Key) -> str:
    return f"the {key[0]} block" + (f" of `{key[1]}`" if key[1] else "")
