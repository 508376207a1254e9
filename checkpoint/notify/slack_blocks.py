"""A notice as Slack's blocks: harmless whatever stands in it, and within Slack's limits.

A template may be anybody's, and findings are an artifact's words. So whatever made the blocks: only headers, sections,
contexts and dividers pass; a plain text has no emoji codes; a mrkdwn text has none of the three characters that Slack
expands, and is not searched for links and names; one with an emoji's code is made plain. No other text passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from checkpoint.notify import Notice, TeamNotice
from checkpoint.notify.slack_limits import (
    ELEMENTS,
    FIELD,
    HEADER,
    MORE,
    SECTION,
    Block,
    Part,
    cut,
    fitted,
    size,
    within,
)
from checkpoint.redaction import redact

_LINE = 1000
_LOOKED_AT = 64 * 1024
_LINE_LOOKED_AT = 4 * 1024
_TEAM = "team:"
"""What the `block_id` of a team's blocks begins with: they are shown together, or left out together."""

_EMOJI = re.compile(r":[\w+'-]+:")


def root(notice: Notice) -> list[Block]:
    """The message itself."""
    return fitted([*_content(notice), *_notes(notice)])


def reply(notice: Notice) -> list[Block]:
    """What stands in the message's thread: what each team is to do next. Empty where no team is told anything."""
    return fitted(_actions(notice.teams))


def whole(notice: Notice) -> list[Block]:
    """Both in one message."""
    actions = _actions(notice.teams) if notice.kind == "checkpoint" else []
    divider = [Part({"type": "divider"})] if actions else []
    return fitted([*_content(notice), *_notes(notice), *divider, *actions])


def bare(notice: Notice) -> list[Block]:
    """Next to nothing, for a Slack that takes none of the above."""
    said = "\n".join((_title(notice), "Slack does not take the rest: `checkpoint status` shows it."))
    return [_section(said)]


def fallback(notice: Notice) -> str:
    """What notifications and screen readers say: the title."""
    return escaped(cut(_title(notice), _LINE))


def escaped(text: str) -> str:
    """The text without the three characters that Slack acts on."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _content(notice: Notice) -> list[Part]:
    """The blocks that the template made, or the text as it is where it is no list of blocks."""
    made = _decoded(notice.text) if notice.kind == "checkpoint" else []
    return list(_harmless(made)) or [Part(block) for block in _plainly(notice)]


def _decoded(text: str) -> list[Mapping[str, Any]]:
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return []
    return found if isinstance(found, list) and all(isinstance(each, dict) for each in found) else []


def _plainly(notice: Notice) -> list[Block]:
    title, lines = _title(notice), _clean(notice.text).splitlines()
    head = _header(title) if size(title) <= HEADER else _section(title)
    test = [_context("A test: nothing has happened.")] if notice.kind == "test" else []
    return [head, *(_section(text) for text in _chunks(lines)), *test]


def _chunks(lines: Iterable[str]) -> list[str]:
    """The lines in as few texts as sections can hold."""
    chunks: list[str] = []
    for line in lines:
        if chunks and size(chunks[-1]) + size(line) < SECTION:
            chunks[-1] += f"\n{line}"
        else:
            chunks.append(cut(line, SECTION))
    return [chunk for chunk in chunks if chunk.strip()]


def _notes(notice: Notice) -> list[Part]:
    number = len(notice.earlier) + notice.more
    before = f"{number} {'checkpoint' if number == 1 else 'checkpoints'} before this one:"
    noted = ((before, notice.earlier, notice.more), ("These may not have arrived:", notice.unsure, 0))
    texts = [_latest(head, titles, more) for head, titles, more in noted if titles or more]
    return [Part(_context(text) if size(text) <= FIELD else _section(text)) for text in texts]


def _latest(head: str, titles: Sequence[str], more: int) -> str:
    """The titles, a line each; where there is no room for all of them, the latest. There are `more` before them."""
    shown: list[str] = []
    room = SECTION - size(head) - MORE
    for title in reversed(titles):
        line = f"• {cut(_line(title), HEADER)}"
        room -= size(line) + 1
        if room < 0:
            break
        shown.insert(0, line)
    left = more + len(titles) - len(shown)
    return "\n".join((head, *([f"… {left} more, and then"] if left else []), *shown))


def _actions(teams: Iterable[TeamNotice]) -> list[Part]:
    return [Part(block, team.team or "-") for team in teams for block in _of_team(team)]


def _of_team(team: TeamNotice) -> list[Block]:
    name, text = _line(team.team), _clean(team.text)
    section = _section(within(text, SECTION, f"checkpoint next {cut(name, 64)}".strip()))
    return [_header(f"Next: {name}"), *([section] if text else [])]


def _harmless(blocks: Iterable[Mapping[str, Any]]) -> Iterable[Part]:
    """What may pass of the blocks that a template made."""
    for block in blocks:
        name = block.get("block_id")
        team = name.removeprefix(_TEAM) if isinstance(name, str) and name.startswith(_TEAM) else ""
        if made := _block(block):
            yield Part(made, team)


def _block(block: Mapping[str, Any]) -> Block | None:
    kind = block.get("type")
    if kind == "divider":
        return {"type": "divider"}
    if kind == "header":
        words = _line(_words(block.get("text")))
        return _header(words) if words else None
    if kind == "section":
        text = _text(block.get("text"), SECTION)
        fields = _texts(block.get("fields"))
        said = ({"text": text} if text else {}) | ({"fields": fields} if fields else {})
        return {"type": "section", **said} if said else None
    if kind == "context":
        elements = _texts(block.get("elements"))
        return {"type": "context", "elements": elements} if elements else None
    return None


def _texts(values: object) -> list[Block]:
    found = [_text(value, FIELD) for value in values] if isinstance(values, list) else []
    return [text for text in found if text][:ELEMENTS]


def _text(value: object, most: int) -> Block | None:
    text = _clean(_words(value))
    if not text:
        return None
    if isinstance(value, dict) and value.get("type") == "mrkdwn" and not _EMOJI.search(text):
        return {"type": "mrkdwn", "text": within(escaped(text), most), "verbatim": True}
    return _plain(within(text, most), most)


def _words(value: object) -> str:
    words = value.get("text") if isinstance(value, dict) else ""
    return words if isinstance(words, str) else ""


def _header(text: str) -> Block:
    return {"type": "header", "text": _plain(_line(text), HEADER)}


def _section(text: str) -> Block:
    return {"type": "section", "text": _plain(text, SECTION)}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [_plain(text, FIELD)]}


def _plain(text: str, most: int) -> Block:
    return {"type": "plain_text", "text": cut(text, most) or "-", "emoji": False}


def _title(notice: Notice) -> str:
    return _line(notice.title) or _line(notice.plan) or "checkpoint"


def _line(text: str) -> str:
    return " ".join(_clean(text[:_LINE_LOOKED_AT]).split())


def _clean(text: str) -> str:
    """The text without secrets and without anything that is not shown; lines stay lines."""
    lines = redact(text[:_LOOKED_AT]).expandtabs(4).strip("\n").splitlines()
    return "\n".join(line.rstrip() for line in lines).strip("\n")
