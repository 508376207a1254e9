from __future__ import annotations

from checkpoint.actions import next_actions
from checkpoint.validator import Finding
from checkpoint.verdicts import Count, Outcome, State, TaskReport, TeamReport, Verdict

FINDING = Finding("a function", "none", "a.py:3", "define `f` in `a.py`")


def task(name: str, state: State, *, broken: bool = False, outcome: Outcome = "failed") -> TaskReport:
    verdict = Verdict("t", name, "`a.py` defines f", "a.py", "defines", outcome, findings=(FINDING,))
    return TaskReport(name, name, 1, state, ticked=False, broken=broken, verdicts=(verdict,))


def team(*tasks: TaskReport) -> TeamReport:
    return TeamReport("t", "", "out", Count(), tasks)


def test_what_unblocks_most_comes_first_then_what_broke_then_the_plans_order() -> None:
    report = team(task("A", "failing"), task("B", "failing", broken=True), task("C", "missing"), task("D", "failing"))
    actions = next_actions(report, {"C": 2})
    assert [action.task for action in actions] == ["C", "B", "A", "D"]


def test_what_is_done_or_waits_has_no_action() -> None:
    assert next_actions(team(task("A", "verified"), task("B", "claimed"), task("C", "blocked")), {}) == ()


def test_an_action_says_what_to_do_where_and_how_to_prove_it() -> None:
    (action,) = next_actions(team(task("A", "failing")), {})
    assert action.check == "checkpoint check A"
    assert (action.steps[0].do, action.steps[0].where) == ("define `f` in `a.py`", "a.py:3")


def test_what_is_not_approved_is_an_order_to_a_person() -> None:
    (action,) = next_actions(team(task("A", "unapproved", outcome="untrusted")), {})
    assert action.reason == "its proof waits for an approval"
    assert "a person" in action.steps[0].do


def test_passed_expectations_give_no_step() -> None:
    (action,) = next_actions(team(task("A", "failing", outcome="passed")), {})
    assert action.steps == ()
