"""When checkpoints are due: every day once, whatever the clocks do."""

import re
import subprocess
import sys
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint import schedule
from checkpoint.schedule import Schedule, of_plan
from checkpoint.slots import moment_of
from tests.helpers.clock_changes import (
    ZONES,
    Case,
    Run,
    by_the_minute,
    cases,
    changes,
    doubled,
    never_shown,
    repeated,
    shown,
    skipped,
)

CASES = list(cases())
ROOT = str(Path(__file__).parents[1])
PAGE = (Path(ROOT) / "docs" / "schedule.md").read_text()


def at(text: str) -> float:
    """The moment of a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def slots(of: Case) -> Iterator[int]:
    """All slots of the case, each asked for at the one before."""
    due, moment = Schedule(of.expression, of.zone), of.begin - 1.0
    while (following := due.after(moment)) is not None and following < of.end:
        moment = following
        yield int(moment)


def test_the_table_has_two_changes_of_each_zone() -> None:
    assert [len(changes(zone)) for zone in ZONES] == [2] * 10
    assert len(CASES) == 240


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.zone} {case.expression}")
def test_clocks_are_changed(case: Case) -> None:
    runs = [Run(each, shown(each, case.zone)) for each in slots(case)]
    assert [run.moment for run in runs] == by_the_minute(case)
    assert skipped(case, runs) == repeated(case, runs) == never_shown(case, runs) == doubled(runs) == []


def promised() -> Iterator[tuple[str, int, list[str]]]:
    """Each cell of the page's table: an expression, midnight in Berlin, and what comes from 1:00 to 4:00."""
    for line in PAGE.splitlines():
        cells = [re.findall(r"`([^`]+)`", cell) for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and all(re.fullmatch("[0-9]{2}:[0-9]{2}", each) for each in cells[1] + cells[2]):
            for midnight, times in zip(("2026-03-28T23:00", "2026-10-24T22:00"), cells[1:], strict=True):
                yield from ((expression, int(at(midnight)), times) for expression in cells[0])


def test_the_page_shows_what_comes() -> None:
    table = list(promised())
    for expression, midnight, times in table:
        runs = slots(Case("Europe/Berlin", expression, midnight + 3600, midnight + 6 * 3600))
        clocks = [shown(each, "Europe/Berlin") for each in runs]
        assert [f"{each:%H:%M}" for each in clocks if each.hour < 4] == times, expression
    assert len(table) == 8


@given(st.sampled_from(CASES), st.floats(0, 1), st.sampled_from([0, 0.25, 1, 59.5]))
def test_the_latest_slot_is_the_one_before_the_next(case: Case, part: float, more: float) -> None:
    due, expected = Schedule(case.expression, case.zone), by_the_minute(case)
    moment = (expected[0] + part * (expected[-1] - 60 - expected[0])) // 60 * 60 + more
    at_hand = bisect_right(expected, moment)
    assert (due.latest(moment), due.after(moment)) == (expected[at_hand - 1], expected[at_hand])


@pytest.mark.parametrize(
    ("expression", "zone", "moment", "latest", "after"),
    [
        ("*/30 9-18 * * mon-fri", "", "2026-11-21T15:30", "2026-11-20T18:30", "2026-11-23T09:00"),
        ("0 12 L * *", "", "2026-02-14T00:00", "2026-01-31T12:00", "2026-02-28T12:00"),
        ("0 12 * * mon#1", "", "2026-11-21T00:00", "2026-11-02T12:00", "2026-12-07T12:00"),
        ("0 0 29 2 */7", "", "2026-11-21T00:00", "2004-02-29T00:00", "2032-02-29T00:00"),
        ("*/15 0 29 2 */7", "Europe/Berlin", "2026-11-21T00:00", "2004-02-28T23:45", "2032-02-28T23:00"),
        ("0 9 1 * mon", "", "2026-11-21T00:00", "2026-11-16T09:00", "2026-11-23T09:00"),
    ],
)
def test_dates_of_the_calendar(expression: str, zone: str, moment: str, latest: str, after: str) -> None:
    due = Schedule(expression, zone)
    assert (due.latest(at(moment)), due.after(at(moment))) == (at(latest), at(after))


def test_a_slot_is_later_than_the_moment_and_at_a_whole_minute() -> None:
    due = Schedule("* * * * *")
    assert [due.after(each) for each in (59.999, 60.0, 60.001)] == [60.0, 120.0, 120.0]
    assert [due.latest(each) for each in (59.999, 60.0, 60.001)] == [0.0, 60.0, 60.0]


def test_a_schedule_is_told_and_its_slots_are_named() -> None:
    due = Schedule("*/30  9-18 * * mon-fri", "Europe/Berlin")
    assert due.text == "*/30 9-18 * * mon-fri (Europe/Berlin)"
    assert Schedule("0 9 * * *").text == "0 9 * * * (UTC)"
    assert due.slot(at("2026-11-21T15:30")) == "cron:2026-11-21T15:30Z"


@given(st.integers(0, 2**32).map(lambda minute: minute * 60.0).filter(lambda moment: moment < 250_000_000_000))
def test_a_slots_name_tells_its_moment(moment: float) -> None:
    assert moment_of(Schedule("* * * * *").slot(moment)) == moment


@pytest.mark.parametrize(
    "name", ["", "manual", "watch:1f3c", "cron:", "cron:2026-13-01T00:00Z", "cron:2026-11-21T15:30"]
)
def test_another_name_tells_none(name: str) -> None:
    assert moment_of(name) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("60 * * * *", "minutes from 0 to 59"),
        ("*/0 * * * *", "minutes from 0 to 59"),
        ("0 22-6 * * *", "hours from 0 to 23"),
        ("0 0 32 * *", "days from 1 to 31"),
        ("0 0 30 2 *", "days from 1 to 31 that a month has"),
        ("0 0 * 13 *", "months from 1 to 12"),
        ("0 0 * * fri-mon", "weekdays from 0 to 7"),
        ("0 0 */31 2 mon#5", "a date that the calendar has"),
        ("*/5 * * * * *", "a schedule has no seconds"),
        ("@daily", "five fields"),
        ("0 9", "five fields"),
        ("0 9 * * * * *", "five fields"),
        (f"0 9 * * {','.join(['1'] * 200)}", "at most 250 characters"),
        (f"{'9' * 200} * * * *", "minutes from 0 to 59"),
        ("² * * * *", "minutes from 0 to 59"),
    ],
)
def test_an_expression_that_is_none_is_refused_with_a_reason(expression: str, expected: str) -> None:
    assert expected in schedule.expression_problem(expression)
    with pytest.raises(ValueError, match="expected "):
        Schedule(expression)


