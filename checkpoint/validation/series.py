"""The commands of one folder in a run, and which of them need not be run again.

What a command did is kept where it declares what it reads: as long as that is the same, and all else that decides it,
its outcome stands. What it writes the next ones of the folder see: so one that has written something is run again
where one behind it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec

from checkpoint.validator import Outcome


class Wanted(msgspec.Struct, frozen=True):
    """A command as an expectation wants it run: in `seconds`, or the time that the user configured."""

    command: str
    seconds: float | None = None
    network: bool = False
    outside: bool = False
    reads: tuple[str, ...] = ()
    """Paths and globs of the team's folder: what its outcome depends on, where any are declared."""


class Ran(msgspec.Struct, frozen=True):
    """What came of a command. `written` are the files that were in the folder's layer then, from the layer's top.

    `is_harmless`: nothing that a later command of the folder could find was there.
    """

    outcome: Outcome
    written: tuple[bytes, ...] = ()
    is_harmless: bool = False


class Memory(Protocol):
    """What is known of commands that were run before."""

    def key(self, wanted: Wanted) -> str:
        """A digest of all that decides its outcome, as things are now; empty where that is not known."""

    def find(self, key: str) -> Ran | None: ...

    def keep(self, key: str, ran: Ran) -> None:
        """Keeps it, if it is worth being kept."""


class Series:
    """The commands of a folder, each to be run once, in their order, by one thread at a time."""

    def __init__(self, run: Callable[[Wanted], Ran], memory: Memory | None) -> None:
        self._run = run
        self._memory = memory
        self._wanted: list[Wanted] = []
        self._keys: list[str] = []
        self._known: list[Ran | None] | None = None
        self._has_run = False

    def add(self, wanted: Wanted) -> Callable[[], Ran]:
        """What runs it, or finds what is known of it. All are added before the first one is run."""
        number = len(self._wanted)
        self._wanted.append(wanted)
        return lambda: self._ran(number)

    def must_run(self) -> bool:
        """Whether any of them has to be run. Looks, if nobody has."""
        return not all(self._looked())

    def _ran(self, number: int) -> Ran:
        known, wanted = self._looked()[number], self._wanted[number]
        if known is not None and (not self._has_run or self._is_same(number)):
            return known
        self._has_run = True
        ran = self._run(wanted)
        if self._memory is not None and self._is_same(number):
            self._memory.keep(self._keys[number], ran)
        return ran

    def _is_same(self, number: int) -> bool:
        """Whether what decides its outcome is known, and has not changed since the series began."""
        key = self._keys[number]
        return bool(key) and self._memory is not None and self._memory.key(self._wanted[number]) == key

    def _looked(self) -> list[Ran | None]:
        if self._known is None:
            self._known = self._look()
        return self._known

    def _look(self) -> list[Ran | None]:
        memory = self._memory
        if memory is None:
            self._keys = [""] * len(self._wanted)
            return [None] * len(self._wanted)
        self._keys = [memory.key(each) if each.reads else "" for each in self._wanted]
        return stands([memory.find(key) if key else None for key in self._keys])


def stands(known: list[Ran | None]) -> list[Ran | None]:
    """Of what is known of a folder's commands, in their order, what need not be run again."""
    last = max((number for number, each in enumerate(known) if each is None), default=-1)
    return [each if each and (number > last or each.is_harmless) else None for number, each in enumerate(known)]
