r"""The plainest forms of a team's section, read without nodes in between: most plans have no others.

One pattern cuts the section into units of whole lines: a task with its first expectation, another expectation, a
managed block of ours, or any other line. Whatever is not certain to mean what the scanner would say gives up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias

from msgspec.structs import replace

from checkpoint.lazy import pattern
from checkpoint.plan import words
from checkpoint.plan.blocks import Found
from checkpoint.plan.model import Block, Expectation, Task, Team
from checkpoint.plan.section import Owner, Section
from checkpoint.plan.team import SETTINGS, notified

_ODD = pattern(r"[^\S \n]")
_NAME = words.NAME
_HEAD = pattern(rf"## Team: ({_NAME})(?: [\u2013\u2014] (\S[^\n]*))?\n")
_EXPECTED = r"  [-*+] `([^\s`](?:[^`\n]*[^\s`])?)` ([^\n]+)\n"
_INNER = (
    r"(?: *(?:(?:[-*+]|[0-9]{1,9}[.)]) )?"
    r"(?:[^\s#>+*_\-~<=|:`\[0-9]|[0-9]+[ A-Za-z]|[*_]+[^\W_]|`(?!``))[^\n]*| *)\n"
)
_BLOCK = rf"<!-- checkpoint:next {_NAME} -->\n(?:{_INNER})*+<!-- /checkpoint:next -->\n"
_UNIT = pattern(rf"[-*+] \[([ xX])\] \*\*({_NAME})\*\*:? (\S[^\n]*)\n(?:{_EXPECTED})?|{_EXPECTED}|({_BLOCK}|[^\n]*\n)")
_REST = pattern(
    r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)((?: (?:[^\s`\u2013\u2014][^\s`]*|`[^\s`](?:[^`\n]*[^\s`])?`))*)"
    r"(?: [\u2013\u2014] (\S[^\n]*))?"
)
_WORD = pattern(r" (?:`([^`]+)`|([^\s`]+))")
_SETTING = pattern(r"[-*+] ([a-z]+): `([^\s`\[](?:[^`\n\[]*[^\s`\[])?)`\n")
_HEADING = pattern(r"#{3,6} (?!team)[A-Z][^\n#\[]*\n", re.IGNORECASE)
_PROSE = pattern(r"[^\W\d_][^\n]*\n")
_NESTED_PROSE = pattern(r"  [^\W\d_][^\n\[]*\n")
_NESTED_ITEM = pattern(r"  [-*+] [^\W\d_][^\n\[]*\n")
_OPENING = pattern(r"<!-- checkpoint:next (\S+) -->\n")

_Said: TypeAlias = tuple[str, tuple[str, ...], str]
"""A validator, its arguments and the comment behind them."""
_Line: TypeAlias = Literal["blank", "item", "prose", "nested prose"]
"""What stands in the line before: what the next line would continue."""


def read_plain(text: str, first: int) -> Section | None:
    """What the section of one team says that begins in that line of the plan; None where a line is in no plain form.

    The text has no end of its last line.
    """
    text += "\n"
    head = _HEAD.match(text)
    if head is None or text[head.end() - 2] in " #" or _is_odd(text):
        return None
    reader = _Reader(first + 1)
    if not reader.read(_UNIT.findall(text, head.end())) or "folder" not in reader.settings:
        return None
    notify = notified(reader.settings.pop("notify", ""))
    team = Team(head[1], head[2] or "", notify=notify, tasks=tuple(reader.tasks), line=first, **reader.settings)
    return Section(owners=(Owner(team, first, reader.line - 1),), paired=Found(tuple(reader.blocks)))


def _is_odd(text: str) -> bool:
    """Whether there is any space but the usual one."""
    if text.isascii():
        return "\t" in text or "\v" in text or "\f" in text
    return _ODD.search(text) is not None


class _Reader:
    """Reads units; `line` is that of the next one. Only below a task may something be nested."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.settings: dict[str, str] = {}
        self.tasks: list[Task] = []
        self.blocks: list[Block] = []
        self._more: list[Expectation] = []
        self._said: dict[str, _Said | None] = {}
        self._is_below_task = False
        self._before: _Line = "blank"

    def read(self, units: Iterable[tuple[str, ...]]) -> bool:
        """Whether all of them are in plain forms. Every call within this loop is felt: there may be 100,000 tasks."""
        add, known, line = self.tasks.append, self._said, self.line
        after: tuple[str, ...]
        for mark, name, title, artifact, rest, nested, its_rest, other in units:
            if mark:
                if self._more:
                    self._end_task()
                short, after = title, ()
                if "(" in title or "  " in title or title[-1] == " ":
                    short, after, fault = words.after(title)
                    if fault is not None:
                        return False
                if not artifact:
                    add(Task(name, short, mark != " ", after, (), line, 4))
                    line += 1
                else:
                    said = known.get(rest)
                    if said is not None and artifact[0] != "$":
                        wanted = Expectation(artifact, said[0], said[1], said[2], line + 1, 5)
                    elif (first := self._expectation(artifact, rest, line + 1)) is not None:
                        wanted = first
                    else:
                        return False
                    add(Task(name, short, mark != " ", after, (wanted,), line, 4))
                    line += 2
                self._is_below_task, self._before = True, "item"
            else:
                self.line = line
                if not (self._nested(nested, its_rest) if nested else self._other(other)):
                    return False
                line = self.line
        self._end_task()
        self.line = line
        return True

    def _end_task(self) -> None:
        """Gives the last task the expectations behind its first one, all at once."""
        if self._more:
            last = self.tasks[-1]
            self.tasks[-1] = replace(last, expectations=(*last.expectations, *self._more))
            self._more = []

    def _nested(self, artifact: str, rest: str) -> bool:
        wanted = self._expectation(artifact, rest, self.line)
        if wanted is None or not self._is_below_task:
            return False
        self._more.append(wanted)
        self._before = "item"
        self.line += 1
        return True

    def _expectation(self, artifact: str, rest: str, line: int) -> Expectation | None:
        if artifact[0] == "$" and "(reads" in rest:
            read = words.expectation(f"`{artifact}` {rest}")
            return None if isinstance(read, words.Fault) else replace(read, line=line, column=5)
        said = self._said.get(rest)
        if said is None:
            said = _said(rest)
            if said is None:
                return None
            self._said[rest] = said
        validator, arguments, comment = said
        if artifact[0] != "$":
            return Expectation(artifact, validator, arguments, comment, line, 5)
        command = artifact[1:].strip()
        return (
            Expectation(command, "command", arguments, comment, line, 5) if command and validator == "passes" else None
        )

    def _other(self, text: str) -> bool:
        """A unit that neither is a task nor expects anything: whether it is in a plain form where it stands."""
        before = self._kind(text)
        if before is None:
            return False
        self._before = before
        self._is_below_task = self._is_below_task and text[0] in " \n"
        self.line += text.count("\n")
        return True

    def _kind(self, text: str) -> _Line | None:
        if not text.strip(" \n"):
            return "blank"
        if text[0] == " ":
            return self._below_task(text) if self._is_below_task else None
        if text[0] == "<":
            return self._block(text)
        if _HEADING.fullmatch(text):
            return "blank"
        if _PROSE.fullmatch(text):
            return "prose" if self._before in ("blank", "prose") else None
        return self._setting(text)

    def _below_task(self, text: str) -> _Line | None:
        if _NESTED_ITEM.fullmatch(text):
            return "item"
        may_begin = self._before in ("blank", "nested prose")
        return "nested prose" if may_begin and _NESTED_PROSE.fullmatch(text) else None

    def _block(self, text: str) -> _Line | None:
        opening = _OPENING.match(text)
        if opening is None or opening.end() == len(text):
            return None
        self.blocks.append(Block("next", opening[1], self.line, self.line + text.count("\n") - 1))
        return "blank"

    def _setting(self, text: str) -> _Line | None:
        match = _SETTING.fullmatch(text)
        if match is None or self.tasks or match[1] not in SETTINGS or match[1] in self.settings:
            return None
        self.settings[match[1]] = match[2]
        return "item"


def _said(rest: str) -> _Said | None:
    """What stands behind an artifact; None where it is no expectation."""
    match = _REST.fullmatch(rest)
    if match is not None:
        arguments = tuple(code or word for code, word in _WORD.findall(match[2]))
        return match[1], arguments, " ".join(match[3].split()) if match[3] else ""
    read = words.expectation(f"`a` {rest}")
    return None if isinstance(read, words.Fault) else (read.validator, read.arguments, read.comment)
