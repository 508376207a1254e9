"""JSON as RFC 8259 has it, with names that stand once in their object."""

from __future__ import annotations

import json
import re
from typing import Any

from checkpoint.strict.malformed import Malformed, at

VALUES = 2_000_000


def read(data: bytes) -> Any:
    if sum(map(data.count, (b",", b"[", b"{"))) > VALUES:  # each value follows one of these; few stand in texts
        raise Malformed(f"more than {VALUES:,} values")
    text = data.decode()
    if text.startswith("\ufeff"):
        raise Malformed("a byte order mark", 1, 1)
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except _DuplicateName as error:
        raise _located(text, error.name) from error
    except json.JSONDecodeError as error:
        raise Malformed(error.msg, error.lineno, error.colno) from error
    except ValueError as error:
        raise Malformed("a number with thousands of digits") from error


class _DuplicateName(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        raise _DuplicateName(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return document


def _refuse_constant(name: str) -> None:
    raise Malformed(f"{name}, which is no JSON")


def _located(text: str, name: str) -> Malformed:
    """The place is known where the name stands as a name twice in the whole text, and not more often."""
    places = [match.start() for match in re.finditer(re.escape(json.dumps(name)) + r"\s*:", text)]
    found = f"the name `{name}` twice in one object"
    return at(text, places[1], found) if len(places) == 2 else Malformed(found)
