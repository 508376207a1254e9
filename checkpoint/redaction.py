"""Text that may leave this machine: no secrets, no terminal controls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any
from unicodedata import category

from checkpoint.lazy import load
from checkpoint.secret_kinds import RULES, Rule

KNOWN_LEAST = 4
"""Characters below which a known value is too common a word to be looked for."""

_INTRODUCERS = "\x1b\x90\x98\x9b\x9d\x9e\x9f"
_ESCAPE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"  # control sequences: colours, cursor
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c\n]*+(?:\x07|\x1b\\|\x9c)?"  # strings: titles, links
    r"|\x1b[ -/]*+[0-~]?"
)
_ASCII = re.compile(r"[\x00-\x7f]+")
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
    lower = data.lower()
    for rule in RULES:
        if any(needle in lower for needle in rule.needles):
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


@cache
def _compiled(pattern: bytes) -> Any:
    re2 = load("re2")
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False
    return re2.compile(pattern, options)
