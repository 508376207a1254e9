"""One checkpoint after another, on a real remote and without one."""

from pathlib import Path

import pytest

from tests.helpers.repositories import git
from tests.helpers.scenes import ALL, API, PAGE, SEARCH, Scene, local, published


@pytest.fixture(params=[published, local], ids=["remote", "local"])
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    made: Scene = request.param(tmp_path)
    return made


def states(scene: Scene) -> dict[str, str]:
    assert scene.last
    return {task.id: task.state for team in scene.last.report.teams for task in team.tasks}


def test_the_first_checkpoint_is_a_commit_that_says_what_is_missing(scene: Scene) -> None:
    taken = scene.now()
    assert (taken.result, taken.commit, scene.commits) == ("published", scene.tip, 2)
    assert states(scene) == {"B1": "missing", "B2": "blocked", "F1": "missing", "F2": "open"}
    assert "**backend 0/2, frontend 0/2, 2 missing, 1 blocked**" in scene.plan
    assert "deliver `api.json`" in scene.plan


def test_a_commit_touches_the_plan_alone_and_carries_its_trailers(scene: Scene) -> None:
    taken = scene.now("--slot", "cron:1")
    where = scene.where
    assert git(where, "diff", "--name-only", "main~1", "main") == "plan.md"
    said = git(where, "log", "-1", "--format=%s%n%b", "main").splitlines()
    assert said[0] == "checkpoint: backend 0/2, frontend 0/2, 2 missing, 1 blocked"
    assert said[1:4] == [f"Checkpoint-Id: {taken.report.id}", "Checkpoint-Slot: cron:1", "Checkpoint-Plan: plan.md"]
    assert [line.split()[:3] for line in said[4:6]] == [
        ["Checkpoint-Team:", "backend", "0/2"],
        ["Checkpoint-Team:", "frontend", "0/2"],
    ]


def test_where_nothing_is_new_there_is_no_commit(scene: Scene) -> None:
    scene.now()
    taken = scene.now()
    assert (taken.result, taken.commit, scene.commits) == ("unchanged", "", 2)


def test_half_delivered_is_half_proven_and_ticked(scene: Scene) -> None:
    scene.deliver(API)
    scene.now()
    assert states(scene) == {"B1": "verified", "B2": "missing", "F1": "missing", "F2": "open"}
    assert "- [x] **B1**" in scene.plan
    assert "- [ ] **B2**" in scene.plan


def test_a_false_claim_is_unticked_and_named(scene: Scene) -> None:
    scene.tick("F1")
    taken = scene.now()
    assert scene.task("F1").false_claim
    assert "- [ ] **F1**" in scene.plan
    assert "**F1** false claim: ticked, but the proof fails" in scene.plan
    assert taken.report.count.false_claims == 1


def test_what_was_verified_and_fails_now_broke_and_is_no_false_claim(scene: Scene) -> None:
    scene.deliver(PAGE)
    scene.now()
    scene.deliver({"out/frontend/index.html": "nothing of it\n"})
    taken = scene.now()
    assert (scene.task("F1").broken, scene.task("F1").false_claim) == (True, False)
    assert "**F1** broke: it was proven before" in scene.plan
    assert taken.commit


@pytest.mark.parametrize("story", ["false claim", "broken"])
def test_a_pretence_stays_named_until_it_is_proven_and_makes_no_second_commit(scene: Scene, story: str) -> None:
    if story == "broken":
        scene.deliver(PAGE)
        scene.now()
        (scene.work / "out/frontend/index.html").unlink()
    else:
        scene.tick("F1")
    scene.now()
    named = scene.plan
    assert scene.now().result == "unchanged"
    scene.deliver(API)
    scene.now()
    assert f"**F1** {'broke' if story == 'broken' else 'false claim'}" in named
    assert f"**F1** {'broke' if story == 'broken' else 'false claim'}" in scene.plan
    scene.deliver(PAGE)
    scene.now()
    assert scene.task("F1").state == "verified"
    assert "broke:" not in scene.plan
    assert "false claim:" not in scene.plan


def test_a_persons_tick_counts_as_claimed_and_stays(scene: Scene) -> None:
    scene.tick("F2")
    scene.now()
    assert states(scene)["F2"] == "claimed"
    assert "- [x] **F2**" in scene.plan


def test_all_of_it_is_proven(scene: Scene) -> None:
    scene.deliver(ALL)
    scene.tick("F2")
    taken = scene.now()
    assert taken.report.is_proven
    assert scene.plan.count("Nothing to do: every task is done.") == 2
    assert scene.now().result == "unchanged"


def test_three_checkpoints_tell_the_story_in_the_log(scene: Scene) -> None:
    for files in ({}, API | SEARCH, PAGE):
        scene.deliver(files)
        scene.now()
    log = [each.headline for each in scene.json("log").checkpoints]
    assert log == [
        "backend 2/2, frontend 1/2",
        "backend 2/2, frontend 0/2, 1 missing",
        "backend 0/2, frontend 0/2, 2 missing, 1 blocked",
    ]


def test_without_a_remote_the_output_says_so(tmp_path: Path) -> None:
    assert local(tmp_path).now().notes == ("there is no remote: committed here, not pushed",)


def test_a_dry_run_shows_the_diff_and_changes_nothing(scene: Scene) -> None:
    before = scene.tip
    taken = scene.now("--dry-run")
    assert taken.result == "dry-run"
    assert "+**backend 0/2, frontend 0/2, 2 missing, 1 blocked**\n" in taken.diff
    assert (scene.tip, scene.json("log").checkpoints, taken.told) == (before, (), ())
    assert scene.run("status").status == 64
