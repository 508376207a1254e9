"""A plan's nodes as markdown-it-py sees them: block rules alone, for any text. Costly to import: see plain.py."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.rules_block.html_block import HTML_SEQUENCES
from markdown_it.token import Token

from checkpoint.plan.nodes import MARKER, Node, closes

MOST_LEVELS = 40
"""Containers inside containers; markdown-it-py drops what is nested deeper."""

_BLOCKS = MarkdownIt("commonmark", {"maxNesting": MOST_LEVELS}).enable("table").disable(["inline", "text_join"])
_LISTS = ("bullet_list", "ordered_list")
_PROBE = "## "


def nodes(lines: Sequence[str]) -> list[Node]:
    """The nodes of a text given as its lines."""
    return list(_walk(_BLOCKS.parse("\n".join(lines) + "\n"), lines))


def is_closed(lines: Sequence[str]) -> bool:
    """Whether a heading after these lines would stand on its own, not inside a fence, a list or HTML."""
    tokens = _BLOCKS.parse("\n".join([*lines, _PROBE]) + "\n")
    return any(t.type == "heading_open" and not t.level and _lines(t)[0] == len(lines) for t in tokens[-3:])


def _walk(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Node]:
    containers: list[str] = []
    for index, token in enumerate(tokens):
        if token.nesting == -1:
            containers.pop()
            continue
        yield from _node(tokens, index, lines, containers)
        if token.nesting == 1:
            containers.append(token.type.removesuffix("_open"))


def _node(tokens: Sequence[Token], index: int, lines: Sequence[str], containers: Sequence[str]) -> Iterator[Node]:
    token = tokens[index]
    if token.type == "list_item_open":
        yield from _item(tokens, index, lines, containers)
    elif token.type == "heading_open" and not containers:
        first, end = _lines(token)
        yield Node("heading", first, end - 1, int(token.tag[1]), 0, _text(tokens[index + 1].content))
    elif token.type == "html_block" and not containers:
        yield from _html(token)
    elif token.type == "fence":
        yield from _fence(token, lines, not containers)
    elif token.type == "table_open":
        yield Node("table", _lines(token)[0], _lines(token)[1] - 1)
    if token.nesting == 1 and token.level >= MOST_LEVELS - 1:
        yield Node("deep", _lines(token)[0], _lines(token)[1] - 1)


def _item(tokens: Sequence[Token], index: int, lines: Sequence[str], containers: Sequence[str]) -> Iterator[Node]:
    if any(each not in (*_LISTS, "list_item") for each in containers):
        return
    if tokens[index + 1].type != "paragraph_open":
        first, end = _lines(tokens[index])
        yield Node("item", first, end - 1, len(containers) // 2)
        return
    inline = tokens[index + 2]
    text = _text(inline.content)
    first, end = _lines(inline)
    opening = text.split("\n", 1)[0]
    yield Node("item", first, end - 1, len(containers) // 2, lines[first].rfind(opening), text)


def _html(token: Token) -> Iterator[Node]:
    first, end = _lines(token)
    text = token.content.strip()
    if MARKER.match(text):
        yield Node("marker", first, end - 1, text=text)
    for opening, closing, _ in HTML_SEQUENCES[:5]:
        if opening.search(text):
            if not closing.search(text):
                yield Node("unclosed", first, end - 1, text=text.split("\n", 1)[0])
            return


def _fence(token: Token, lines: Sequence[str], is_outermost: bool) -> Iterator[Node]:
    first, end = _lines(token)
    yield Node("fence", first, end - 1)
    if is_outermost and (end - first < 2 or not closes(lines[end - 1], token.markup)):
        yield Node("unclosed", first, end - 1, text=lines[first].strip())


def _lines(token: Token) -> tuple[int, int]:
    """The first line, and the one after the last; every token that is asked for them has a map."""
    first, end = token.map or (0, 0)
    return first, end


def _text(content: str) -> str:
    return "\n".join(line.strip(" \t") for line in content.strip().split("\n"))
