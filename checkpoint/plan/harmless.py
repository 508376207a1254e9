"""Text from outside, made fit to stand in a plan: it can be read, and does nothing."""

from __future__ import annotations

import re

from checkpoint.lazy import pattern

_ACTIVE = pattern(r"[\\`*\[\]<>&|~$]|(?<![^\W_])_|_(?![^\W_])|:(?=//)|(?<=www)\.")
"""What Markdown, HTML, or GitHub's dialect acts on anywhere in a line; `_` only where it is not within a word."""
_CODE = pattern(r"(?<!`)`([^`]+)`(?!`)")
_LEADING = pattern(r"(?:[-+#=]|[0-9]{1,9}(?=[.)]))")
_LABEL = pattern(r"[^\w ./-]+", re.ASCII)


def inline(text: str, limit: int = 120) -> str:
    """The text as one line that a Markdown viewer shows as it stands, of at most `limit` characters before escaping.

    Line breaks and tabs become spaces; control, bidirectional, zero-width and unassigned characters go.
    """
    plain = _cut(printable(text), limit)
    escaped = _ACTIVE.sub(r"\\\g<0>", plain)
    return _LEADING.sub(_escape_leading, escaped, count=1) if _LEADING.match(escaped) else escaped


def _escape_leading(match: re.Match[str]) -> str:
    return f"{match[0]}\\" if match[0].isdigit() else f"\\{match[0]}"


def printable(text: str) -> str:
    """The text on one line, without what a terminal or viewer would act on rather than show."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return " ".join(text.split())


def quoted(text: str, limit: int = 60) -> str:
    """The text as a message quotes it: in backquotes, or in typographic quotes where it has backquotes itself."""
    plain = _cut(printable(text), limit)
    return f"\u201c{plain}\u201d" if "`" in plain else f"`{plain}`"


def sentence(text: str, limit: int = 300) -> str:
    """A sentence of ours with text from outside in it: its code spans stay, all else is shown as it stands."""
    parts = _CODE.split(_cut(printable(text), limit))
    escaped = [f"`{part}`" if number % 2 else _ACTIVE.sub(r"\\\g<0>", part) for number, part in enumerate(parts)]
    return "".join(escaped)


def fenced(text: str, label: str, limit: int) -> str:
    """The text in a fenced block that says what it is: at most `limit` characters, none of which can end the fence."""
    lines = "".join(_shown(c) for c in text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    body = lines if len(lines) <= limit else lines[:limit] + f"\n… {len(lines) - limit} more characters"
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{_LABEL.sub(' ', label).strip() or 'text'}\n{body}\n{fence}"


def _shown(character: str) -> str:
    if character == "\n" or character.isprintable():
        return character
    return " " if character.isspace() else ""


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + "…"
