"""The benchmark of scale can measure each of its rows, and can say that a limit is not met."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.scale.__main__ import GROUPS, measured, page
from benchmarks.scale.bench import PLANS, SHORT, Bench
from benchmarks.scale.model import Group, Limit, Row, Sample, Subject, amount, judged, ratio, worst
from benchmarks.scale.page import memory, rows_of, summary
from benchmarks.scale.taking import Taken, program, rotated, take
from benchmarks.scale.worlds import Shape, content, environment, path_of, plan
from checkpoint.plan.parse import parse

ROUNDS = [
    {"ours": Sample(wall, 2.0, 3e6), "peer": Sample(1.0, 4.0, 1e6)} for wall in (9.0, 1.0, 2.0, 3.0, 2.0, 2.0, 8.0)
]


def silent(line: str) -> None:
    pass


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path, Path(sys.executable).with_name("checkpoint"), SHORT, tmp_path / "peers", silent)


@pytest.mark.parametrize("name", GROUPS)
def test_each_row_can_be_measured(bench: Bench, name: str) -> None:
    (taken,), rows = measured(bench, [name])
    there = {subject.name for subject in taken.group.subjects}
    assert not taken.failed
    assert [row.work for row in rows if row.figure is None and not taken.group.missing] == []
    assert all(set(each) == there for each in taken.rounds)
    assert name in page([taken], rows, bench, 1.0)


@pytest.mark.parametrize(("most", "verdict"), [(2.0, "met"), (1.9, "**not met**"), (None, "")])
def test_the_median_of_ratios_is_held_against_the_limit(most: float | None, verdict: str) -> None:
    row = judged(Limit("work", "peer", most, ratio("ours", "peer")), ROUNDS)
    assert (row.figure, row.beside, row.verdict, row.is_missed) == (2.0, 0.5, verdict, most == 1.9)
    assert f"| 2 × | 0.5 × | {verdict} |" in summary([row])


def test_an_amount_is_held_against_the_limit_by_its_own_measure() -> None:
    by_cpu = Limit("work", "", 2.5, amount("ours"), "cpu", "s")
    assert judged(by_cpu, ROUNDS).verdict == "met"
    assert judged(by_cpu._replace(by="peak"), ROUNDS).verdict == "**not met**"


def test_what_was_not_measured_does_not_pass_for_met() -> None:
    row = judged(Limit("work", "peer", 1.0, ratio("ours", "absent")), ROUNDS)
    assert (row.figure, row.is_missed, row.verdict) == (None, True, "not measured")
    assert judged(Limit("work", "peer", 1.0, ratio("ours", "peer")), []).is_missed


def test_limits_of_one_work_are_shown_by_the_worst() -> None:
    rows = [
        Row("a", 1.0, 2.0),
        Row("a", 3.0, 2.0),
        Row("a", 2.0, 2.0),
        Row("b", 9.0, 2.0),
        Row("a", 5.0, 2.0, "×", "x"),
    ]
    assert [row.figure for row in worst(rows)] == [3.0, 9.0, 5.0]
    assert worst([Row("a", 3.0, 2.0), Row("a", None, 2.0)])[0].figure is None


def test_memory_is_that_of_the_largest_of_ours() -> None:
    subjects = [Subject("ours", "", Sample, ours=True), Subject("small", "", Sample, ours=True)]
    group = Group("g", "", [*subjects, Subject("peer", "", Sample)], [])
    peaks = {"ours": Sample(peak=3e8), "small": Sample(peak=2e7), "peer": Sample(peak=9e9)}
    taken = Taken(group, [peaks], {})
    assert memory([taken]).verdict == "met"
    assert memory([taken._replace(rounds=[{**peaks, "ours": Sample(peak=3.1e8)}])]).verdict == "**not met**"
    assert memory([]).is_missed


def test_each_subject_is_first_in_its_turn() -> None:
    assert [rotated(number, 3) for number in range(4)] == [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]]


def test_what_is_prepared_is_not_measured_and_the_first_round_is_left_out() -> None:
    seen: list[str] = []
    subjects = [Subject(name, "", noting(seen, name), lambda: seen.append("prepared")) for name in "ab"]
    taken = take(Group("g", "", subjects, [], rounds=2), silent)
    assert "".join(each[0] for each in seen) == "papb" + "pbpa" + "papb"
    assert [set(each) for each in taken.rounds] == [{"a", "b"}] * 2


def noting(seen: list[str], name: str) -> Callable[[], Sample]:
    def turn() -> Sample:
        seen.append(name)
        return Sample(1.0, 1.0, 1.0)

    return turn


def test_what_fails_is_named_and_leaves_the_others_to_be_measured(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    good = Subject("good", "", program(("true",), tmp_path, env), ours=True)
    bad = Subject("bad", "", program(("sh", "-c", "echo no way >&2; exit 3"), tmp_path, env))
    limits = [Limit("one", "", 9.0, amount("good")), Limit("two", "bad", 9.0, ratio("good", "bad"))]
    taken = take(Group("g", "", [bad, good], limits, rounds=2), silent)
    assert [set(each) for each in taken.rounds] == [{"good"}] * 2
    one, two = rows_of(taken)
    assert (one.verdict, two.verdict) == ("met", "not measured")
    assert "ended with 3: no way" in two.note


def test_what_a_program_takes_counts_with_its_children(tmp_path: Path) -> None:
    child = "import os; [0 for _ in range(2_000_000)]; x = b'x' * 100_000_000; os._exit(0)"
    words = (sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])")
    taken = program(words, tmp_path, environment(tmp_path / "home"))()
    assert taken.peak > 100e6
    assert taken.wall >= taken.cpu / 2 > 0


@pytest.mark.parametrize("name", PLANS)
def test_plans_are_as_they_are_told(name: str) -> None:
    shape, form = Shape(2, 3), PLANS[name]
    text = b"".join(plan(shape, form))
    read = parse(text)
    assert not read.problems
    assert len(read.tasks) == shape.artifacts
    assert [team.ref for team in read.teams] == ["main" if form.at_ref else ""] * 2
    assert read.settings.copies == ("allow" if form.copies else "refuse")


def test_artifacts_differ_from_each_other_and_from_version_to_version() -> None:
    every = [content(team, task, version) for team in range(5) for task in range(9) for version in range(3)]
    assert len(set(every)) == len(every)
    assert all(100 < len(each) < 3400 for each in every)
    assert path_of(12, 3) == "out/team-00012/f003.txt"
