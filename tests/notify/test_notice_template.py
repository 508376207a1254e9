"""The template of channels that have none of their own: all that matters, and never a wall of text."""

import msgspec
import pytest

from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.report import Report, Weakened
from checkpoint.summaries import Summaries
from checkpoint.verdicts import Before, Verdict, report

WEAKENED = Weakened("t0", "T0.0", "removed", "`a.txt` exists", "", "Ada", "0123456789abcdef")


def made(teams: int, tasks: int) -> Report:
    """A report on teams of which no task is done."""
    expects = (Expectation("a.txt", "exists"),)
    plan = Plan(
        teams=tuple(
            Team(
                f"t{team}",
                folder="out",
                tasks=tuple(Task(f"T{team}.{n}", "x", False, (), expects) for n in range(tasks)),
            )
            for team in range(teams)
        )
    )
    verdicts = [
        Verdict(team.name, task.id, expects[0].text, "a.txt", "exists", "missing")
        for team in plan.teams
        for task in team.tasks
    ]
    return Report(
        id="r1",
        slot="s",
        trigger="cron",
        at="2026-11-21T00:00:00+00:00",
        plan="plan.md",
        title="Shop",
        branch="main",
        base="0" * 40,
        transparency="medium",
        teams=report(plan, verdicts, Before(), {}),
        actions={},
    )


def lines(of: Report) -> list[str]:
    return Summaries({}).notice(of, "notice").splitlines()


def test_every_team_is_told_of_with_what_is_wrong() -> None:
    assert lines(made(2, 1)) == [
        "t0: 0/1 tasks done, 1 failure",
        "- T0.0 missing: `a.txt` exists",
        "t1: 0/1 tasks done, 1 failure",
        "- T1.0 missing: `a.txt` exists",
    ]


@pytest.mark.parametrize(("tasks", "count", "last"), [(39, 40, "- T0.38 missing"), (40, 40, "… and 2 more lines")])
def test_it_has_forty_lines_at_most(tasks: int, count: int, last: str) -> None:
    told = lines(made(1, tasks))
    assert len(told) == count
    assert told[-1].startswith(last)


def test_a_plan_that_asks_for_less_is_told_first() -> None:
    told = lines(msgspec.structs.replace(made(1, 99), weakened=(WEAKENED,)))
    assert told[0] == "T0.0 asks for less (removed): `a.txt` exists, by Ada in 0123456789"
    assert len(told) == 40
