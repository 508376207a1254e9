"""The checker of the third promise: what it calls between, on results that are damaged, and on the naive way."""

from pathlib import Path

import pytest

from benchmarks.torture.failures import is_followed, summary
from benchmarks.torture.failures_faults import git_series
from benchmarks.torture.failures_series import Case, Series, Struck, cases, judged, problems
from benchmarks.torture.failures_world import NAIVE, OURS, SETTLED_STATE, Ended, Found, World, complaints, state
from tests.helpers.repositories import clone, commit, git

SAID = "error: it failed\nwhy:   the disk is full\nmend:  free some space\n"
NOTHING = Found(0, True, False, 0)
DONE = Ended(0, "", 0.1)
SERIES = Series("git", "git lies", lambda world, number: Struck(world.run(), "nothing"))


def ended(status: int | None, err: str = SAID) -> Ended:
    return Ended(status, err, 0.1)


@pytest.mark.parametrize(
    ("how", "found", "expected"),
    [
        (ended(4), NOTHING, "before"),
        (ended(6), NOTHING, "before"),
        (DONE, SETTLED_STATE, "after"),
        (DONE, SETTLED_STATE._replace(told=0), "after"),
        (ended(7), SETTLED_STATE._replace(recorded=False, told=0), "unrecorded"),
        (ended(4, "error: it is not known whether x\n"), SETTLED_STATE._replace(recorded=False, told=0), "unknown"),
        (ended(4), SETTLED_STATE._replace(recorded=False, told=0), "between"),
        (ended(4), NOTHING._replace(told=1), "between"),
        (ended(4), NOTHING._replace(whole=False), "between"),
        (DONE, NOTHING, "between"),
        (DONE, SETTLED_STATE._replace(recorded=False), "between"),
        (DONE, SETTLED_STATE._replace(told=2), "between"),
        (DONE, SETTLED_STATE._replace(commits=2), "between"),
        (DONE, SETTLED_STATE._replace(whole=False), "between"),
        (ended(7), NOTHING, "between"),
        (ended(None), NOTHING, "between"),
    ],
)
def test_the_state_is_one_of_two_or_between(how: Ended, found: Found, expected: str) -> None:
    assert state(how, found) == expected


@pytest.mark.parametrize(
    ("status", "err", "wrong"),
    [
        (None, "", "did not end"),
        (70, SAID, "status 70"),
        (1, SAID, "status 1"),
        (4, "error: it failed\n", "no line of cause"),
        (4, SAID + "and more\n", "no line of cause"),
        (4, SAID.replace("the disk is full", "[Errno 28] No space"), "raw words"),
        (4, "Traceback (most recent call last)\n" + SAID, "raw words"),
    ],
)
def test_what_an_error_must_not_be(status: int | None, err: str, wrong: str) -> None:
    assert any(wrong in each for each in complaints(ended(status, err), 9.0))


def test_one_line_of_cause_and_one_of_mend_are_enough() -> None:
    assert not complaints(ended(4), 9.0)
    assert not complaints(ended(7, "note: x\nerror: it failed\nmend:  do it\n"), 9.0)
    assert not complaints(DONE, 9.0)


@pytest.mark.parametrize(
    ("how", "found", "following", "wrong"),
    [
        (ended(4), NOTHING, (ended(6), NOTHING), "the next run: status 6"),
        (ended(4), NOTHING, (DONE, SETTLED_STATE._replace(told=2)), "after the next run"),
        (ended(75), NOTHING, (DONE, SETTLED_STATE), "status 75"),
        (ended(4), SETTLED_STATE, (DONE, SETTLED_STATE), "between"),
    ],
)
def test_what_must_not_be(how: Ended, found: Found, following: tuple[Ended, Found], wrong: str) -> None:
    assert any(each.startswith(wrong) for each in problems(SERIES, how, found, following))


def test_the_naive_way_is_between_where_a_push_lies(tmp_path: Path) -> None:
    lies = next(series for series in git_series() if series.name == "git lies")
    (case,) = cases([lies._replace(few=(4,))], NAIVE, tmp_path, short=True)
    assert (case.state, is_followed(case)) == ("between", False)
    assert "push" in case.name


def test_damage_is_found_and_what_is_sound_is_not(tmp_path: Path) -> None:
    with World(tmp_path, OURS) as world:
        sound = judged(SERIES, 1, SERIES.strike(world, 1), world)
        assert (sound.state, sound.problems) == ("after", ())
        world.restore()
        struck = SERIES.strike(world, 1)
        cut_plan(world, tmp_path / "other")
        assert state(struck.ended, world.found()) == "between"
        world.restore()
        struck = SERIES.strike(world, 1)
        world.way.journal(world).write_bytes(b"")
        assert state(struck.ended, world.found()) == "between"


def cut_plan(world: World, folder: Path) -> None:
    """What a write without a rename leaves of the plan on a full disk."""
    other = clone(world.remote, folder)
    commit(other, {"plan.md": world.after[: len(world.after) // 2]}, "Cut")
    git(other, "push", "-q", "origin", "HEAD:main")


def test_a_series_ends_where_a_run_has_no_more_operations(tmp_path: Path) -> None:
    short_lived = Series("git", "few", lambda world, number: Struck(world.run(), "x" if number < 3 else ""))
    assert len(list(cases([short_lived], OURS, tmp_path, short=False))) == 2


def test_the_figure_counts_every_state() -> None:
    found = [Case("git", "a", "before", ()), Case("git", "b", "between", ("after the next run: x",))]
    assert summary(found) == "2 failures: 1 before, 1 between; the next run right after 1"
