"""The journal: what was recorded is there again, in order, whole."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpoint.store import Store
from checkpoint.store.runs import Run
from checkpoint.validator import Finding
from checkpoint.verdicts import Count, Seen, Verdict

PASSED = Verdict(
    team="api",
    task="A1",
    expectation="`a.txt` exists",
    artifact="a.txt",
    validator="exists",
    outcome="passed",
    seen=(Seen("a.txt", 3, 5, "d" * 64),),
)
FAILED = msgspec.structs.replace(
    PASSED, task="A2", outcome="failed", findings=(Finding("3 lines", "2", "a.txt:2", "add one"),), seen=()
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "store")) as opened:
        yield opened


def take(store: Store, name: str, result: str = "published", **fields: Any) -> Run:
    run = Run(name, started=float(len(store.journal.runs())), result="running")
    store.journal.begin(run)
    ended = msgspec.structs.replace(run, result=result, **fields)
    return store.journal.finish(ended, (PASSED, FAILED), b"# plan of " + name.encode())


def test_a_run_is_read_back_as_it_was_finished(store: Store) -> None:
    ended = take(
        store,
        "r1",
        slot="cron:1",
        base="b" * 40,
        published="c" * 40,
        settings={"plan": "plan.md"},
        seconds=1.5,
        error="the notifier `file` is degraded",
        count=Count(2, 1, failing=1),
        verified=("A1",),
    )
    assert store.journal.run("r1") == ended
    assert ended.is_finished


def test_verdicts_are_read_back_as_they_were(store: Store) -> None:
    take(store, "r1")
    assert store.journal.verdicts("r1") == (PASSED, FAILED)


def test_a_plan_is_found_by_the_digest_its_run_names(store: Store) -> None:
    ended = take(store, "r1")
    assert store.journal.plan(ended.plan) == b"# plan of r1"
    assert store.journal.plan("0" * 64) is None


def test_runs_come_newest_first_and_no_more_than_asked_for(store: Store) -> None:
    for name in ("a", "b", "c"):
        take(store, name)
    assert [run.id for run in store.journal.runs()] == ["c", "b", "a"]
    assert [run.id for run in store.journal.runs(2)] == ["c", "b"]


def test_the_last_finished_run_is_not_one_that_failed_or_only_checked(store: Store) -> None:
    take(store, "a", verified=("A1",))
    for result in ("retry", "stalled", "failed", "checked"):
        take(store, result, result, verified=())
    last = store.journal.last()
    assert last is not None
    assert last.id == "a"
    assert store.journal.verified() == {"A1"}


def test_each_branch_has_a_last_run_of_its_own(store: Store) -> None:
    for name, branch in (("a", "main"), ("b", "topic")):
        store.journal.finish(Run(name, branch=branch, result="published"))
    found = [store.journal.last(branch=branch) for branch in ("", "main", "topic", "other")]
    assert [run and run.id for run in found] == ["b", "a", "b", None]


NOON = 1_763_726_400.0
SLOT = "cron:2025-11-21T12:00Z"


def test_each_branch_has_slots_of_its_own(store: Store) -> None:
    store.journal.finish(Run("a", branch="main", slot=SLOT, started=NOON + 2, result="unchanged"))
    for number in range(300):
        store.journal.finish(Run(f"b{number}", branch="topic", started=NOON + 60 + number, result="published"))
    assert store.journal.handled("main", NOON + 3600) == NOON
    assert store.journal.handled("topic", NOON + 3600) == NOON + 359
    assert store.journal.handled("other", NOON + 3600) is None


def test_what_a_clock_that_was_ahead_has_handled_does_not_count(store: Store) -> None:
    store.journal.finish(Run("a", slot=SLOT, started=NOON + 2, result="stalled"))
    for number in range(300):
        store.journal.finish(Run(f"b{number}", started=NOON + 1e9 + number, result="published"))
    assert store.journal.handled("", NOON + 60) == NOON
    assert store.journal.handled("", NOON - 1) is None


def test_slots_that_a_clock_shows_again_are_known(store: Store) -> None:
    store.journal.finish(Run("a", branch="main", slot=SLOT, started=NOON + 2, result="unchanged"))
    store.journal.finish(Run("b", branch="main", started=NOON + 60, result="published"))
    store.journal.finish(Run("c", branch="main", slot="cron:2025-11-21T13:00Z", started=NOON + 3602, result="retry"))
    assert store.journal.ahead("main", NOON - 1) == (NOON,)
    assert store.journal.ahead("main", NOON) == store.journal.ahead("topic", NOON - 1) == ()


def test_what_was_not_taken_care_of_is_not_handled(store: Store) -> None:
    for result in ("retry", "running", "interrupted"):
        store.journal.finish(msgspec.convert({"id": result, "slot": SLOT, "started": NOON, "result": result}, Run))
    store.journal.finish(Run("by hand", started=NOON, result="failed"))
    assert store.journal.handled("", NOON + 60) is None
    store.journal.finish(Run("elsewhere", slot=SLOT, started=NOON, result="already-done"))
    assert store.journal.handled("", NOON + 60) == NOON


def test_the_last_run_may_be_an_unfinished_one(store: Store) -> None:
    take(store, "a")
    store.journal.begin(Run("b"))
    last = store.journal.last(finished=False)
    assert last == Run("b")


def test_a_run_that_never_ended_is_marked_by_the_next(store: Store) -> None:
    store.journal.begin(Run("lost"))
    store.journal.begin(Run("next"))
    assert [(run.id, run.result) for run in store.journal.runs()] == [("next", "running"), ("lost", "interrupted")]


def test_a_run_whose_id_is_taken_changes_nothing(store: Store) -> None:
    store.journal.begin(Run("r1"))
    with pytest.raises(sqlite3.IntegrityError):
        store.journal.begin(Run("r1", slot="other"))
    assert store.journal.runs() == [Run("r1")]


def test_a_run_is_found_by_the_beginning_of_its_id_where_that_is_unique(store: Store) -> None:
    for name in ("abc1", "abd2", "ab"):
        take(store, name)
    found = [store.journal.run(start) for start in ("abc", "ab", "a", "x", "")]
    assert [run and run.id for run in found] == ["abc1", "ab", None, None, None]


def test_no_id_is_no_run_even_where_there_is_only_one(store: Store) -> None:
    take(store, "only")
    assert store.journal.run("") is None


def test_an_empty_journal_answers_with_nothing(store: Store) -> None:
    journal = store.journal
    assert (journal.last(), journal.runs(), journal.verdicts("x"), journal.verified()) == (None, [], (), frozenset())


def test_evidence_is_found_by_run_task_and_expectation(store: Store) -> None:
    store.journal.begin(Run("r1"))
    for task, expectation in (("A1", "e1"), ("A1", "e2"), ("A2", "e3")):
        store.keep("r1", "api", task, expectation, "output", f"output of {expectation}")
    store.journal.finish(Run("r1", result="published"))
    kept = [store.journal.evidence("r1"), store.journal.evidence("r1", "A1"), store.journal.evidence("r1", "A1", "e2")]
    assert [[item.expectation for item in each] for each in kept] == [["e1", "e2", "e3"], ["e1", "e2"], ["e2"]]
    assert store.text(kept[2][0].digest) == "output of e2"


def test_evidence_of_an_unfinished_run_is_not_recorded(store: Store) -> None:
    store.journal.begin(Run("r1"))
    store.keep("r1", "api", "A1", "e", "output", "text")
    assert store.journal.evidence("r1") == []
