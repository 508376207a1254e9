"""A plan's nodes by looking at one line after the other, for text in plain forms.

Each form accepted here means the same in CommonMark whatever stands around it; at the first line that is in none of
them the scanner gives up, and `markdown.nodes` reads the text. What makes that safe: no tabs or odd spaces, items with
one space after the marker and indented exactly as the text of the item around them, paragraphs whose lines begin in
one column, and no line that could underline a heading, open HTML, or continue a list or paragraph lazily.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from checkpoint.lazy import pattern
from checkpoint.plan.nodes import FENCE, MARKER, Node, closes

_ODD = pattern(r"[^\S \n]")
_HEADING = pattern(r"(#{1,6}) +(\S.*)")
_ITEM = pattern(r" *([-*+]|([0-9]{1,9})([.)])) (?=\S)")
_SAFE = pattern(
    r"(?![0-9]{1,9}[.)](?: |$))"
    r"(?:[^\s#>+*_\-~<=|:`\[]|[*_]+[^\W_]|`{1,2}(?!`)|\[[^\[\]\\]*\](?!:))"
)
_ROW = pattern(r"\|[^\\]*\| *")
_RULE = pattern(r"\|(?: *:?-+:? *\|)+ *")
_DEEPEST = 8
_MOST_CELLS = 60_000
"""Below the number of missing cells at which markdown-it-py ends a table."""


def scan(lines: Sequence[str]) -> list[Node] | None:
    """The nodes of a text given as its lines, or None where a line is in no plain form."""
    if any(map(_ODD.search, lines)):
        return None
    scanner = _Scanner(lines)
    at = 0
    while at < len(lines):
        at = scanner.step(at)
        if at < 0:
            return None
    scanner.end_paragraph()
    return scanner.nodes


_GIVE_UP = -1


class _Item:
    """An open item: where its text begins, its marker, and the first paragraph as far as it has been read."""

    __slots__ = ("content", "delimiter", "level", "line", "text")

    def __init__(self, content: int, delimiter: str, level: int, line: int, text: str) -> None:
        self.content = content
        self.delimiter = delimiter
        self.level = level
        self.line = line
        self.text = [text]


class _Scanner:
    """Steps from block to block. `_indent` is that of the paragraph that the next line would continue, or -1."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.nodes: list[Node] = []
        self._lines = lines
        self._open: list[_Item] = []
        self._first: _Item | None = None
        self._indent = -1

    def step(self, at: int) -> int:
        """Reads what begins in that line; the number of the next line to read, or -1 to give up."""
        line = self._lines[at]
        text = line.lstrip(" ")
        if not text:
            self.end_paragraph()
            return at + 1
        indent = len(line) - len(text)
        if not indent and text[0] in "#<`~|":
            begun = self._block(at, line)
            if begun:
                return begun
        item = _ITEM.match(line)
        if item is not None:
            return self._item(at, indent, item)
        return self._text(at, indent, text)

    def end_paragraph(self) -> None:
        item, self._first, self._indent = self._first, None, -1
        if item is not None:
            last = item.line + len(item.text) - 1
            self.nodes.append(Node("item", item.line, last, item.level, item.content, "\n".join(item.text)))

    def _block(self, at: int, line: str) -> int:
        """A block that begins in the first column: the line after it, -1 to give up, 0 if it is none."""
        if line[0] == "|":
            return self._table(at)
        if line[0] in "`~":
            return self._fence(at, line)
        return self._heading(at, line) if line[0] == "#" else self._comment(at, line)

    def _leave(self) -> None:
        self.end_paragraph()
        self._open.clear()

    def _heading(self, at: int, line: str) -> int:
        match = _HEADING.fullmatch(line)
        text = match[2].rstrip(" ") if match else "#"
        if match is None or text.endswith("#"):
            return _GIVE_UP
        self._leave()
        self.nodes.append(Node("heading", at, at, len(match[1]), 0, text))
        return at + 1

    def _comment(self, at: int, line: str) -> int:
        if not line.startswith("<!--") or "-->" not in line:
            return _GIVE_UP
        self._leave()
        text = line.rstrip(" ")
        if MARKER.match(text):
            self.nodes.append(Node("marker", at, at, text=text))
        return at + 1

    def _fence(self, at: int, line: str) -> int:
        match = FENCE.match(line)
        if match is None:
            return 0 if line[0] == "`" and not line.startswith("```") else _GIVE_UP
        self._leave()
        mark = match[1] or match[2]
        for end in range(at + 1, len(self._lines)):
            if closes(self._lines[end], mark):
                self.nodes.append(Node("fence", at, end))
                return end + 1
        return _GIVE_UP

    def _table(self, at: int) -> int:
        head, *rule = self._lines[at : at + 2]
        is_table = rule and _ROW.fullmatch(head) and _RULE.fullmatch(rule[0]) and head.count("|") == rule[0].count("|")
        if not is_table or self._indent >= 0:
            return _GIVE_UP
        end = at + 2
        while end < len(self._lines) and self._lines[end].startswith("|"):
            end += 1
        if (end < len(self._lines) and self._lines[end].strip(" ")) or (end - at) * head.count("|") > _MOST_CELLS:
            return _GIVE_UP
        self._leave()
        self.nodes.append(Node("table", at, end - 1))
        return end

    def _item(self, at: int, indent: int, match: re.Match[str]) -> int:
        text = self._lines[at][match.end() :]
        level, sibling = len(self._open), None
        while level and self._open[level - 1].content > indent:
            level -= 1
            sibling = self._open[level]
        if indent != (self._open[level - 1].content if level else 0) or level > _DEEPEST or not _SAFE.match(text):
            return _GIVE_UP
        delimiter = match[3] or ""
        continues = sibling is not None and sibling.delimiter == delimiter
        if delimiter and int(match[2]) != 1 and not continues and self._indent >= 0:
            return _GIVE_UP
        self.end_paragraph()
        del self._open[level:]
        self._first = _Item(match.end(), delimiter, level, at, text.rstrip(" "))
        self._open.append(self._first)
        self._indent = match.end()
        return at + 1

    def _text(self, at: int, indent: int, text: str) -> int:
        if not _SAFE.match(text):
            return _GIVE_UP
        if self._indent >= 0:
            if indent != self._indent:
                return _GIVE_UP
            if self._first is not None:
                self._first.text.append(text.rstrip(" "))
            return at + 1
        while self._open and self._open[-1].content > indent:
            self._open.pop()
        if indent != (self._open[-1].content if self._open else 0):
            return _GIVE_UP
        self._indent = indent
        return at + 1
