"""Slots come by themselves, each once, whatever the clock does."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.schedule import Schedule
from checkpoint.slots import moment_of
from checkpoint.triggers.calendar import Calendar

HALF_HOURS = Schedule("*/30 * * * *")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()
HOUR = 3600.0


class Clock:
    """Goes on as time does, and can be set. `most` is how many have read it at the same time."""

    def __init__(self, moment: float) -> None:
        self._readers: list[int] = []
        self.most = 0
        self.set(moment)

    def __call__(self) -> float:
        self._readers.append(1)
        self.most = max(self.most, len(self._readers))
        time.sleep(0.001)  # so that others come in, if anything lets them
        self._readers.pop()
        return time.time() + self._ahead

    def set(self, moment: float) -> None:
        self._ahead = moment - time.time()


class Scene:
    """A calendar whose clock can be set, and what it said is due."""

    def __init__(self, moment: float) -> None:
        self.clock = Clock(moment)
        self._due: queue.Queue[str] = queue.Queue()
        self.calendar = Calendar(self._due.put, self.clock)

    def look_at(self, moment: float) -> list[float]:
        """Sets the clock and looks; the slots that were due since the last time."""
        self.clock.set(moment)
        self.calendar.look()
        return self.due()

    def due(self) -> list[float]:
        """The slots that were due since the last time, as seconds after noon."""
        return [self._after_noon(self._due.get()) for _ in range(self._due.qsize())]

    def wait(self) -> float:
        """The next slot that is due, as seconds after noon."""
        return self._after_noon(self._due.get(timeout=30))

    def _after_noon(self, name: str) -> float:
        moment = moment_of(name)
        assert moment is not None
        return moment - NOON


@pytest.fixture
def scene() -> Iterator[Callable[[float], Scene]]:
    made: list[Scene] = []

    def make(moment: float) -> Scene:
        made.append(Scene(moment))
        return made[-1]

    yield make
    for each in made:
        each.calendar.close()


def eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_slot_comes_by_itself_and_the_next_is_planned(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 1800 - 0.4)
    made.calendar.plan(HALF_HOURS, None)
    assert made.calendar.next == NOON + 1800
    assert made.wait() == 1800
    eventually(lambda: made.calendar.next == NOON + 3600)
    made.clock.set(NOON + 3600 - 0.4)
    made.calendar.look()
    assert made.wait() == 3600


@pytest.mark.parametrize(
    ("handled", "due"),
    [(None, []), (NOON - 5 * HOUR, [1800]), (NOON, [1800]), (NOON + 1800, []), (NOON + HOUR, [])],
)
def test_what_was_missed_is_one_slot_the_latest(
    scene: Callable[[float], Scene], handled: float | None, due: list[float]
) -> None:
    made = scene(NOON + 2000)
    made.calendar.plan(HALF_HOURS, handled)
    assert made.due() == due
    assert made.look_at(NOON + 2001) == []


def test_a_slot_that_was_handled_elsewhere_does_not_come_after_the_clock_was_set_back(
    scene: Callable[[float], Scene],
) -> None:
    made = scene(NOON + 1700)
    made.calendar.plan(HALF_HOURS, NOON + 1800)
    assert made.calendar.next == NOON + 3600
    assert made.look_at(NOON + 1800) == []


def test_slots_that_were_handled_before_the_clock_was_set_back_do_not_come(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 100)
    made.calendar.plan(HALF_HOURS, NOON, ahead=(NOON + 3600, NOON + 1800))
    assert made.calendar.next == NOON + 5400
    assert made.look_at(NOON + 3601) == []
    assert made.look_at(NOON + 5401) == [5400]


def test_the_same_schedule_again_changes_nothing(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    made.calendar.plan(Schedule("*/30 * * * *"), NOON - HOUR)
    assert (made.due(), made.calendar.next) == ([], NOON + 1800)


def test_another_schedule_takes_the_place_of_the_first(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    made.calendar.plan(Schedule("0 * * * *"), NOON)
    assert (made.due(), made.calendar.next) == ([], NOON + HOUR)
    assert made.look_at(NOON + 1801) == []
    assert made.look_at(NOON + 3601) == [3600]


def test_without_a_schedule_nothing_comes(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.look()
    made.calendar.plan(HALF_HOURS, None)
    made.calendar.plan(None, NOON - HOUR)
    assert (made.look_at(NOON + 3601), made.calendar.next) == ([], None)


def test_after_suspend_there_is_one_slot_the_latest(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    assert made.look_at(NOON + 8 * HOUR + 10) == [8 * HOUR]
    assert made.calendar.next == NOON + 8 * HOUR + 1800


def test_a_clock_that_is_set_back_repeats_nothing_and_loses_nothing(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    assert made.look_at(NOON + 1801) == [1800]
    assert made.look_at(NOON + 3601) == [3600]
    assert made.look_at(NOON + 1) == []
    assert made.calendar.next == NOON + 5400
    assert [made.look_at(NOON + each) for each in (1801, 3601, 5399)] == [[], [], []]
    assert made.look_at(NOON + 5401) == [5400]


def test_a_clock_that_was_wrong_for_a_while_holds_nothing_up(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    assert made.look_at(NOON + 1e8) == [99_999_000]
    assert made.look_at(NOON + 20) == []
    assert made.look_at(NOON + 1801) == [1800]


@given(st.lists(st.integers(-4, 4).map(lambda slots: slots * 1800), min_size=20, max_size=40))
def test_however_the_clock_jumps_each_slot_comes_once_and_the_latest_always(jumps: list[int]) -> None:
    scene, come, before = Scene(NOON + 10), [], NOON + 10
    scene.calendar.plan(HALF_HOURS, None)
    try:
        for jump in jumps:
            now = before + jump
            come += scene.look_at(now)
            latest = HALF_HOURS.latest(now)
            assert latest is not None
            assert latest <= before or latest - NOON in come
            assert (scene.calendar.next or 0) > now
            before = now
    finally:
        scene.calendar.close()
    assert len(set(come)) == len(come)


def test_many_who_look_at_once_are_told_once(scene: Callable[[float], Scene]) -> None:
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    made.clock.set(NOON + 1801)
    lookers = [threading.Thread(target=made.calendar.look) for _ in range(8)]
    for each in lookers:
        each.start()
    for each in lookers:
        each.join()
    assert (made.due(), made.clock.most) == ([1800], 1)


def test_a_closed_calendar_is_quiet(scene: Callable[[float], Scene]) -> None:
    others = set(threading.enumerate())
    made = scene(NOON + 10)
    made.calendar.plan(HALF_HOURS, None)
    made.calendar.close()
    made.calendar.close()
    made.calendar.plan(Schedule("* * * * *"), NOON - HOUR)
    assert (made.look_at(NOON + 3601), made.calendar.next) == ([], None)
    eventually(lambda: set(threading.enumerate()) <= others)
