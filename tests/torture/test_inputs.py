"""The judge of bad input can tell right from wrong, and every row of its tables has a case."""

import itertools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.torture.inputs import DELIVERIES, NAIVE, STATES, chosen, tried_by
from benchmarks.torture.inputs_case import Case
from benchmarks.torture.inputs_judge import Before, judge, look
from benchmarks.torture.inputs_plan import as_it_is
from benchmarks.torture.inputs_stage import CANARY, MEMORY, Ran, Stage
from tests.helpers.repositories import GitError, clone, git, push_edit

CASES = {case.name: case for case in (*(each.case for each in DELIVERIES), *STATES)}
PLAIN = Case("0", "nothing is odd", as_it_is, says=("api.json",), states=(("X-bad", "missing"),))


def went_well(folder: Path) -> Iterator[tuple[Stage, Before, Ran]]:
    stage = Stage(folder / "stage")
    before = look(stage)
    yield stage, before, stage.checkpoint(*PLAIN.words)
    stage.close()


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Before, Ran]]:
    """A checkpoint that went well, only to be looked at."""
    yield from went_well(tmp_path_factory.mktemp("seen"))


@pytest.fixture
def taken(tmp_path: Path) -> Iterator[tuple[Stage, Before, Ran]]:
    """A checkpoint that went well, to be damaged."""
    yield from went_well(tmp_path)


def test_what_went_well_is_found_right(seen: tuple[Stage, Before, Ran]) -> None:
    stage, before, ran = seen
    assert judge(PLAIN, stage, before, ran) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda ran: ran._replace(seconds=11.0), "no end in time"),
        (lambda ran: ran._replace(status=-9), "no end in time"),
        (lambda ran: ran._replace(peak=MEMORY + 2**20), "501 MiB of memory"),
        (lambda ran: ran._replace(status=1), "exit 1, not 0"),
        (lambda ran: ran._replace(err="Traceback (most recent call last):\nKeyError: 1"), "a traceback: KeyError"),
        (lambda ran: ran._replace(out=ran.out.replace('"missing"', '"verified"')), "X-bad is verified, not missing"),
        (lambda ran: ran._replace(out="{"), "H1 is not judged, not verified"),
        (lambda ran: ran._replace(out=ran.out.replace("api.json", "a file")), "it does not say: api.json"),
        (lambda ran: ran._replace(out=ran.out.replace('"action": "deliver', '"action": "", "x": "')), "no next step"),
        (lambda ran: ran._replace(err=CANARY), "a file outside of the repository was read"),
    ],
)
def test_a_run_that_went_wrong_is_found_out(
    seen: tuple[Stage, Before, Ran], damage: Callable[[Ran], Ran], found: str
) -> None:
    stage, before, ran = seen
    assert any(found in each for each in judge(PLAIN, stage, before, damage(ran)))


def pushed_more(stage: Stage) -> None:
    push_edit(clone(stage.remote, stage.folder / "other"), {"more.txt": "x\n"})


def unticked(stage: Stage) -> None:
    plan = (stage.plan() or b"").replace(b"[x] **H1**", b"[ ] **H1**")
    push_edit(clone(stage.remote, stage.folder / "other"), {"plan.md": plan})


def taken_back(stage: Stage) -> None:
    git(stage.remote, "update-ref", "refs/heads/main", "main~1")


def written_outside(stage: Stage) -> None:
    (stage.outside / "evil.txt").write_text("evil")


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (pushed_more, "the commit changes more.txt"),
        (unticked, "the healthy team is not verified in the plan"),
        (taken_back, "nothing was published"),
        (written_outside, "something outside of the repository was written"),
    ],
)
def test_damage_that_was_done_is_found_out(
    taken: tuple[Stage, Before, Ran], damage: Callable[[Stage], None], found: str
) -> None:
    stage, before, ran = taken
    damage(stage)
    assert judge(PLAIN, stage, before, ran) == [found]


def test_what_had_to_be_refused_and_was_published_is_found_out(seen: tuple[Stage, Before, Ran]) -> None:
    stage, before, ran = seen
    assert "something was published" in judge(PLAIN._replace(published=False, states=()), stage, before, ran)


@pytest.mark.parametrize(
    "name",
    [
        "a FIFO in place of a file",
        "a link to a file outside",
        "a Git LFS pointer, where a file must exist",
        "a block that is not closed",
        "markers in a code fence",
        "a file that is staged",
    ],
)
def test_the_naive_way_is_found_wrong_where_ours_is_right(tmp_path: Path, name: str) -> None:
    assert tried_by(NAIVE, CASES[name], tmp_path, 4.0)[0]
    assert tried_by((), CASES[name], tmp_path)[0] == []


def test_the_naive_way_is_found_right_where_nothing_is_odd(tmp_path: Path) -> None:
    assert tried_by(NAIVE, PLAIN, tmp_path)[0] == []


def test_an_input_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    def build(stage: Stage) -> None:
        raise GitError("no such thing")

    assert tried_by((), PLAIN._replace(build=build), tmp_path)[0] == ["it could not be made: no such thing"]


@pytest.mark.parametrize("script", ["import time; time.sleep(60)", "while True: pass"])
def test_a_program_that_does_not_end_is_ended(tmp_path: Path, script: str) -> None:
    ran = Stage(tmp_path / "stage").run([sys.executable, "-c", script], 0.5)
    assert ran.status == -9
    assert ran.seconds >= 0.5


def test_a_program_that_takes_all_memory_gets_none(tmp_path: Path) -> None:
    ran = Stage(tmp_path / "stage").run([sys.executable, "-c", "bytearray(4 * 2**30)"])
    assert (ran.status, ran.err.splitlines()[-1]) == (1, "MemoryError")


def test_memory_that_was_held_is_counted(tmp_path: Path) -> None:
    ran = Stage(tmp_path / "stage").run([sys.executable, "-c", "len(b'x' * 100 * 2**20)"])
    assert ran.peak > 100 * 2**20


def test_every_row_has_a_case() -> None:
    rows = {case.row for case in chosen(short=False)}
    assert {str(number) for number in range(1, 31)} | {"30+", "git"} <= rows


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in chosen(short=False)]
    assert [name for name, same in itertools.groupby(sorted(names)) if len(list(same)) > 1] == []
