"""Commands that run ahead give what they would give one after the other."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint.errors import Stalled
from checkpoint.validation.ahead import Ahead, Step
from checkpoint.validation.foreseen import outermost
from checkpoint.validation.series import Ran
from checkpoint.validator import Outcome

PLANS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=30)
"""What is expected, in the plan's order: the team, the row, and whether it is a command."""


def saying(text: str) -> Ran:
    return Ran(Outcome(0, text))


@contextmanager
def ahead(steps: list[Step], jobs: int = 2) -> Iterator[Ahead]:
    made = Ahead(steps, jobs)
    try:
        yield made
    finally:
        made.close(lambda: None)


def taken(made: Ahead, team: str, words: object) -> str:
    ran = made.take(team, words)
    assert ran is not None
    return ran.outcome.output


@settings(deadline=None)
@given(PLANS, st.integers(1, 4))
def test_each_row_keeps_its_order_and_stops_where_it_must(plan: list[tuple[int, int, bool]], jobs: int) -> None:
    begun: dict[int, list[int]] = defaultdict(list)
    asked = [-1]
    early: list[int] = []

    def command(number: int, row: int, stop: int) -> Callable[[], Ran]:
        def run() -> Ran:
            if asked[0] < stop:
                early.append(number)
            begun[row].append(number)
            return saying(f"{number}")

        return run

    stops: dict[int, int] = defaultdict(lambda: -1)
    steps = []
    for number, (team, row, is_command) in enumerate(plan):
        run = command(number, row, stops[row]) if is_command else None
        steps.append(Step(f"{team}", row, number if is_command else None, run))
        if not is_command:
            stops[row] = number
    with ahead(steps, jobs) as made:
        for number, (team, _, is_command) in enumerate(plan):
            asked[0] = number
            if is_command:
                assert taken(made, f"{team}", number) == f"{number}"
    expected = {row: [n for n, each in enumerate(plan) if each[1] == row and each[2]] for row in begun}
    assert begun == expected
    assert early == []


def test_rows_run_beside_each_other() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def meet() -> Ran:
        meeting.wait()
        return saying("met")

    with ahead([Step("a", 1, "meet", meet), Step("b", 2, "meet", meet)]) as made:
        assert (taken(made, "a", "meet"), taken(made, "b", "meet")) == ("met", "met")


def test_of_two_alike_each_is_run_and_given_once() -> None:
    answers = iter("12")
    steps = [Step("a", 1, "same", lambda: saying(next(answers)))] * 2
    with ahead(steps) as made:
        assert (taken(made, "a", "same"), taken(made, "a", "same")) == ("1", "2")
        assert made.take("a", "same") is None


def test_what_was_not_foreseen_is_for_the_asker_to_run() -> None:
    with ahead([Step("a", 1, "one", lambda: saying("1"))]) as made:
        assert made.take("a", "other") is None
        assert made.take("b", "one") is None
        assert taken(made, "a", "one") == "1"


def test_a_failure_is_the_askers() -> None:
    def fail() -> Ran:
        raise Stalled("no sandbox", mend="install one")

    with ahead([Step("a", 1, "fails", fail), Step("a", 1, "works", lambda: saying("1"))]) as made:
        with pytest.raises(Stalled, match="no sandbox"):
            made.take("a", "fails")
        assert taken(made, "a", "works") == "1"


def test_much_output_is_given_back_whole() -> None:
    with ahead([Step("a", 1, n, lambda: saying("ü" * 100_000)) for n in range(3)]) as made:
        assert [taken(made, "a", n) for n in range(3)] == ["ü" * 100_000] * 3


def test_after_its_end_nothing_is_begun() -> None:
    running, told, second = threading.Event(), threading.Event(), threading.Event()

    def begin_second() -> Ran:
        second.set()
        return saying("second")

    def first() -> Ran:
        running.set()
        told.wait(60)
        return saying("told")

    made = Ahead([Step("a", 1, "first", first), Step("a", 1, "second", begin_second)], 1)
    running.wait(60)
    made.close(told.set)
    assert not second.is_set()


FOLDERS = st.lists(st.lists(st.sampled_from(["a", "b", "a b"]), max_size=3).map(lambda names: f"/{'/'.join(names)}"))


@given(FOLDERS)
def test_the_outermost_folder_is_the_shortest_that_holds_it(folders: list[str]) -> None:
    slow = {
        each: min((f for f in folders if f == each or each.startswith(f"{f.rstrip('/')}/")), key=len)
        for each in folders
    }
    assert outermost(folders) == slow
