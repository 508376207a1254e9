"""Commands of a run, several at once and before they are asked for; what comes of them is as if one by one.

Commands of one *row* run one after the other, in the plan's order: those of a folder, of which each sees what the ones
before have written, and those that reach beyond theirs. Rows run beside each other. Where an expectation might run a
command of its own, as a plug-in's, its row stops until a command behind it is asked for.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import msgspec

from checkpoint import scratch
from checkpoint.validation.series import Ran

_SMALL = 16384
"""Bytes of an outcome that are held in memory until it is asked for; larger ones are on the disk meanwhile."""


class Step(msgspec.Struct, frozen=True):
    """A command that will be asked for, with these words, for this team; `run` runs it, in any thread.

    `row` says with which others it keeps the plan's order. Without `run` it is something that the row stops at.
    """

    team: str
    row: Hashable
    words: Hashable = None
    run: Callable[[], Ran] | None = None


class Ahead:
    """Runs steps in `jobs` threads, in the order in which they are given. It must be closed."""

    def __init__(self, steps: Iterable[Step], jobs: int) -> None:
        self._owner = os.getpid()
        self._changed = threading.Condition()
        self._is_closed = False
        self._folder = ""
        self._rows: dict[Hashable, deque[_Awaited]] = {}
        self._teams: dict[str, deque[_Awaited]] = {}
        for step in steps:
            each = _Awaited(step)
            self._rows.setdefault(step.row, deque()).append(each)
            if step.run is not None:
                self._teams.setdefault(step.team, deque()).append(each)
        self._ready = deque(self._rows)
        self._busy: set[Hashable] = set()
        self._threads = [threading.Thread(target=self._work) for _ in range(min(jobs, len(self._rows)))]
        for thread in self._threads:
            thread.start()

    def take(self, team: str, words: Hashable) -> Ran | None:
        """What came of the team's next command, waited for; None where these are not its words: whoever asks runs it.

        Raises what running it raised.
        """
        waiting = self._teams.get(team)
        if os.getpid() != self._owner or not waiting or waiting[0].step.words != words:
            return None
        each = waiting.popleft()
        with self._changed:
            self._go_on(each)
            while not each.is_there:
                self._changed.wait()
        return each.taken()

    def close(self, tell: Callable[[], object]) -> None:
        """Begins no step any more, and waits until those that have begun have ended: `tell` tells them to."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        tell()
        for thread in self._threads:
            thread.join()
        if self._folder:
            scratch.remove(self._folder)

    def _go_on(self, each: _Awaited) -> None:
        """Takes away what its row stops at before it: whoever asks for it is past that."""
        if each.has_begun:
            return
        name = each.step.row
        row = list(self._rows[name])
        place = row.index(each)
        self._rows[name] = deque([*(other for other in row[:place] if other.step.run), *row[place:]])
        self._ready.appendleft(name)
        self._changed.notify_all()

    def _work(self) -> None:
        while (each := self._next()) is not None:
            each.run(self._place)
            with self._changed:
                each.is_there = True
                self._busy.discard(each.step.row)
                self._ready.appendleft(each.step.row)
                self._changed.notify_all()

    def _next(self) -> _Awaited | None:
        """The next step that may begin, waited for; None where there will be none."""
        with self._changed:
            while not self._is_closed:
                while self._ready:
                    name = self._ready.popleft()
                    row = self._rows[name]
                    if name not in self._busy and row and row[0].step.run is not None:
                        self._busy.add(name)
                        row[0].has_begun = True
                        return row.popleft()
                if not any(self._rows.values()):
                    return None
                self._changed.wait()
        return None

    def _place(self) -> str:
        """A folder for what is held."""
        with self._changed:
            self._folder = self._folder or scratch.make()
            return self._folder


class _Awaited:
    """A step, and what has come of it."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.has_begun = False
        self.is_there = False
        self._held: bytes | str = b""
        self._error: BaseException | None = None

    def run(self, place: Callable[[], str]) -> None:
        assert self.step.run is not None  # noqa: S101 - a stop is not run
        try:
            self._held = msgspec.msgpack.encode(self.step.run())
            if len(self._held) > _SMALL:
                self._held = _written(self._held, os.path.join(place(), f"{id(self)}"))
        except BaseException as error:  # noqa: BLE001 - whoever asks for it gets it
            self._error = error

    def taken(self) -> Ran:
        if self._error is not None:
            raise self._error
        held: Any = self._held
        if isinstance(held, str):
            with open(held, "rb") as file:
                content = file.read()
            os.unlink(held)
            held = content
        return msgspec.msgpack.decode(held, type=Ran)


def _written(content: bytes, path: str) -> str:
    with open(path, "xb") as file:
        file.write(content)
    return path
