"""The proof of `serve` can fail: what it counts is counted where it happens."""

from pathlib import Path

import pytest

from benchmarks.serving.people import Change, Diary
from benchmarks.serving.reckoning import Commit, Remote, Seen, Up, minutes, spread, untold, waited
from benchmarks.serving.told import (
    Telling,
    Thread,
    in_messages,
    in_slack,
    on_a_terminal,
    tally,
    without_rewriting,
)
from checkpoint.notify import Notice
from checkpoint.store.runs import Run

NOON = 1795262400.0


@pytest.mark.parametrize(
    ("told", "lost", "twice"),
    [
        ([("a", 0), ("b", 0), ("c", 0)], 0, 0),
        ([("c", 2)], 0, 0),
        ([("a", 0), ("c", None)], 0, 0),
        ([("a", 0), ("c", 0)], 1, 0),
        ([("a", 0), ("b", 0)], 1, 0),
        ([("a", 0), ("a", 0), ("b", 0), ("c", 0)], 0, 1),
        ([("a", 0), ("b", 1), ("c", 0)], 0, 1),
        ([("b", 1), ("a", 0), ("c", 0)], 0, 1),
    ],
)
def test_what_is_lost_or_told_twice_is_counted(told: list[tuple[str, int]], lost: int, twice: int) -> None:
    found = tally("terminal", ["a", "b", "c"], [Telling(*each) for each in told])
    assert (len(found.lost), len(found.twice)) == (lost, twice)


def test_a_title_is_known_on_a_terminal_by_the_empty_line_before_it() -> None:
    notices = [Notice("1", "plan.md", "Shop: 1", ""), Notice("2", "plan.md", "Shop: 2", "")]
    lines = ["", "Shop: 1", "Shop: 2", "", "Shop: 2", "stands for 3 earlier checkpoints too", "text"]
    assert list(on_a_terminal(lines, notices)) == [Telling("Shop: 1"), Telling("Shop: 2", 3)]


def test_a_message_that_is_cut_may_stand_for_any_number() -> None:
    messages = ["✓ Shop: 1 | backend: go on | stands for 1 earlier checkpoint too", "✗ Shop: 2 | backend: go …"]
    assert list(in_messages(messages)) == [Telling("Shop: 1", 1), Telling("Shop: 2", None)]


def test_a_file_that_is_written_again_as_it_was_tells_nothing() -> None:
    a, b = Telling("a"), Telling("b")
    assert without_rewriting(["a", "b"], [a, a, b, b]) == [a, b]
    assert without_rewriting(["a", "a", "b"], [a, a, b]) == [a, a, b]


def thread(*titles: str, keys: str = "", replies: int = 1) -> Thread:
    return Thread(list(titles), 0, frozenset(keys), replies, "checkpoint")


@pytest.mark.parametrize(
    ("threads", "lost", "twice"),
    [
        ([thread("a", "b", keys="12"), thread("c", keys="3")], 0, 0),
        ([thread("a", "b", keys="12")], 1, 0),
        ([thread("a", "b", keys="12"), thread("b", "c", keys="3")], 0, 1),
        ([thread("a", "b", keys="12"), thread("c", keys="23")], 0, 1),
        ([thread("a", "b", "c", keys="123", replies=2)], 0, 1),
    ],
)
def test_each_notice_stands_in_one_message_of_slack(threads: list[Thread], lost: int, twice: int) -> None:
    found = in_slack(threads, [Notice(title, "plan.md", title, "") for title in "abc"])
    assert (len(found.lost), len(found.twice)) == (lost, twice)


def test_a_change_waits_from_when_it_happened_or_the_server_was_started_again(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "diary.jsonl")
    for at in (100.0, 101.0, 106.0):
        diary.add(Change("delivery", "Ada", "a file", at))
    checkpoints = [Seen(103.5, 104.0, 0), Seen(109.0, 110.0, 0)]
    found = waited(diary, checkpoints, Remote([], 0, "", []), Up([90.0, 108.0], [105.0]))
    assert [(each.had_event, each.seconds, each.settled) for each in found] == [
        (True, 4.0, 3.0),
        (True, 3.0, 3.0),
        (False, 2.0, 2.0),
    ]


def test_a_pushed_change_is_acted_on_by_what_judged_its_commit(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "diary.jsonl")
    diary.add(Change("edit", "Ada", "a line", 100.0, "b"))
    remote = Remote([Commit("a", "", ""), Commit("b", "", "")], 0, "", [])
    (early,) = waited(diary, [Seen(101.0, 102.0, 0)], remote, Up([90.0], []))
    (late,) = waited(diary, [Seen(101.0, 102.0, 0), Seen(103.0, 104.0, 1)], remote, Up([90.0], []))
    assert (early.seconds, late.seconds) == (None, 4.0)


def cron(minute: int, after: float) -> Run:
    moment = NOON + 60 * minute
    slot = f"cron:2026-11-21T12:{minute:02}Z"
    return Run(f"{minute} {after}", slot, "cron", started=moment + after, result="unchanged")


def test_minutes_that_have_two_checkpoints_or_none_are_named() -> None:
    runs = [cron(1, 0.1), cron(2, 0.1), cron(2, 0.5), cron(4, 30.0)]
    found = minutes(runs, [], NOON + 30, NOON + 320, Up([NOON, NOON + 190], [NOON + 170]))
    assert (found.kept, found.twice) == (3, ["cron:2026-11-21T12:02Z"])
    assert (found.made_up, found.missed) == ([], ["12:03", "12:05"])
    followed = [*runs, Run("x", "watch:1", "watch", started=NOON + 191, result="published")]
    assert minutes(followed, [], NOON + 30, NOON + 320, Up([NOON, NOON + 190], [NOON + 170])).made_up == ["12:03"]


def test_a_state_whose_checkpoint_was_killed_is_the_next_ones_to_tell() -> None:
    runs = [Run("a", started=1.0, result="interrupted"), Run("b", started=2.0, result="unchanged")]
    remote = Remote([Commit("1", "a", "")], 0, "", [])
    assert untold(remote, runs, ["b"]) == (["a"], [])
    assert untold(remote, runs, []) == ([], ["a"])


def test_a_spread_has_the_least_and_the_most() -> None:
    assert spread(map(float, range(100, 0, -1))) == (100, 1.0, 50.5, 96.0, 100.0)
