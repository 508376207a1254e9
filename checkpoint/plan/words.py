"""The grammar of one line: an expectation, a setting, a task, a team's heading."""

from __future__ import annotations

import re

import msgspec

from checkpoint.lazy import pattern
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Expectation

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""A team's name or a task's id."""

TASK = pattern(rf"\[([ xX])\][ \t\n]+\*\*({NAME})\*\*:?(?:[ \t\n]+(.*))?", re.DOTALL)
SETTING = pattern(r"([A-Za-z][A-Za-z0-9_-]*)[ \t]*:[ \t\n]*(.*)", re.DOTALL)
TEAM = pattern(rf"Team:[ \t]*({NAME})(?:[ \t]+[\u2013\u2014][ \t]+(\S.*))?")
ALMOST_TEAM = pattern(r"team[ \t]*:", re.IGNORECASE)

_DASHES = "\u2013\u2014"
_READS = pattern(r"\(reads((?:[ \t\n]+(?:`[^`]+`|[^ \t\n`()]+))++)[ \t\n]*\)(?=[ \t\n]|\Z)")
_INPUT = pattern(r"`([^`]+)`|([^ \t\n`]+)")
_TICKS = pattern(r"`+")
_BARE = pattern(r"[^ \t\n`]+")
_AFTER = pattern(r"(?:^|[ \t\n])\(after[ \t\n]++([^()]*+)\)$", re.IGNORECASE)
_MISPLACED_AFTER = pattern(rf"\(after[ \t\n]+({NAME}(?:[ \t\n]*,[ \t\n]*{NAME})*)\)", re.IGNORECASE)
_VALIDATOR = pattern(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


class Fault(msgspec.Struct, frozen=True):
    """What is wrong with a line; `offset` counts characters from the start of its text."""

    offset: int
    found: str
    expected: str
    mend: str
    rule: str


class Word(msgspec.Struct, frozen=True):
    """A code span or a bare word, without its marks."""

    text: str
    is_code: bool
    offset: int


def words(text: str) -> tuple[tuple[Word, ...], str] | Fault:
    """The words of a line and the comment after ` — `."""
    found: list[Word] = []
    offset = 0
    while offset < len(text):
        if text[offset] in " \t\n":
            offset += 1
        elif text[offset] in _DASHES and text[offset + 1 : offset + 2] in ("", " ", "\t", "\n") and found:
            return tuple(found), " ".join(text[offset + 1 :].split())
        else:
            word, offset = _reads(text, offset) if _is_command(found) else (None, offset)
            if word is None:
                word, offset = _word(text, offset)
            if isinstance(word, Fault):
                return word
            found.append(word)
    return tuple(found), ""


def _is_command(found: list[Word]) -> bool:
    return bool(found) and found[0].is_code and found[0].text.startswith("$")


def _reads(text: str, offset: int) -> tuple[Word | Fault | None, int]:
    r"""``(reads \`src/**\` …)`` as one word, each input in a code span of its own; None where none stands there."""
    match = _READS.match(text, offset)
    if match is None:
        return None, offset
    inputs = (" ".join((code or bare).split()) for code, bare in _INPUT.findall(match[1]))
    return Word(f"(reads {' '.join(f'`{each}`' for each in inputs)})", False, offset), match.end()


def _word(text: str, offset: int) -> tuple[Word | Fault, int]:
    if text[offset] == "`":
        return _span(text, offset)
    match = _BARE.match(text, offset)
    end = match.end() if match else offset + 1
    if text[end : end + 1] == "`":
        return _glued(text, end), end
    return Word(text[offset:end], False, offset), end


def _span(text: str, offset: int) -> tuple[Word | Fault, int]:
    """A code span as CommonMark reads it: closed by a run of exactly as many marks."""
    runs = _TICKS.finditer(text, offset)
    opening = next(runs)
    closing = next((run for run in runs if len(run[0]) == len(opening[0])), None)
    if closing is None:
        found = f"a code span that {opening[0]} opens and nothing closes"
        return Fault(offset, found, "a closed code span", f"close it with {opening[0]}", "words"), offset
    if text[closing.end() : closing.end() + 1] not in ("", " ", "\t", "\n"):
        return _glued(text, closing.end()), offset
    return Word(_unpadded(text[opening.end() : closing.start()]), True, offset), closing.end()


def _unpadded(code: str) -> str:
    code = code.replace("\n", " ")
    return code[1:-1] if code[:1] == code[-1:] == " " and code.strip(" ") else code


def _glued(text: str, offset: int) -> Fault:
    return Fault(
        offset, f"{quoted(text[offset])} right beside a code span", "a space", "put a space between them", "words"
    )


def expectation(text: str) -> Expectation | Fault:
    """What ``\\`ARTIFACT\\` VALIDATOR ARG… — comment`` or ``\\`$ COMMAND\\` passes …`` says."""
    read = words(text)
    if isinstance(read, Fault):
        return read
    (artifact, *rest), comment = read
    if not artifact.text.strip():
        return Fault(0, "an empty code span", "an artifact", "name a file, or `$` and a command", "artifact")
    if not rest or rest[0].is_code or not _VALIDATOR.fullmatch(rest[0].text):
        return _no_validator(artifact, rest, len(text))
    arguments = tuple(word.text for word in rest[1:])
    if not artifact.text.startswith("$"):
        return Expectation(artifact.text, rest[0].text, arguments, comment)
    return _command(artifact, rest[0], arguments, comment)


def _no_validator(artifact: Word, rest: list[Word], end: int) -> Fault:
    found = quoted(rest[0].text) if rest else "nothing"
    usual = "passes" if artifact.text.startswith("$") else "exists"
    mend = f"write for example `{artifact.text}` {usual}; or begin the line with another word if it is prose"
    return Fault(rest[0].offset if rest else end, found, "the name of a validator", mend, "validator")


def _command(artifact: Word, verb: Word, arguments: tuple[str, ...], comment: str) -> Expectation | Fault:
    command = artifact.text[1:].strip()
    if not command:
        return Fault(0, "`$` without a command", "a command line", "write for example `$ make test` passes", "artifact")
    if verb.text != "passes":
        mend = f"write `$ {command}` passes"
        return Fault(verb.offset, f"{quoted(verb.text)} after a command", "`passes`", mend, "validator")
    return Expectation(command, "command", arguments, comment)


def setting(text: str) -> tuple[str, str, bool] | None:
    """Key, value and whether the value is one code span, of an item that reads ``key: `value` ``; None for prose."""
    match = SETTING.fullmatch(text)
    if match is None:
        return None
    read = words(match[2])
    if isinstance(read, Fault) or len(read[0]) != 1 or not read[0][0].is_code:
        return match[1], match[2].strip(), False
    return match[1], read[0][0].text.strip(), True


def after(title: str) -> tuple[str, tuple[str, ...], Fault | None]:
    """A task's title without its `(after A, B)`, and those ids."""
    title = title.rstrip()
    match = _AFTER.search(title)
    if match is None:
        misplaced = _MISPLACED_AFTER.search(title)
        return " ".join(title.split()), (), _misplaced(misplaced) if misplaced else None
    ids = tuple(dict.fromkeys(each.strip() for each in match[1].split(",")))
    fault = next((_no_id(match.start(1), each) for each in ids if not re.fullmatch(NAME, each)), None)
    return " ".join(title[: match.start()].split()), ids if fault is None else (), fault


def _misplaced(match: re.Match[str]) -> Fault:
    expected = "it at the end of the title"
    return Fault(
        match.start(), f"{quoted(match[0])} inside a title", expected, "move it to the end of the title", "after"
    )


def _no_id(offset: int, found: str) -> Fault:
    return Fault(offset, quoted(found), "the id of a task", "write `(after B1, B2)`", "after")
