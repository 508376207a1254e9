"""What is allowed in a plan, and warned of."""

import pytest

from checkpoint.plan.lint import lint
from checkpoint.plan.model import Problem
from checkpoint.plan.parse import parse
from tests.helpers.plans import TEAM

TRACKED = ("out/a/old.txt", "out/a/sub/x", "schemas/s.json")


def problems(body: str) -> tuple[Problem, ...]:
    plan = parse((TEAM + body).encode())
    assert plan.problems == ()
    return lint(plan, TRACKED, "plan.md")


def rules(body: str) -> list[str]:
    return [problem.rule for problem in problems(body)]


def expecting(line: str) -> list[str]:
    return rules(f"- [ ] **A1** One\n  - {line}\n")


def team(name: str, folder: str, more: str = "") -> str:
    return f"\n## Team: {name}\n\n- folder: `{folder}`\n{more}"


@pytest.mark.parametrize(
    "line",
    [
        "`$ true` passes",
        "`$ :` passes",
        "`$ exit 0` passes",
        "`$ echo all good` passes",
        "`$ make test || true` passes",
        "`$ make test; exit 0` passes within 60s",
        "`old.txt` exists",
        "`./old.txt` exists",
        "`sub` exists",
        "`**` exists",
        "`*/**/*` exists",
    ],
)
def test_an_expectation_that_cannot_fail_is_vacuous(line: str) -> None:
    assert expecting(line) == ["vacuous"]


@pytest.mark.parametrize(
    "line",
    [
        "`$ make true` passes",
        "`$ echo x | grep y` passes",
        "`new.txt` exists",
        "`old.txt` lines at-least 3",
        "`*.c` exists",
    ],
)
def test_an_expectation_that_can_fail_is_none(line: str) -> None:
    assert expecting(line) == []


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("`a.py` contains `def run(`", "weak"),
        ("`a.py` contains `class Parser`", "weak"),
        ("`a.json` json-schema `out/a/s.json`", "reference"),
        ("`a.txt` same-as `./out/a/b.txt`", "reference"),
        ("`../b/x` exists", "artifact-outside"),
        ("`/etc/hostname` exists", "artifact-outside"),
    ],
)
def test_a_weak_or_misplaced_expectation_is_named(line: str, rule: str) -> None:
    assert expecting(line) == [rule]


@pytest.mark.parametrize(
    "line",
    ["`a.md` contains `def run(`", "`a.py` defines `run`", "`a.json` json-schema `schemas/s.json`", "`a..b` exists"],
)
def test_a_sound_expectation_is_not(line: str) -> None:
    assert expecting(line) == []


def test_a_ticked_task_that_expects_nothing_is_vacuous() -> None:
    (problem,) = problems("- [ ] **A1** One\n- [x] **A2** Two\n")
    assert (problem.severity, problem.rule, problem.line, problem.column) == ("warning", "vacuous", 12, 4)


@pytest.mark.parametrize("folder", ["out/a", "./out/a/", "out/a/deep/er", "out", "."])
def test_teams_that_share_a_folder_are_named(folder: str) -> None:
    assert rules(team("b", folder)) == ["folder-shared"]


@pytest.mark.parametrize("folder", ["out/b", "out/ab", "out/a-b"])
def test_teams_in_folders_of_their_own_are_not(folder: str) -> None:
    assert rules(team("b", folder)) == []


def test_a_team_that_is_validated_at_a_ref_shares_no_folder() -> None:
    assert rules(team("b", "out/a", "- ref: `topic`\n")) == []


@pytest.mark.parametrize("folder", ["/srv/out", "~/out", "../out", "x/../../out"])
def test_a_folder_outside_the_repository_is_named(folder: str) -> None:
    assert "folder-outside" in rules(team("b", folder))


@pytest.mark.parametrize(
    "body",
    [
        team("A", "out/b"),
        team("b", "OUT/a"),
        "- [ ] **A1** One\n- [ ] **a1** Two\n",
        team("b", "out/caf\u00e9") + team("c", "out/cafe\u0301"),
    ],
    ids=["team", "folder", "task", "accent"],
)
def test_names_that_are_hard_to_tell_apart_are_named(body: str) -> None:
    assert rules(body) == ["twin"]


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        ("out/a/New.txt", "out/a/new.txt", 7),
        ("out/A/x", "out/a/y", 7),
        ("out/a/caf\u00e9", "out/a/cafe\u0301", 7),
        ("Plan.md", "plan.md", 1),
    ],
)
def test_files_that_are_one_elsewhere_are_errors(one: str, other: str, line: int) -> None:
    (problem,) = lint(parse(TEAM.encode()), (one, other), "plan.md")
    assert (problem.rule, problem.severity, problem.line) == ("collision", "error", line)
    assert problem.mend == "rename one with `git mv`"


def test_an_accent_is_spelt_out_where_it_makes_the_difference() -> None:
    (problem,) = lint(parse(TEAM.encode()), ("out/a/caf\u00e9", "out/a/cafe\u0301"), "plan.md")
    assert problem.found == r"`out/a/caf\xe9` beside `out/a/cafe\u0301` in the repository"


def test_files_beside_the_teams_may_be_called_as_they_like() -> None:
    assert lint(parse(TEAM.encode()), ("src/A.c", "src/a.c", "out/ab/X", "out/ab/x"), "plan.md") == ()


def test_every_warning_says_what_to_do() -> None:
    (problem,) = problems("- [ ] **A1** One\n  - `$ true` passes\n")
    assert (problem.found, problem.line, problem.column) == ("`$ true`, which always passes", 12, 5)
    assert (problem.expected, problem.mend) == (
        "a command that can fail",
        "write a command that fails where the work is not done",
    )
