from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.validation.content import refuse_copies
from checkpoint.verdicts import (
    Before,
    Count,
    Outcome,
    Seen,
    State,
    TaskReport,
    TeamReport,
    Verdict,
    count,
    report,
    total,
)

EXPECTATION = Expectation("a.txt", "exists")


def verdict(task: str, outcome: Outcome) -> Verdict:
    return Verdict("t", task, EXPECTATION.text, "a.txt", "exists", outcome)


def plan(*tasks: Task) -> Plan:
    return Plan(teams=(Team("t", folder="out", tasks=tasks),))


def task(name: str, *, ticked: bool = False, after: tuple[str, ...] = (), expects: int = 1) -> Task:
    return Task(name, name.lower(), ticked, after, (EXPECTATION,) * expects)


def only(reports: tuple[TeamReport, ...]) -> list[TaskReport]:
    return list(reports[0].tasks)


def test_a_task_is_verified_when_every_expectation_passed() -> None:
    verdicts = [verdict("A", "passed"), verdict("A", "passed"), verdict("B", "passed"), verdict("B", "failed")]
    a, b = only(report(plan(task("A", expects=2), task("B", expects=2)), verdicts, Before(), {}))
    assert (a.state, b.state) == ("verified", "failing")


def test_a_task_with_nothing_there_is_missing_and_one_with_both_is_failing() -> None:
    verdicts = [verdict("A", "missing"), verdict("B", "missing"), verdict("B", "error")]
    a, b = only(report(plan(task("A"), task("B", expects=2)), verdicts, Before(), {}))
    assert (a.state, b.state) == ("missing", "failing")


def test_a_tick_that_somebody_set_on_a_failing_proof_is_a_false_claim() -> None:
    (a,) = only(report(plan(task("A", ticked=True)), [verdict("A", "missing")], Before(), {}))
    assert a.false_claim
    assert not a.broken


def test_what_was_proven_and_fails_now_is_broken_and_no_false_claim() -> None:
    (a,) = only(report(plan(task("A", ticked=True)), [verdict("A", "failed")], Before(verified={"A"}), {}))
    assert a.broken
    assert not a.false_claim


def test_what_pretends_stays_named_until_it_is_proven() -> None:
    before = Before(false_claims={"A"}, broken={"B"})
    a, b = only(report(plan(task("A"), task("B")), [verdict("A", "missing"), verdict("B", "failed")], before, {}))
    assert (a.false_claim, b.broken, b.lost) == (True, True, False)
    a, b = only(report(plan(task("A"), task("B")), [verdict("A", "passed"), verdict("B", "passed")], before, {}))
    assert (a.false_claim, b.broken) == (False, False)


def test_what_is_proven_for_the_first_time_is_said_once() -> None:
    first = only(report(plan(task("A")), [verdict("A", "passed")], Before(), {}))[0]
    second = only(report(plan(task("A", ticked=True)), [verdict("A", "passed")], Before(verified={"A"}), {}))[0]
    assert (first.proven, second.proven) == (True, False)


def test_a_task_without_expectations_is_claimed_and_never_verified() -> None:
    a, b = only(report(plan(task("A", ticked=True, expects=0), task("B", expects=0)), (), Before(), {}))
    assert (a.state, b.state) == ("claimed", "open")
    assert not a.false_claim


def test_what_fails_while_it_waits_for_another_task_is_blocked() -> None:
    verdicts = [verdict("A", "missing"), verdict("B", "failed")]
    _, b = only(report(plan(task("A"), task("B", after=("A",))), verdicts, Before(), {}))
    assert (b.state, b.waits_for, b.verdicts[0].outcome) == ("blocked", ("A",), "blocked")


def test_what_is_proven_early_counts_although_it_waits() -> None:
    verdicts = [verdict("A", "missing"), verdict("B", "passed")]
    _, b = only(report(plan(task("A"), task("B", after=("A",))), verdicts, Before(), {}))
    assert b.state == "verified"


def test_a_claimed_task_lets_those_that_wait_for_it_go_on() -> None:
    tasks = (task("A", ticked=True, expects=0), task("B", after=("A",)))
    _, b = only(report(plan(*tasks), [verdict("B", "failed")], Before(), {}))
    assert b.state == "failing"


def test_the_states_add_up_to_the_tasks() -> None:
    tasks = (task("A"), task("B", after=("A",)), task("C", ticked=True, expects=0), task("D", expects=0))
    verdicts = [verdict("A", "missing"), verdict("B", "missing")]
    found = report(plan(*tasks), verdicts, Before(), {})[0].count
    assert found == Count(4, claimed=1, open=1, missing=1, blocked=1)
    assert found.done == 1


def test_counts_of_teams_are_summed() -> None:
    assert total([Count(2, verified=1, failing=1), Count(3, verified=3)]) == Count(5, verified=4, failing=1)
    assert total([]) == count([]) == Count()


def test_a_missing_approval_is_neither_a_break_nor_a_false_claim() -> None:
    before = Before(verified={"A"})
    (a,) = only(report(plan(task("A", ticked=True)), [verdict("A", "untrusted")], before, {}))
    (b,) = only(report(plan(task("B", ticked=True)), [verdict("B", "untrusted")], Before(), {}))
    assert (a.state, a.broken, b.false_claim) == ("unapproved", False, False)


@pytest.mark.parametrize(
    ("others", "state"), [(("passed",), "unapproved"), (("missing",), "missing"), (("failed", "missing"), "failing")]
)
def test_only_what_nothing_else_is_wrong_with_waits_for_an_approval(others: tuple[Outcome, ...], state: State) -> None:
    verdicts = [verdict("A", outcome) for outcome in ("untrusted", *others)]
    (found,) = only(report(plan(task("A")), verdicts, Before(), {}))
    assert found.state == state


def test_tasks_of_before_are_keys() -> None:
    """A large plan asks for each task whether it is among them, so that a list of them takes time by the square."""
    teams = report(plan(task("A"), task("B")), [verdict("A", "passed"), verdict("B", "failed")], Before(), {})
    before = Before.of(teams)
    assert list(before.verified) == ["A"]
    assert all(isinstance(each, Mapping) for each in (before.verified, before.false_claims, before.broken))


def test_what_is_proven_may_wait_all_the_same() -> None:
    a, b = only(report(plan(task("A"), task("B", after=("A",))), [verdict("B", "passed")], Before(), {}))
    assert (b.state, b.waits_for) == ("verified", ("A",))
    assert a.state == "missing"


class NotSearched(tuple[str, ...]):
    """Names that are too many to be searched once for each task."""

    __slots__ = ()

    def __contains__(self, name: object) -> bool:
        raise AssertionError(f"searched for {name}")


def test_what_was_proven_is_not_searched_once_for_each_task() -> None:
    before = Before(NotSearched(("A",)), NotSearched(("B",)), NotSearched(("C",)))
    tasks = [task(name, ticked=name == "A") for name in "ABC"]
    a, b, c = only(
        report(plan(*tasks), [verdict("A", "passed"), verdict("B", "failed"), verdict("C", "failed")], before, {})
    )
    assert (a.state, a.proven, b.false_claim, c.broken) == ("verified", False, True, True)
    assert [each.outcome for each in refuse_copies([verdict("A", "passed")], NotSearched(("A",)))] == ["passed"]
    copies = [replace(verdict(name, "passed"), team=name, seen=(Seen("a", 100, 1, "x"),)) for name in "AB"]
    assert [each.outcome for each in refuse_copies(copies, NotSearched(("B",)))] == ["failed", "passed"]
