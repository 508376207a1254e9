"""When to look next, whatever hints come and whenever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.triggers.agenda import BACK_OFF, SHARE, Agenda

START = 1000.0
LOOKED = Agenda().looked(START).polled(START)
gaps = st.lists(st.floats(0.0, 100.0), max_size=60)


def after(gaps: list[float], agenda: Agenda = LOOKED) -> tuple[Agenda, list[float]]:
    """The agenda after hints with these gaps between them, and their times."""
    times = [START + sum(gaps[:number]) for number in range(1, len(gaps) + 1)]
    for time in times:
        agenda = agenda.hint(time)
    return agenda, times


def test_a_new_agenda_is_due_at_once() -> None:
    assert Agenda().due(0.0)
    assert Agenda().poll_due(0.0)
    assert Agenda().wait(0.0) == 0.0


def test_a_hint_waits_for_two_quiet_seconds() -> None:
    agenda = LOOKED.hint(START + 10.0).hint(START + 11.0)
    assert not agenda.due(START + 12.9)
    assert agenda.due(START + 13.0)
    assert agenda.wait(START + 11.5) == 1.5


def test_hints_without_end_are_answered_after_half_a_minute() -> None:
    agenda, times = after([0.5] * 60)
    assert not agenda.due(times[0] + 29.9)
    assert agenda.due(times[0] + 30.0)


def test_without_a_hint_a_look_is_due_every_minute() -> None:
    assert not LOOKED.due(START + 59.9)
    assert LOOKED.due(START + 60.0)


def test_a_hint_that_came_while_somebody_looked_is_not_answered_yet() -> None:
    agenda = LOOKED.hint(START + 5.0).hint(START + 8.0).looked(START + 7.5)
    assert not agenda.due(START + 9.9)
    assert agenda.due(START + 10.0)
    assert not agenda.looked(START + 10.0).due(START + 69.9)


def test_a_look_where_hints_were_from_answers_them_and_is_none_at_everything() -> None:
    agenda = LOOKED.hint(START + 5.0).answered(START + 7.0)
    assert not agenda.due(START + 59.9)
    assert not agenda.rescan_due(START + 59.9)
    assert agenda.due(START + 60.0)
    assert agenda.rescan_due(START + 60.0)


@given(st.floats(0.0, 30.0))
def test_looks_at_everything_take_no_more_than_their_share(cost: float) -> None:
    agenda = LOOKED.looked(START, cost)
    pause = agenda._rescan_at() - START
    assert pause == pytest.approx(max(60.0, cost / SHARE))
    assert cost <= SHARE * pause * 1.000001


@given(gaps)
def test_a_look_is_never_later_than_hints_and_the_rescan_allow(gaps: list[float]) -> None:
    agenda, times = after(gaps)
    latest = min([START + 60.0, *(min(times[-1] + 2.0, times[0] + 30.0) for _ in times[:1])])
    assert agenda.due(latest + 1e-6)


@given(gaps)
def test_no_look_is_due_before_two_quiet_seconds_or_its_time(gaps: list[float]) -> None:
    agenda, times = after(gaps)
    for time in times:
        if time < min(times[-1] + 2.0, times[0] + 30.0, START + 60.0):
            assert not agenda.due(time)


@given(gaps, st.floats(0.0, 200.0), st.booleans())
def test_who_waits_as_long_as_told_finds_something_due_and_not_before(
    gaps: list[float], passed: float, polls: bool
) -> None:
    agenda, times = after(gaps, LOOKED if polls else Agenda(poll=0.0).looked(START))
    now = (times or [START])[-1] + passed
    waited = agenda.wait(now)
    assert waited >= 0.0
    assert agenda.due(now + waited + 1e-6) or agenda.poll_due(now + waited + 1e-6)
    assert waited < 1e-3 or not (agenda.due(now + waited - 1e-3) or agenda.poll_due(now + waited - 1e-3))


def test_the_remote_is_polled_at_its_own_pace() -> None:
    agenda = Agenda(poll=30.0).looked(START).polled(START).hint(START + 1.0)
    assert not agenda.poll_due(START + 29.9)
    assert agenda.poll_due(START + 30.0)


def test_polling_may_be_switched_off() -> None:
    agenda = Agenda(poll=0.0)
    assert not agenda.poll_due(1e12)
    assert agenda.looked(START).wait(START) == 60.0


@given(st.floats(0.1, 5000.0), st.integers(0, 3000))
def test_a_failing_remote_is_asked_less_and_less_but_always_again(poll: float, failures: int) -> None:
    agenda = Agenda(poll=poll).polled(START)
    pauses = []
    for _ in range(failures + 1):
        agenda = agenda.polled(START, failed=True)
        pauses.append(agenda._poll_at() - START)
    assert pauses == sorted(pauses)
    assert pauses[0] == pytest.approx(max(poll, min(2 * poll, BACK_OFF)))
    assert pauses[-1] == pytest.approx(max(poll, min(BACK_OFF, poll * 2.0 ** min(failures + 1, 20))))
    assert agenda.polled(START)._poll_at() - START == pytest.approx(poll)