@pytest.mark.parametrize(
    "zone", ["Mars", "Europe", "../UTC", "right/UTC", "posix/UTC", "localtime", "/etc/localtime", "a\0b", "\ud800", " "]
)
def test_a_zone_that_is_none_everywhere_is_refused(zone: str) -> None:
    assert schedule.zone_problem(zone) == "the name of a time zone"
    with pytest.raises(ValueError, match="expected the name of a time zone"):
        Schedule("* * * * *", zone)


@pytest.mark.parametrize("zone", ["", "UTC", "Europe/Berlin", "Etc/GMT+5", "America/Argentina/Ushuaia"])
def test_a_zone_is_known(zone: str) -> None:
    assert schedule.zone_problem(zone) == ""
    assert not zone or zone in schedule.zones()


@given(st.text("0123456789*/,-#LWlw @?²", max_size=30) | st.text(max_size=20))
def test_whatever_is_written_is_a_schedule_or_is_refused(expression: str) -> None:
    wrong = schedule.problem(expression, "")
    assert "\n" not in wrong
    if wrong:
        with pytest.raises(ValueError, match="expected "):
            of_plan(expression, "")
    else:
        due = of_plan(expression, "Europe/Berlin")
        assert (due is None) == (not expression.strip())
        assert due is None or (due.after(0) or 0) > 0


@pytest.mark.parametrize("expression", ["", "  "])
def test_an_empty_expression_is_no_schedule(expression: str) -> None:
    assert of_plan(expression, "Europe/Berlin") is None
    with pytest.raises(ValueError, match="expected an expression"):
        Schedule(expression)


def zone_problem_without_a_database(preparation: str) -> str:
    program = f"import sys; sys.path.insert(0, {ROOT!r}); {preparation}; from checkpoint import schedule; "
    argv = [sys.executable, "-c", program + "print(schedule.zone_problem('Europe/Berlin'))"]
    return subprocess.run(
        argv, env={"PYTHONTZPATH": ""}, check=True, capture_output=True, text=True
    ).stdout.removesuffix("\n")


def test_the_package_of_zones_stands_in_for_a_machine_that_has_none() -> None:
    assert zone_problem_without_a_database("pass") == ""


def test_a_machine_without_any_zones_is_told_apart_from_a_wrong_zone() -> None:
    assert "install the package `tzdata`" in zone_problem_without_a_database("sys.modules['tzdata'] = None")
