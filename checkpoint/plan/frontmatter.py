"""Front matter in any YAML, for what settings.py does not read by itself. Costly to import: it loads PyYAML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from checkpoint.plan.model import Problem
from checkpoint.plan.settings import Entry

_LONGEST = 16 * 1024
_DEEPEST = 10
_BLANKS = {0x2028: " ", 0x2029: " "}
"""Ends of lines for YAML, and for nothing else that reads a plan."""


class _RefusedError(Exception):
    def __init__(self, mark: Any, found: str, expected: str, mend: str) -> None:
        super().__init__(found)
        self.problem = Problem(_line(mark), _column(mark), found, expected, mend, rule="front-matter")


def entries(text: str) -> tuple[list[Entry], tuple[Problem, ...]]:
    """The keys of a YAML mapping with their values, and what is wrong; a key that stands twice is left out."""
    try:
        return _read(text.translate(_BLANKS))
    except _RefusedError as refused:
        return [], (refused.problem,)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        return [], (_problem(before.count("\n") + 2, len(before) - before.rfind("\n"), str(error.reason)),)
    except yaml.MarkedYAMLError as error:
        what = error.problem or error.context or "no YAML"
        mark = error.problem_mark or error.context_mark
        return [], (_problem(_line(mark), _column(mark), what),)


def _read(text: str) -> tuple[list[Entry], tuple[Problem, ...]]:
    if len(text) > _LONGEST:
        raise _RefusedError(None, f"front matter of {len(text)} characters", f"at most {_LONGEST}", "shorten it")
    _inspect(text)
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return [], ()
        if not isinstance(root, yaml.MappingNode):
            expected = "`key: value` on each line"
            raise _RefusedError(root.start_mark, "no keys with values", expected, "write `checkpoint: 1`")
        return _mapping(loader, root)
    finally:
        loader.dispose()


def _inspect(text: str) -> None:
    """Refuses what could make the loader slow or do anything but read values."""
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError(event.start_mark, "an anchor or alias", "plain values", "write the value out")
        if getattr(event, "tag", None):
            raise _RefusedError(event.start_mark, f"the tag `{event.tag}`", "plain values", "take the tag away")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise _RefusedError(event.start_mark, "values nested too deep", f"at most {_DEEPEST} levels", "flatten")


def _mapping(loader: yaml.SafeLoader, root: yaml.MappingNode) -> tuple[list[Entry], tuple[Problem, ...]]:
    found: dict[str, Entry] = {}
    problems: list[Problem] = []
    for entry, problem in _pairs(loader, root):
        if problem is not None:
            problems.append(problem)
        elif entry is not None and entry.key in found:
            first = f"it once; the first is in line {found[entry.key].line}"
            twice = Problem(entry.line, entry.column, f"`{entry.key}` a second time", first, "delete one of the two")
            problems.append(_with_rule(twice))
        elif entry is not None:
            found[entry.key] = entry
    return list(found.values()), tuple(problems)


def _pairs(loader: yaml.SafeLoader, root: yaml.MappingNode) -> Iterator[tuple[Entry | None, Problem | None]]:
    for key, value in root.value:
        line, column = _line(key.start_mark), _column(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            yield None, _problem(line, column, "a key that is no word")
            continue
        try:
            yield Entry(str(key.value), loader.construct_object(value, deep=True), line, column), None
        except (ValueError, yaml.constructor.ConstructorError) as error:
            yield None, _problem(line, column, f"a value of `{key.value}` that cannot be read: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:80]


def _with_rule(problem: Problem) -> Problem:
    return Problem(problem.line, problem.column, problem.found, problem.expected, problem.mend, rule="key-duplicate")


def _problem(line: int, column: int, found: str) -> Problem:
    mend = "write one `key: value` on each line; put values with special characters in quotes"
    return Problem(line, column, found, "YAML", mend, rule="front-matter")


def _line(mark: Any) -> int:
    """The plan's line: the front matter begins in the second."""
    return mark.line + 2 if mark else 2


def _column(mark: Any) -> int:
    return mark.column + 1 if mark else 1
