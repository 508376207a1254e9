"""Text that may leave this machine: no secrets, no terminal controls."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any
from unicodedata import category

from checkpoint.lazy import load, pattern
from checkpoint.secret_kinds import RULES, Rule

KNOWN_LEAST = 4
"""Characters below which a known value is too common a word to be looked for."""

_NEEDLES = tuple(sorted({needle for rule in RULES for needle in rule.needles}))
_INTRODUCERS = "\x1b\x90\x98\x9b\x9d\x9e\x9f"
_ESCAPE = pattern(
    r"[\x1b\x90\x98\x9b\x9d\x9e\x9f](?:"  # one set in front: the next one is then searched for at once
    r"(?:(?<=\x9b)|(?<=\x1b)\[)[0-?]*+[ -/]*+[@-~]?"  # control sequences: colours, cursor
    r"|(?:(?<=[\x90\x98\x9d\x9e\x9f])|(?<=\x1b)[\]PX^_])[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"  # titles, links
    r"|(?<=\x1b)[ -/]*+[0-~]?)"
)
_ASCII = pattern(r"[\x00-\x7f]+")
_ASCII_CONTROLS = bytes((*range(9), *range(11, 32), 127))


def strip_controls(text: str) -> str:
    """The text without escape sequences, and without any character of category C but newline and tab.

    So no colour, title or cursor command, no bidirectional override, no zero-width or private character,
    no lone surrogate: what is left can be encoded, and shown on any terminal.
    """
    if any(introducer in text for introducer in _INTRODUCERS):
        text = _ESCAPE.sub("", text)
    text = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_CONTROLS).decode("utf-8", "surrogatepass")
    others = set() if text.isascii() else set(_ASCII.sub("", text))
    removed = [ord(char) for char in others if category(char).startswith("C")]
    return text.translate(dict.fromkeys(removed)) if removed else text


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text through `strip_controls`, with `[redacted: KIND]` for each secret in it.

    `known` are secrets by value, whatever they look like; those shorter than KNOWN_LEAST are not looked for.
    Time is linear in the text.
    """
    text = strip_controls(text)
    for value in sorted({strip_controls(value).strip() for value in known}, key=len, reverse=True):
        if len(value) >= KNOWN_LEAST:
            text = text.replace(value, "[redacted: known value]")
    data = text.encode()
    hints = _hints(data.lower())
    for rule in RULES:
        if not hints.isdisjoint(rule.needles) and rule.left in data:
            data = _replace(rule, data)
    return data.decode()


def _replace(rule: Rule, data: bytes) -> bytes:
    pieces: list[bytes] = []
    end = 0
    for match in _compiled(rule.pattern).finditer(data):
        if rule.accepts(match[2]) and not (rule.unless and rule.unless.search(match[1])):
            start, stop = match.span(2)
            pieces += (data[end:start], f"[redacted: {rule.kind}]".encode())
            end = stop
    return b"".join((*pieces, data[end:])) if pieces else data


def _hints(lower: bytes) -> frozenset[bytes]:
    """The needles that are in the text. All are looked for at once; where that finds none, each by itself."""
    found: list[int] = _needle_set().Match(lower)
    if found:
        return frozenset(_NEEDLES[number] for number in found)
    return frozenset(needle for needle in _NEEDLES if needle in lower)


@cache
def _needle_set() -> Any:
    needles = load("re2").Set.SearchSet(_options())
    for needle in _NEEDLES:
        needles.Add(load("re2").escape(needle))
    needles.Compile()
    return needles


@cache
def _compiled(pattern: bytes) -> Any:
    return load("re2").compile(pattern, _options())


def _options() -> Any:
    options = load("re2").Options()
    options.encoding = load("re2").Options.Encoding.LATIN1
    options.log_errors = False
    return options
