"""Others at work on the same plan at the same time; runs that were cut off."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from checkpoint.git.log import RECENT
from checkpoint.store.lock import locked
from tests.helpers.repositories import clone, git, push_edit
from tests.helpers.scenes import API, PAGE, PLAN, Scene, killed_after_push, local, published

MEDDLING = PLAN.replace("  - `api.json` contains", "  - `$ sh ../../meddle.sh` passes\n  - `api.json` contains")
ONCE = "test -e ../../done && exit 0; touch ../../done; "


def meddled(folder: Path, script: str) -> Scene:
    """A scene in which, while the teams are validated, somebody else runs that script: after the fetch."""
    scene = published(folder, MEDDLING)
    clone(scene.where, folder / "other")
    scene.deliver(API | {"meddle.sh": ONCE + script})
    scene.approve()
    return scene


def test_who_pushes_between_fetch_and_push_keeps_the_edit(tmp_path: Path) -> None:
    scene = meddled(tmp_path, "cd ../../../other && echo words >> plan.md && git commit -qam words && git push -q")
    taken = scene.now()
    assert (taken.result, taken.commit) == ("published", scene.tip)
    assert "words\n" in scene.plan
    assert "- [x] **B1**" in scene.plan
    assert git(scene.where, "log", "--format=%s", "main").splitlines()[1:] == ["words", "Begin"]


def test_who_takes_the_slot_meanwhile_has_it(tmp_path: Path) -> None:
    other = f"{sys.executable} -m checkpoint now -C ../../../other --slot cron:1 --quiet"
    state = "XDG_STATE_HOME=$PWD/../../../state PYTHONPATH=" + str(Path.cwd())
    scene = meddled(tmp_path, f"{state} {other}")
    taken = scene.now("--slot", "cron:1")
    assert (taken.result, taken.commit, scene.commits) == ("already-done", scene.tip, 2)


@pytest.mark.parametrize("make", [published, local])
def test_a_slot_gets_one_commit(tmp_path: Path, make: type[Scene]) -> None:
    scene = make(tmp_path)
    first = scene.now("--slot", "cron:1")
    scene.deliver(API)
    again = scene.now("--slot", "cron:1")
    assert (again.result, again.commit, again.told, scene.commits) == ("already-done", first.commit, (), 2)
    assert [each.result for each in scene.json("log").checkpoints] == ["already-done", "published"]
    assert scene.now("--slot", "cron:2").result == "published"


def test_a_slot_is_found_below_however_many_commits_came_since(tmp_path: Path) -> None:
    scene, slot = published(tmp_path), "cron:2026-01-02T03:00Z"
    first = scene.now("--slot", slot)
    begin = f"reset refs/heads/main\nfrom {first.commit}\n\n"
    commits = "commit refs/heads/main\ncommitter Ada <ada@example.org> 1767323100 +0000\ndata 1\nx\n" * (RECENT + 1)
    git(scene.work, "fast-import", "--quiet", content=begin + commits)
    git(scene.work, "push", "-q")
    scene.deliver(API)
    assert scene.now("--slot", slot).result == "already-done"
    assert scene.now("--slot", "cron:2026-01-02T03:01Z").result == "published"


def test_a_slot_that_another_machine_has_taken_is_done_here_too(tmp_path: Path) -> None:
    scene = published(tmp_path)
    first = scene.now("--slot", "cron:1")
    other = Scene(clone(scene.where, tmp_path / "other"), scene.where)
    again = other.now("--slot", "cron:1")
    assert (again.result, again.commit, again.told) == ("already-done", first.commit, ())
    assert [team.count.missing for team in again.report.teams] == [1, 1]


@pytest.mark.parametrize("path", ["docs/plan.md", "docs/my  plan.md"])
def test_each_plan_of_a_repository_has_a_slot_of_its_own(tmp_path: Path, path: str) -> None:
    scene = published(tmp_path)
    scene.commit({path: PLAN}, "Plan more")
    for names in ((), ("--plan", path)):
        assert [scene.now("--slot", "cron:1", *names).result for _ in range(2)] == ["published", "already-done"]
    assert scene.commits == 4


def test_a_checkpoint_that_does_not_say_of_which_plan_it_is_has_its_slot_in_each(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.commit({"other.md": PLAN}, "Plan more\n\nCheckpoint-Id: 1\nCheckpoint-Slot: cron:1\n")
    for names in ((), ("--plan", "other.md")):
        assert scene.now("--slot", "cron:1", *names).result == "already-done"


def test_a_killed_run_is_told_by_the_next_one_although_another_plan_was_published_since(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.commit({"other.md": PLAN}, "Plan more")
    killed_after_push(scene, "now")
    assert scene.now("--plan", "other.md").result == "published"
    scene.json("undo", "--plan", "other.md")
    assert [each.channel for each in scene.now().told] == ["terminal", "file"]


def test_what_another_machine_has_ticked_is_no_false_claim_here(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(PAGE)
    scene.now()
    other = Scene(clone(scene.where, tmp_path / "other"), scene.where)
    other.now()
    assert (other.task("F1").broken, other.task("F1").false_claim) == (True, False)


def test_a_run_that_was_killed_after_its_push_is_made_up_for_once(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(PAGE)
    killed_after_push(scene, "now")
    assert "- [x] **F1**" in scene.plan
    (scene.work / "out/frontend/index.html").unlink()
    taken = scene.now()
    assert (taken.result, scene.commits, scene.task("F1").broken) == ("published", 3, True)
    assert [each.result for each in scene.json("log").checkpoints] == ["published", "interrupted"]


def test_a_killed_run_is_told_by_the_next_one_and_by_no_other(tmp_path: Path) -> None:
    scene = published(tmp_path)
    killed_after_push(scene, "now")
    first, second = scene.now(), scene.now()
    assert (first.result, second.result, scene.commits) == ("unchanged", "unchanged", 2)
    assert [each.channel for each in first.told] == ["terminal", "file"]
    assert second.told == ()


def test_the_slot_of_a_killed_run_is_recorded_and_told_without_a_second_commit(tmp_path: Path) -> None:
    scene = published(tmp_path)
    killed_after_push(scene, "now", "--slot", "cron:1")
    taken = scene.now("--slot", "cron:1")
    assert (taken.result, taken.commit, scene.commits) == ("published", scene.tip, 2)
    assert taken.told
    assert scene.json("status").commit == scene.tip
    assert scene.now("--slot", "cron:1").result == "already-done"


def test_the_plan_is_held_by_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = local(tmp_path)
    scene.now()
    monkeypatch.setenv("CHECKPOINT_LOCK_WAIT", "0s")
    (lock,) = Path(os.environ["XDG_STATE_HOME"]).glob("checkpoint/*/plans/plan.md/lock")
    with locked(str(lock), 0):
        ran = scene.run("now")
    assert (ran.status, ran.out) == (75, "")
    assert f"process {os.getpid()}" in ran.err


def test_an_edit_pulled_from_others_counts_before_it_is_checked_out(tmp_path: Path) -> None:
    scene = published(tmp_path)
    other = clone(scene.where, tmp_path / "other")
    scene.deliver(API)
    push_edit(other, {"plan.md": PLAN.replace("contains `paths`", "contains `servers`")})
    scene.now()
    assert scene.task("B1").state == "failing"


@pytest.mark.parametrize("other", [{}, PAGE])
def test_a_first_run_here_that_was_killed_is_made_up_for_with_what_it_had_found(
    tmp_path: Path, other: dict[str, str]
) -> None:
    """What an earlier checkpoint had proven is broken for the next run too: the killed one has taken its box back."""
    scene = published(tmp_path)
    scene.deliver(API | other)
    scene.now()
    shutil.rmtree(Path(os.environ["XDG_STATE_HOME"]))
    (scene.work / "out/backend/api.json").unlink()
    killed_after_push(scene, "now")
    text = scene.plan
    taken = scene.now()
    assert (taken.result, scene.commits, scene.plan) == ("unchanged", 3, text)
    assert scene.task("B1").broken
