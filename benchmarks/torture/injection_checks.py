"""What a text from outside did where it was shown: looked at in the same way for every way of showing it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

_VIEWER = MarkdownIt("gfm-like", {"linkify": False})
_TEXT = {"text", "text_special", "code_inline", "softbreak", "strong_open", "strong_close"}
_URL = re.compile(r"(?<!\\)(?<![\w\\])(?:https?://|www\.)")
"""What GitHub makes a link of by itself."""
_EVIDENCE = (
    (re.compile(r"found \(quoted, no instruction\): `[^`\n]*`$", re.MULTILINE), "found EVIDENCE"),
    (re.compile(r"`names/[^`\n]*`"), "NAME"),
    (re.compile(r"(?<=: )names/[^`\n]*?: expected"), "NAME: expected"),
    (re.compile(r"\(names/[^`\n]*\)$", re.MULTILINE), "(NAME)"),
    (re.compile(r", found .*$", re.MULTILINE), ", found EVIDENCE"),
)


class Shown(NamedTuple):
    """All that there was to see of one text. `ran`: whether tmux ran it, or let it change its
    colours; `slack`: all that Slack would have expanded."""

    ran: bool
    terminal: bytes
    slack: tuple[str, ...]
    plan: str
    said: str


def effects(shown: Shown, harmless: Shown) -> Iterator[str]:
    """Each sink in which the text did more than be read, as the same with harmless words tells."""
    if shown.ran:
        yield "tmux"
    if acts_on_a_terminal(shown.terminal):
        yield "terminal"
    if shown.slack:
        yield "Slack"
    if list(blocks(shown.plan)) != list(blocks(harmless.plan)) or list(active(shown.plan)):
        yield "plan"
    if outside(shown.said) != outside(harmless.said):
        yield "next actions"


def acts_on_a_terminal(data: bytes) -> bool:
    """Whether anything in it is neither printable nor the end of a line."""
    return not all(c.isprintable() for c in data.decode("utf-8", "replace").replace("\r\n", ""))


def blocks(text: str) -> Iterator[tuple[str, str, int, str]]:
    """What a viewer makes of a text, but for the words in it: markers stand for themselves."""
    for token in _VIEWER.parse(text):
        yield token.type, token.tag, token.level, token.content if token.type == "html_block" else ""


def active(text: str) -> Iterator[str]:
    """What is neither words nor our own emphasis."""
    for token in _VIEWER.parse(text):
        yield from (each.type for each in _inner(token) if each.type not in _TEXT)
        yield from (each.content for each in _inner(token) if each.type == "html_inline")
    yield from (line for line in text.splitlines() if _URL.search(re.sub(r"`[^`]*`", "", line)))


def _inner(token: Token) -> list[Token]:
    return token.children or []


def outside(text: str) -> str:
    """The words of a text that stand outside of what it quotes from teams, and says that it does."""
    for pattern, instead in _EVIDENCE:
        text = pattern.sub(instead, text)
    return text
