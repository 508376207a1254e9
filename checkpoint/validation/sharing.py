"""Units judged in several processes at once: each takes the next one, until there are none left.

The others are copies of this process, made when there is enough to do. A copy of a process with several threads could
wait forever for what another thread held at that moment, so there are none where there is more than one thread. A copy
shares open folders, and the pipes to running programs, with this process; so it judges what needs nothing but the
team's own files, and leaves everything else to this process, as it leaves what it has begun when it dies.
"""

from __future__ import annotations

import os
import struct
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.plan.model import Expectation, Team
from checkpoint.process import Copy, copied
from checkpoint.validation.given import Rules, TeamFiles
from checkpoint.validation.unit import Judged, Timed, Unit, judge, opened
from checkpoint.validator import TEXT_LIMIT, Entry, Outcome, Repository, Validator

Hands: TypeAlias = Callable[[], int]
"""How many processes may judge at once, this one among them."""

_MOST = 4
_LENGTH = struct.Struct("<I")
_TOKENS = 8000
"""Numbers of 4 bytes that wait in a pipe for whoever takes them: half of what a pipe holds."""
_SILENCE = 10.0
"""Seconds beyond the limit of an expectation after which a copy that says nothing is given up."""


class _NotHere(BaseException):
    """What is asked for is this process's own. Not an Exception, so that a plug-in cannot swallow it."""


class _Said(msgspec.Struct, frozen=True):
    """What a copy says of the unit of that number; nothing where it leaves it to this process."""

    number: int
    found: Timed | None


def hands() -> int:
    """As many as there are processors, where this process may be copied."""
    if sys.platform != "linux" or threading.current_thread() is not threading.main_thread():
        return 1
    try:
        threads = len(os.listdir("/proc/self/task"))
    except OSError:
        return 1
    return min(_MOST, len(os.sched_getaffinity(0))) if threads == 1 else 1


def judge_shared(
    units: Sequence[Unit],
    files: Callable[[Team], TeamFiles],
    rules: Rules,
    here: Callable[[Unit], Judged],
    many: int,
    heard: Callable[[int, str], None],
) -> list[Judged]:
    """Judges the units in so many processes; `here` judges one in this one.

    `heard` is told how many expectations are done, and of which team.
    """
    tokens = _tokens(len(units))
    found: dict[int, Judged] = {}
    own = 0
    workers = [_Worker(copied(lambda say: _work(tokens, units, files, rules, say))) for _ in range(many - 1)]
    try:
        for number in _taken(tokens, len(units)):
            found[number] = here(units[number])
            own += len(found[number].verdicts)
            for worker in workers:
                worker.listen(found, 0.0)
            heard(own + sum(worker.done for worker in workers), units[number].team.name)
        for worker in workers:
            while worker.listen(found, units[0].seconds + _SILENCE):
                heard(own + sum(each.done for each in workers), "")
    finally:
        os.close(tokens)
        for worker in workers:
            worker.end()
    return [found[number] if number in found else here(units[number]) for number in range(len(units))]


class _Worker:
    """A copy of this process, and what it has said so far."""

    def __init__(self, copy: Copy) -> None:
        self._copy = copy
        self._rest = b""
        self._is_over = False
        self.done = 0
        """How many expectations it has judged."""

    def listen(self, found: dict[int, Judged], seconds: float) -> bool:
        """Takes in what it says, waited for so long. False where there is no more to come."""
        piece = None if self._is_over else self._copy.said(seconds)
        self._is_over = self._is_over or piece == b"" or (piece is None and seconds > 0)
        self._rest += piece or b""
        for said in self._whole():
            if said.found:
                found[said.number] = opened(said.found)
                self.done += len(said.found.seconds)
        return not self._is_over

    def _whole(self) -> list[_Said]:
        said, start, content = [], 0, memoryview(self._rest)
        while len(content) >= start + _LENGTH.size:
            begin = start + _LENGTH.size
            end = begin + _LENGTH.unpack_from(content, start)[0]
            if len(content) < end:
                break
            said.append(msgspec.msgpack.decode(content[begin:end], type=_Said))
            start = end
        self._rest = self._rest[start:]
        return said

    def end(self) -> None:
        self._copy.end()


def _tokens(many: int) -> int:
    """A pipe with the numbers of what is to be done, of some at a time where there are very many."""
    reading, writing = os.pipe()
    os.write(writing, b"".join(_LENGTH.pack(number) for number in range(0, many, _step(many))))
    os.close(writing)
    return reading


def _step(many: int) -> int:
    return many // _TOKENS + 1


def _taken(tokens: int, many: int) -> Iterator[int]:
    while token := os.read(tokens, _LENGTH.size):
        first = _LENGTH.unpack(token)[0]
        yield from range(first, min(first + _step(many), many))


def _work(
    tokens: int, units: Sequence[Unit], files: Callable[[Team], TeamFiles], rules: Rules, say: Callable[[bytes], None]
) -> None:
    """What a copy does until nothing is left."""
    own = _OwnRules(rules)
    for number in _taken(tokens, len(units)):
        found = None
        if not own.refused.intersection(_validators(units[number])):
            try:
                found = judge(units[number], _alone(files(units[number].team)), own)
            except _NotHere:
                own.refuse()
        content = msgspec.msgpack.encode(_Said(number, found))
        say(_LENGTH.pack(len(content)) + content)


def _validators(unit: Unit) -> set[str]:
    return {each.validator for task in unit.team.tasks for each in task.expectations}


class _OwnRules:
    """The rules, as far as a copy may follow them; `refused` are the validators that have asked for more."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._last = ""
        self.refused: set[str] = set()

    def find(self, name: str) -> Validator:
        found = self._rules.find(name)
        if found.apart:
            self.refused.add(name)
            raise _NotHere
        return found

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        self._last = expectation.validator
        return self._rules.is_approved(team, expectation)

    def refuse(self) -> None:
        """What was judged last asked for what is not here."""
        self.refused.add(self._last)


def _alone(where: TeamFiles) -> TeamFiles:
    """A team's files, and nothing beside them."""
    return replace(where, references=_NoTree(), services=_NoServices(where.services.now))


class _NoTree:
    """The repository's files, which are this process's own to read (`Tree`)."""

    def entry(self, path: str) -> Entry | None:
        raise _NotHere

    def find(self, pattern: str) -> tuple[Entry, ...]:
        raise _NotHere

    def below(self, path: str) -> tuple[Entry, ...]:
        raise _NotHere

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        raise _NotHere


class _NoServices:
    """The clock, and nothing else (`checkpoint.validator.Services`)."""

    def __init__(self, now: float) -> None:
        self.now = now

    @property
    def repository(self) -> Repository:
        raise _NotHere

    def run(self, command: str, seconds: float | None, *, network: bool = False, outside: bool = False) -> Outcome:
        raise _NotHere
