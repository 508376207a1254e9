"""The checker of the fifth promise: what it calls broken, on APScheduler's own schedules and on what is damaged."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import pytest

from benchmarks.schedule import apscheduler, ours, result
from benchmarks.torture.clock import Found, broken, figure
from benchmarks.torture.clock_keepers import HOUR, Naive, Ours
from benchmarks.torture.clock_story import NOON, SHORT, Kept, Stage, Turn, play_set
from tests.helpers.clock_changes import by_the_minute, cases
from tests.helpers.fake_clock import MISSING, FakeClock, is_available
from tests.helpers.process_trees import until

needs_a_clock = pytest.mark.skipif(not is_available(), reason=MISSING)
HAVANA = [(case, by_the_minute(case)) for case in islice(cases(), 6)]
RIGHT = result("ours", ours, HAVANA)
WELL = Kept("well", True, {"a": True, "b": True}, Counter({NOON: 1, NOON + HOUR: 1}), frozenset((NOON, NOON + HOUR)))


@pytest.fixture
def clock(tmp_path: Path) -> FakeClock:
    return FakeClock(tmp_path / "clock", NOON)


@contextmanager
def alone(folder: Path, clock: FakeClock) -> Iterator[tuple[Stage, Naive]]:
    """A stage that the naive way has for itself."""
    naive = Naive(folder / "naive", clock)
    try:
        yield Stage(clock, [naive], SHORT, print), naive
    finally:
        naive.kill()


def told(kept: Kept) -> list[str]:
    return list(broken(Found(RIGHT, len(HAVANA), [kept])))


def test_each_hour_once_is_what_is_promised() -> None:
    assert told(WELL) == []
    assert figure(Found(RIGHT, 6, [WELL, WELL])) == (
        "6 clock changes: 0 days skipped, 0 doubled; set and suspended: 4/4 within 60 s, 0 twice"
    )


def test_a_clock_that_cannot_be_set_is_said_to_be_not_run() -> None:
    assert figure(Found(RIGHT, 6, [])).endswith(f"set and suspended: not run ({MISSING})")


def test_a_schedule_that_skips_days_breaks_it() -> None:
    found = Found(result("naive", apscheduler, HAVANA), 6, [])
    assert "6 clock changes: 2 days skipped" in figure(found)
    assert "clock changes: 2 days skipped" in list(broken(found))


def test_an_hour_that_comes_late_twice_or_uncalled_breaks_it() -> None:
    assert told(WELL._replace(came={"a": False, "b": True})) == ["well: a: the hour did not come within 60 s"]
    assert told(WELL._replace(runs=WELL.runs + Counter([NOON]))) == ["well: 12:00 came 2 times"]
    assert told(WELL._replace(runs=WELL.runs + Counter([NOON + 3 * HOUR]))) == ["well: 15:00 was not to come"]
    assert told(WELL._replace(runs=Counter([NOON]))) == ["well: 13:00 came 0 times"]


@needs_a_clock
def test_a_scheduler_that_does_not_look_at_the_clock_breaks_it(tmp_path: Path, clock: FakeClock) -> None:
    with alone(tmp_path, clock) as (stage, _):
        play_set(stage)
        (kept,) = stage.kept()
    assert "APScheduler: set forward by 1 h: the hour did not come within 60 s" in told(kept)
    assert "APScheduler: suspended for 8 h: the hour did not come within 60 s" in told(kept)


@needs_a_clock
def test_a_scheduler_that_forgets_what_it_did_breaks_it(tmp_path: Path, clock: FakeClock) -> None:
    with alone(tmp_path, clock) as (stage, naive):
        for _ in range(2):
            stage.restart(NOON - SHORT.before - clock.now)
            until(lambda: naive.has_run(NOON) or clock.now > NOON + 30, "it has run, or never will")
        stage.turns.append(Turn("a restart", NOON, {naive.name: True}))
        until(lambda: naive.runs()[NOON] > 1, "it has run again")
        (kept,) = stage.kept()
    assert told(kept) == ["APScheduler: 12:00 came 2 times"]


@needs_a_clock
def test_what_is_published_without_a_run_of_its_own_is_counted(tmp_path: Path, clock: FakeClock) -> None:
    keeper = Ours(tmp_path / "scheduled", clock)
    keeper._scene.commit({}, "checkpoint: Shop\n\nCheckpoint-Slot: cron:2026-11-23T12:00Z\n")
    assert keeper.runs() == Counter({-1.0: 1})
