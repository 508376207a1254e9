"""The front matter → Settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from checkpoint.lazy import load, pattern
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Problem, Settings
from checkpoint.plan.nearest import did_you_mean

_WORD = r"[A-Za-z][A-Za-z0-9_/+.-]*"
_ENTRY = pattern(
    rf"(?P<key>{_WORD}): +(?:(?P<number>0|[1-9][0-9]{{0,8}})|(?P<word>{_WORD})|\[(?P<list>{_WORD}(?:, *{_WORD})*)\]"
    r"|\"(?P<double>[ !#-\[\]-~]*)\"|'(?P<single>[ -&(-~]*)') *(?: #[ -~]*)?"
)
_BLANK = pattern(r" *(?:#[ -~]*)?")
_NOT_STRINGS = frozenset(("yes", "no", "true", "false", "on", "off", "null", "y", "n"))


class Entry(msgspec.Struct, frozen=True):
    """A key of the front matter with its value; lines and columns count from 1 within the plan."""

    key: str
    value: Any
    line: int
    column: int = 1


def read(lines: Sequence[str]) -> tuple[Settings, tuple[Problem, ...]]:
    """The settings that the lines of a plan begin with; `lines` are those between the two `---`."""
    entries, problems = simple(lines), ()
    if entries is None:
        entries, problems = load("checkpoint.plan.frontmatter").entries("\n".join(lines) + "\n")
    return _settings(entries, problems)


def simple(lines: Iterable[str]) -> list[Entry] | None:
    """The entries where each line is `key: scalar` in a form that YAML reads in one way; None for all others."""
    entries: list[Entry] = []
    for number, line in enumerate(lines, 2):
        match = _ENTRY.fullmatch(line)
        if match is not None:
            entries.append(Entry(match["key"], _value(match), number))
        elif not _BLANK.fullmatch(line):
            return None
    words = [word for entry in entries for word in _bare(entry)]
    keys = [entry.key for entry in entries]
    return entries if len(set(keys)) == len(keys) and not _NOT_STRINGS & {word.lower() for word in words} else None


def _value(match: re.Match[str]) -> Any:
    if match["number"]:
        return int(match["number"])
    if match["list"]:
        return [word.strip() for word in match["list"].split(",")]
    return next(match[kind] for kind in ("word", "double", "single") if match[kind] is not None)


def _bare(entry: Entry) -> list[str]:
    values = entry.value if isinstance(entry.value, list) else [entry.value]
    return [entry.key, *(value for value in values if isinstance(value, str))]


def _settings(entries: Sequence[Entry], problems: Sequence[Problem]) -> tuple[Settings, tuple[Problem, ...]]:
    good: dict[str, Any] = {}
    found = list(problems)
    for entry in entries:
        wrong = _wrong(entry)
        if wrong is None:
            good[entry.key] = entry.value
        else:
            found.append(wrong)
    keys = {entry.key for entry in entries}
    if "checkpoint" not in keys and not problems:
        found.append(no_version())
    if not found and "schedule" not in keys:
        found += (_idle(entry) for entry in entries if entry.key == "timezone")
    return msgspec.convert(good, Settings), tuple(found)


def no_version() -> Problem:
    """What is wrong with a plan that does not say its format's version."""
    mend = "begin the plan with the three lines `---`, `checkpoint: 1` and `---`"
    return Problem(1, 1, "no `checkpoint:` in the front matter", "`checkpoint: 1`", mend, rule="version")


def _idle(zone: Entry) -> Problem:
    found, mend = f"{quoted(f'{zone.key}: {zone.value}')} without a schedule", "add the schedule, or delete it"
    return Problem(zone.line, zone.column, found, "`schedule:` beside it", mend, "warning", "timezone")


def _wrong(entry: Entry) -> Problem | None:
    if entry.key not in Settings.__struct_fields__:
        expected = "one of " + ", ".join(f"`{each}`" for each in Settings.__struct_fields__)
        mend = did_you_mean(entry.key, Settings.__struct_fields__, "delete it")
        return Problem(entry.line, entry.column, f"the key `{entry.key}`", expected, mend, rule="key-unknown")
    try:
        settings = msgspec.convert({entry.key: entry.value}, Settings)
    except msgspec.ValidationError as error:
        return _value_problem(entry, _WORDS.get(str(error).split("`")[1], "another value"))
    if settings.checkpoint != 1:
        return _value_problem(entry, "another version of the format")
    return _never_due(entry) if entry.key in ("schedule", "timezone") and entry.value else None


def _never_due(entry: Entry) -> Problem | None:
    schedule = load("checkpoint.schedule")
    if entry.key == "schedule":
        expected = schedule.expression_problem(entry.value)
        return _value_problem(entry, expected) if expected else None
    expected = schedule.zone_problem(entry.value)
    return _value_problem(entry, expected, schedule.zones()) if expected else None


def _value_problem(entry: Entry, why: str, known: Sequence[str] = ()) -> Problem:
    expected = " or ".join(f"`{each}`" for each in _choices(entry.key)) or why
    mend = did_you_mean(str(entry.value), known, f"write for example `{entry.key}: {_EXAMPLES[entry.key]}`")
    found = quoted(f"{entry.key}: {entry.value}")
    return Problem(entry.line, entry.column, found, expected, mend, rule="value")


_WORDS = {"str": "text", "array": "a list", "int": "a number"}
_EXAMPLES = {
    "checkpoint": "1",
    "schedule": '"*/30 9-18 * * mon-fri"',
    "timezone": "Europe/Berlin",
    "transparency": "medium",
    "approval": "normal",
    "copies": "refuse",
    "notify": "[terminal]",
}


def _choices(key: str) -> Iterator[str]:
    """The words that a key allows, where it allows only some."""
    if key == "checkpoint":
        yield "1"
    elif str(Settings.__annotations__[key]).startswith("Literal"):
        yield from re.findall(r"'(\w+)'", str(Settings.__annotations__[key]))
