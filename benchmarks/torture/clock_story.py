"""Stories of a clock that is set forward and back while hours are kept: what must come of each turn, and what came."""

import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import NamedTuple

from benchmarks.torture.clock_keepers import HOUR, Keeper
from tests.helpers.fake_clock import FakeClock
from tests.helpers.process_trees import until

NOON = 1_795_435_200.0
"""Mon 23 Nov 2026 12:00 UTC."""
BOUND = 60.0
"""Seconds within which what was missed is made up for."""


class Pace(NamedTuple):
    """Seconds: `before` is what is left of an hour where the clock is set to its end, `linger` how long nothing must
    happen, `grace` how long the naive way has where ours is done."""

    before: float
    linger: float
    grace: float


FULL, SHORT = Pace(8.0, 25.0, BOUND), Pace(2.0, 1.5, 0.5)


class Turn(NamedTuple):
    """After a turn of the story an hour was to come, within `BOUND`; whether it did, by the keeper's name."""

    name: str
    hour: float
    came: dict[str, bool]


class Kept(NamedTuple):
    """What came of a keeper: the turns after which the hour came, and how often each hour did in the end."""

    name: str
    is_ours: bool
    came: dict[str, bool]
    runs: Counter[float]
    hours: frozenset[float]

    @property
    def missed(self) -> list[str]:
        """The turns after which an hour did not come in time."""
        return [name for name, has_come in self.came.items() if not has_come]

    @property
    def repeated(self) -> list[float]:
        return sorted(hour for hour, number in self.runs.items() if number > 1)

    @property
    def lost(self) -> list[float]:
        """Hours of which there is no run in the end, whatever was said before."""
        return sorted(hour for hour in self.hours if not self.runs[hour])

    @property
    def uncalled(self) -> list[float]:
        """What nobody asked for."""
        return sorted(self.runs.keys() - self.hours)


class Stage:
    """Keepers who look at one clock, and what came of each turn so far."""

    def __init__(self, clock: FakeClock, keepers: Sequence[Keeper], pace: Pace, say: Callable[[str], None]) -> None:
        self.clock = clock
        self.keepers = keepers
        self.pace = pace
        self.turns: list[Turn] = []
        self._say = say

    def kept(self) -> list[Kept]:
        hours = frozenset(turn.hour for turn in self.turns)
        return [
            Kept(each.name, each.is_ours, {turn.name: turn.came[each.name] for turn in self.turns}, each.runs(), hours)
            for each in self.keepers
        ]

    def start(self, *, ours: bool) -> None:
        for each in self.keepers:
            if each.is_ours == ours:
                each.start()

    def restart(self, seconds: float) -> None:
        """All are killed, and started again when the clock has been set forward or back."""
        for each in self.keepers:
            each.kill()
        self.clock.step(seconds)
        for each in self.keepers:
            each.start()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """As far as they can tell, no time passes meanwhile but on the clock."""
        self._send(signal.SIGSTOP)
        try:
            yield
        finally:
            self._send(signal.SIGCONT)

    def deliver(self) -> None:
        for each in self.keepers:
            each.deliver()

    def expect(self, name: str, hour: float) -> None:
        """The hour must come now."""
        self._say(name)
        ours = [each for each in self.keepers if each.is_ours]
        others = [each for each in self.keepers if not each.is_ours]
        _came_within(BOUND, ours, hour)
        _came_within(self.pace.grace, others, hour)
        self.turns.append(Turn(name, hour, {each.name: each.has_run(hour) for each in self.keepers}))

    def show_end_of(self, hour: float) -> None:
        """The clock is set to shortly before the hour."""
        self.clock.show(hour - self.pace.before)

    def show_again(self, hour: float) -> None:
        """The clock comes to an hour that it has shown before; what should not happen has the time to."""
        self.show_end_of(hour)
        self.pass_by(hour)

    def pass_by(self, hour: float) -> None:
        """Lets the clock come to an hour, and what should not happen then has the time to."""
        until(lambda: self.clock.now >= hour, "the hour has come")
        self.linger()

    def linger(self) -> None:
        """Lets some time pass."""
        end = self.clock.now + self.pace.linger
        until(lambda: self.clock.now >= end, "time passes")

    def _send(self, number: int) -> None:
        for each in self.keepers:
            each.send(number)


def play_set(stage: Stage) -> None:
    """The clock is set while all run, and while they are stopped; they are at work when it ends."""
    _begin(stage)
    stage.deliver()
    stage.clock.step(HOUR)
    stage.expect("set forward by 1 h", NOON + HOUR)
    stage.clock.step(-HOUR)
    stage.deliver()
    stage.show_again(NOON + HOUR)
    stage.show_end_of(NOON + 2 * HOUR)
    stage.expect("the next hour, set back by 1 h before", NOON + 2 * HOUR)
    with stage.suspended():
        stage.deliver()
        stage.linger()
        stage.clock.show(NOON + 10.3 * HOUR)
    stage.expect("suspended for 8 h", NOON + 10 * HOUR)


def play_down(stage: Stage) -> None:
    """The clock is set while nobody runs.

    Of the first hour nothing is published, as nothing was delivered: nothing on the remote tells of it.
    """
    _begin(stage)
    stage.linger()
    stage.show_end_of(NOON + HOUR)
    stage.restart(-HOUR)
    stage.deliver()
    stage.pass_by(NOON)
    stage.show_end_of(NOON + HOUR)
    stage.expect("the next hour, set back by 1 h while down", NOON + HOUR)
    stage.restart(5 * HOUR)
    stage.expect("down for 5 h", NOON + 6 * HOUR)


def _begin(stage: Stage) -> None:
    stage.clock.show(NOON - HOUR / 2)
    stage.start(ours=True)
    stage.show_end_of(NOON)
    stage.start(ours=False)
    stage.expect("nothing set", NOON)


def _came_within(seconds: float, keepers: Sequence[Keeper], hour: float) -> None:
    with _unless_too_late():
        until(partial(_came, keepers, hour), "the hour has come", seconds)


def _came(keepers: Sequence[Keeper], hour: float) -> bool:
    return all(each.has_run(hour) for each in keepers)


@contextmanager
def _unless_too_late() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        return
