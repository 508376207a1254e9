"""What the readers raise."""

from __future__ import annotations


class Malformed(Exception):
    """The text is not what it should be. `found` says what is wrong; `line` and `column` count from 1, 0 is unknown."""

    def __init__(self, found: str, line: int = 0, column: int = 0) -> None:
        super().__init__(found)
        self.found = found
        self.line = line
        self.column = column


def at(text: str, offset: int, found: str) -> Malformed:
    """Malformed at that place of the text."""
    before = text[:offset]
    return Malformed(found, before.count("\n") + 1, offset - before.rfind("\n"))
