"""Pruning: what is forgotten, what never is, and what is said of it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.store import Store
from checkpoint.store.outbox import WAITING
from checkpoint.store.pruning import DAY, Kept, Pruned, surplus, total
from checkpoint.store.runs import Result, Run

NOW = 100 * DAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "store")) as opened:
        yield opened


def take(store: Store, name: str, days_ago: float, text: str = "", result: Result = "published") -> str:
    """A run that keeps one text; its files look as old as it is. Returns the text's digest."""
    started = NOW - days_ago * DAY
    store.journal.begin(Run(name, started=started))
    digest = store.keep(name, "api", "A1", "e", "output", text or name)
    store.journal.finish(Run(name, started=started, result=result), (), f"plan of {name}".encode())
    _age(store, digest, started)
    return digest


def _age(store: Store, digest: str, when: float) -> None:
    os.utime(f"{store.folder}/raw/{digest}", (when, when))


def names(store: Store) -> list[str]:
    return [run.id for run in store.journal.runs()]


def test_old_runs_go_with_their_plans_and_files(store: Store) -> None:
    old, young = take(store, "old", 40), take(store, "young", 10)
    plan = store.journal.runs()[1].plan
    pruned = store.prune(NOW, days=30)
    assert names(store) == ["young"]
    assert (pruned.runs, pruned.files) == (1, 1)
    assert pruned.bytes > len("old") + len("plan of old")
    assert (store.text(old), store.text(young)) == (None, "young")
    take(store, "younger", 5)
    assert (store.journal.plan(plan), store.journal.evidence("old")) == (None, [])


def test_the_last_run_and_the_last_finished_one_stay_however_old_and_large(store: Store) -> None:
    take(store, "gone", 92)
    finished, failed = take(store, "finished", 91), take(store, "failed", 90, result="retry")
    assert store.prune(NOW, days=1, size=1).runs == 1
    assert names(store) == ["failed", "finished"]
    assert (store.text(finished), store.text(failed)) == ("finished", "failed")
    assert store.journal.plan(store.journal.runs()[1].plan) == b"plan of finished"


def test_the_oldest_go_until_the_rest_is_small_enough(store: Store) -> None:
    for number in range(6):
        take(store, f"r{number}", 6 - number, f"{number}" * 100_000)
    store.prune(NOW, size=350_000)
    assert names(store) == ["r5", "r4", "r3"]
    assert len(os.listdir(f"{store.folder}/raw")) == 3


def test_a_text_that_a_younger_run_kept_too_stays(store: Store) -> None:
    take(store, "old", 40, "the same")
    digest = take(store, "young", 1, "the same")
    store.prune(NOW)
    assert names(store) == ["young"]
    assert store.text(digest) == "the same"


def test_a_text_of_a_run_that_has_not_ended_stays(store: Store) -> None:
    take(store, "r1", 1)
    digest = store.keep("r2", "api", "A1", "e", "output", "just now")
    assert store.prune(os.stat(f"{store.folder}/raw/{digest}").st_mtime + 60).files == 0
    assert store.text(digest) == "just now"


def test_a_text_that_is_kept_again_is_as_good_as_new(store: Store) -> None:
    digest = take(store, "old", 40, "the same")
    take(store, "young", 1)
    assert store.keep("r3", "api", "A1", "e", "output", "the same") == digest
    store.prune(time.time(), days=0)
    assert store.text(digest) == "the same"


def test_leftovers_of_killed_writers_go(store: Store) -> None:
    take(store, "r1", 1)
    for leftover in (".status.marshal.7.8", "raw/.abc.7.8", "notices/.all.txt.7.8", "notices/all.txt"):
        path = Path(store.folder, leftover)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_text("half")
        os.utime(path, (NOW - DAY, NOW - DAY))
    store.prune(NOW)
    left = sorted(str(path.relative_to(store.folder)) for path in Path(store.folder).rglob("*.*"))
    assert [name for name in left if "journal" not in name] == ["notices/all.txt"]


def test_of_what_was_told_trouble_stays_until_it_can_be_told_that_it_is_over(store: Store) -> None:
    for days_ago, key in ((40, "t0"), (3, "r1"), (3, "t1"), (0, "r2")):
        kind = "trouble" if key.startswith("t") else "checkpoint"
        store.outbox.add(NOW - days_ago * DAY, [("slack", key, kind, b"")])
        store.outbox.sent(store.outbox.unsent("slack"), "", NOW - days_ago * DAY)
    store.prune(NOW, days=30)
    assert store.outbox.keys() == ("r2", "t1")
    assert store.outbox.add(NOW, [("slack", "o1", "trouble", b"")], "t1") == 1


def test_what_is_no_more_than_counted_stays_as_long_as_it_waits(store: Store) -> None:
    for number in range(WAITING + 3):
        store.outbox.add(NOW - 3 * DAY, [("slack", f"r{number}", "checkpoint", b"words")])
    store.prune(NOW, days=30)
    assert store.outbox.folded("slack") == 3


def test_nothing_to_prune_removes_nothing(store: Store) -> None:
    assert store.prune(NOW) == Pruned()
    take(store, "r1", 1)
    assert store.prune(NOW) == Pruned()


def test_the_journal_shrinks_on_the_disk(store: Store) -> None:
    for number in range(20):
        started = NOW - (40 - number) * DAY
        store.journal.begin(Run(f"r{number}", started=started))
        store.journal.finish(Run(f"r{number}", started=started, result="published"), (), os.urandom(200_000))
    before = os.stat(f"{store.folder}/journal.db-wal").st_size + os.stat(f"{store.folder}/journal.db").st_size
    store.prune(NOW, days=25)
    after = os.stat(f"{store.folder}/journal.db-wal").st_size + os.stat(f"{store.folder}/journal.db").st_size
    assert before > 20 * 200_000 > 6 * 200_000 > after


RUNS = st.lists(
    st.builds(
        Kept,
        id=st.uuids().map(str),
        started=st.floats(0, 100),
        bytes=st.integers(0, 50),
        texts=st.dictionaries(st.sampled_from("abcdef"), st.just(20)),
        needed=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda run: run.id,
)


@given(RUNS, st.floats(0, 100), st.integers(0, 300))
def test_what_stays_is_young_and_small_enough_or_needed(runs: list[Kept], oldest: float, limit: int) -> None:
    gone = surplus(runs, oldest, limit)
    stay = [run for run in runs if run.id not in gone]
    assert all(run in stay for run in runs if run.needed)
    assert all(run.started >= oldest for run in stay if not run.needed)
    assert total(stay) <= limit or all(run.needed for run in stay)


@given(RUNS, st.integers(0, 300))
def test_no_run_goes_while_there_is_room_for_all(runs: list[Kept], limit: int) -> None:
    gone = surplus(runs, 0.0, limit)
    assert not gone or total(runs) > limit
