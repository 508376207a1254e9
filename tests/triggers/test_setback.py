"""When people hear that no checkpoint can be taken."""

from hypothesis import example, given
from hypothesis import strategies as st

from checkpoint.errors import Busy, CheckpointError, PlanError, PublishError, Stalled
from checkpoint.triggers.setback import BUSY_PATIENCE, PATIENCE, Setback, after, kind

AWAY = PublishError("origin/main cannot be fetched")
REFUSED = PublishError("origin/main could not be published to")
TAKEN = Busy("another run holds this plan")


def met(*errors: CheckpointError, seconds: float) -> Setback:
    """The setback that these failures make, one at once and the next ones so many seconds apart."""
    setback = after(None, errors[0], 0.0, "")
    for number, error in enumerate(errors[1:], 1):
        setback = after(setback, error, number * seconds, "")
    return setback


def test_what_needs_a_person_is_told_at_once() -> None:
    assert met(Stalled("the plan is gone"), seconds=0.0).is_news(0.0)


def test_what_may_pass_is_told_where_it_does_not() -> None:
    assert not met(AWAY, AWAY, seconds=PATIENCE).is_news(PATIENCE - 1)
    assert met(AWAY, AWAY, seconds=PATIENCE).is_news(PATIENCE)


def test_failures_that_take_turns_do_not_hide_that_nothing_works() -> None:
    assert met(AWAY, REFUSED, AWAY, REFUSED, seconds=PATIENCE / 3).is_news(PATIENCE)
    assert met(AWAY, REFUSED, seconds=1.0).tries == 1


def test_a_run_that_never_ends_is_told_in_the_end() -> None:
    assert not met(TAKEN, TAKEN, seconds=BUSY_PATIENCE).is_news(BUSY_PATIENCE - 1)
    assert met(TAKEN, TAKEN, seconds=BUSY_PATIENCE).is_news(BUSY_PATIENCE)


@example(0, 1, b"\xab\xcd\xef\xab", b"\xde\xad\xbe\xef")
@given(st.integers(0), st.integers(0), st.binary(min_size=4, max_size=32), st.binary(min_size=4, max_size=32))
def test_counts_and_commits_make_no_other_trouble(few: int, many: int, one: bytes, other: bytes) -> None:
    assert kind(PlanError(f"plan.md has {few} errors")) == kind(PlanError(f"plan.md has {many} errors"))
    assert kind(AWAY) == kind(PublishError("origin/dev2 cannot be fetched"))
    gone = (Stalled(f"plan.md is not in {commit.hex()}") for commit in (one, other))
    assert len({kind(each) for each in gone}) == 1


def test_other_failures_are_other_trouble() -> None:
    errors = (
        AWAY,
        REFUSED,
        TAKEN,
        Stalled("the plan is gone"),
        Stalled("the server declines pushes to main"),
        PlanError("the plan is gone"),
    )
    assert len({kind(each) for each in errors}) == len(errors)
