"""One alarm for many things: it ends what takes too long, and nothing else."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from checkpoint.validation.deadline import Deadline, OutOfTime


@pytest.fixture
def deadline() -> Iterator[Deadline]:
    with Deadline() as made:
        yield made


def rings() -> float:
    """The seconds until the alarm goes off; 0 where none is set."""
    return signal.getitimer(signal.ITIMER_REAL)[0]


def test_what_has_had_its_time_is_ended(deadline: Deadline) -> None:
    deadline.begin(time.perf_counter() - 200, 100)
    with pytest.raises(OutOfTime):
        signal.raise_signal(signal.SIGALRM)
    signal.raise_signal(signal.SIGALRM)  # once


def test_what_began_later_has_all_of_its_time(deadline: Deadline) -> None:
    now = time.perf_counter()
    deadline.begin(now - 90, 100)
    deadline.end()
    deadline.begin(now, 100)
    signal.raise_signal(signal.SIGALRM)
    assert 90 < rings() <= 100


def test_nothing_is_ended_that_is_done_or_has_no_limit(deadline: Deadline) -> None:
    deadline.begin(time.perf_counter() - 200, 100)
    deadline.end()
    signal.raise_signal(signal.SIGALRM)
    deadline.begin(time.perf_counter() - 200, 0)
    signal.raise_signal(signal.SIGALRM)


def test_one_alarm_does_for_many_and_is_set_anew_for_a_shorter_limit(deadline: Deadline) -> None:
    now = time.perf_counter()
    deadline.begin(now, 100)
    signal.setitimer(signal.ITIMER_REAL, 60)  # whoever sets one again is found out
    deadline.begin(now + 1, 100)
    assert rings() <= 60
    deadline.begin(now + 2, 5)
    assert rings() <= 5


def test_an_alarm_that_found_nothing_is_set_by_what_comes_next(deadline: Deadline) -> None:
    deadline.begin(time.perf_counter(), 100)
    deadline.end()
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.raise_signal(signal.SIGALRM)
    assert rings() == 0
    deadline.begin(time.perf_counter(), 100)
    assert rings() > 90


def test_all_is_as_it_was_afterwards() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with Deadline() as deadline:
        deadline.begin(time.perf_counter(), 100)
    assert (signal.getsignal(signal.SIGALRM), rings()) == (before, 0)


def test_another_thread_has_no_alarms_and_no_limit() -> None:
    found = []

    def work() -> None:
        with Deadline() as deadline:
            deadline.begin(time.perf_counter(), 100)
            found.append(rings())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [0]
