"""The checker of the seventh promise: what it calls broken, on bare loops of watchfiles and on what is damaged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.torture.states import deliver, plan_text
from benchmarks.torture.watching import FULL, SHORT, Own, Seen, broken, figure, make, publish, seen_now
from benchmarks.torture.watching_changes import Change, at_once, changes
from benchmarks.torture.watching_scene import FLOODED, PROOFS, PROVEN, Loop, Watched
from tests.helpers.process_trees import until
from tests.helpers.scenes import published

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
WELL = Own(deliveries=2, runs=2, commits=2, fetches=2, pushes=2)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


@pytest.fixture
def loop(tmp_path: Path, watched: Watched) -> Iterator[Loop]:
    made = Loop("by_watchfiles", tmp_path / "loop.json", watched.top, watched.releases)
    yield made
    made.kill()


def seen(*wrong: str) -> Seen:
    return Seen("a change", frozenset({"anew"}), frozenset(wrong), 1.0)


def test_every_change_is_one_of_some_teams_verdicts(watched: Watched) -> None:
    for change in changes(20):
        before = watched.done()
        change.make(watched)
        assert before ^ watched.done() == set(change.teams), change.name


def test_what_is_made_at_once_changes_verdicts_too(watched: Watched) -> None:
    for change in at_once(20):
        before = watched.done()
        change.make(watched)
        assert before ^ watched.done() == set(change.teams), change.name


def test_both_sizes_are_more_than_the_queue_of_events_holds() -> None:
    events = 4 if QUEUE.exists() else 0  # made, opened, written and closed
    limit = int(QUEUE.read_text()) if QUEUE.exists() else 0
    if limit > 16_384:
        pytest.skip("this machine's queue has been made longer")
    assert all(size.files * events >= limit for size in (FULL, SHORT))


def test_all_as_it_is_is_what_is_promised() -> None:
    assert list(broken([seen()], WELL)) == []
    assert figure(SHORT, [seen(), seen()], WELL) == (
        "6,000 files while stopped, 1 other changes: 2/2 verdicts right after one rescan; 2 deliveries: 0 extra runs"
    )


def test_a_team_taken_for_what_it_is_not_breaks_it() -> None:
    assert list(broken([seen("anew")], WELL)) == ["a change: wrong after 1 s: anew"]
    assert list(broken([seen("deep")], WELL)) == ["a change: wrong after 1 s: deep"]
    assert "1/2 verdicts right" in figure(SHORT, [seen("anew"), seen("deep")], WELL)


def test_runs_that_nothing_was_delivered_for_break_it() -> None:
    assert list(broken([], WELL._replace(runs=3))) == ["2 deliveries: 3 runs"]
    assert list(broken([], WELL._replace(runs=1))) == ["2 deliveries: 1 runs"]
    assert list(broken([], WELL._replace(fetches=4))) == ["2 deliveries: 4 fetches"]
    assert list(broken([], WELL._replace(commits=1, pushes=3))) == ["2 deliveries: 1 commits", "2 deliveries: 3 pushes"]


def test_a_loop_that_believes_what_it_is_told_breaks_it(watched: Watched, loop: Loop) -> None:
    assert loop.found(watched) == watched.done() == set(PROVEN)
    flood, _ = at_once(SHORT.files)
    make(flood, watched, [loop.pid])
    until(lambda: loop.told() > 1000, "it was told of some")
    assert loop.told() < SHORT.files
    found = seen_now(flood, watched, loop.found(watched), 0.0)
    assert found.wrong >= set(FLOODED)
    assert list(broken([found], WELL))


def test_a_loop_that_is_told_of_its_own_checkpoints_breaks_it(tmp_path: Path) -> None:
    scene = published(tmp_path, plan_text())
    scene.now()
    commits, loop = scene.commits, Loop("by_watching", tmp_path / "runs", scene.work)
    try:
        deliver(scene.work, 1)
        until(lambda: len(loop.file.read_text().splitlines()) > 1, "it has run again")
    finally:
        loop.kill()
    assert scene.commits == commits + 1
    assert list(broken([], Own(1, 2, 1))) == ["1 deliveries: 2 runs"]


def test_what_is_delivered_is_counted(tmp_path: Path) -> None:
    own = publish(tmp_path, SHORT._replace(deliveries=1, pause=0.0, rest=0.0))
    assert own == (1, 1, 1, 1, 1)


def test_proofs_are_read_from_the_disk_and_from_the_plan(watched: Watched) -> None:
    assert watched.found() == frozenset()
    watched.scene.now()
    assert watched.found() == watched.done() == set(PROVEN)
    late = Change("a proof", ("deep",), lambda each: each.proof("deep").parent.mkdir(parents=True))
    make(late, watched, [])
    watched.proof("deep").write_text("done\n")
    assert watched.done() == {*PROVEN, "deep"} < set(PROOFS)
