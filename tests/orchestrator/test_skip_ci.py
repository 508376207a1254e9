"""`[skip ci]` in the subject of a checkpoint's commit, where a person wants it."""

import os
from pathlib import Path

import pytest

from checkpoint.git.command import Git
from checkpoint.git.log import read_log
from tests.helpers.repositories import git
from tests.helpers.scenes import API, PLAN, Scene, published


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("CHECKPOINT_SKIP_CI", "true")
    return published(tmp_path)


def subject(scene: Scene) -> str:
    return git(scene.where, "log", "-1", "--format=%s", "main")


def test_the_subject_asks_for_it(scene: Scene) -> None:
    scene.now()
    assert subject(scene) == "checkpoint: backend 0/2, frontend 0/2, 2 missing, 1 blocked [skip ci]"


def test_unless_somebody_wants_it_there_is_none(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHECKPOINT_SKIP_CI")
    scene.now()
    assert "skip" not in git(scene.where, "log", "-1", "--format=%B", "main")


def test_other_runs_still_know_the_checkpoint(scene: Scene) -> None:
    first = scene.now("--slot", "cron:a")
    assert scene.now("--slot", "cron:a").result == "already-done"
    assert first.commit in [shown.commit for shown in scene.json("log").checkpoints]
    assert [made.commit for made in read_log(Git(("-C", str(scene.where)), os.environ), "main") if made.id] == [
        first.commit
    ]


def test_a_team_delivers_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The validators that ask git for what was delivered see the same commits."""
    monkeypatch.setenv("CHECKPOINT_SKIP_CI", "true")
    wanted = PLAN.replace("`api.json` contains `paths`", "`api.json` committed")
    scene = published(tmp_path, wanted)
    scene.commit(API, "Deliver")
    scene.now()
    assert scene.task("B1").state == "verified"


def test_a_repository_cannot_ask_for_it(scene: Scene) -> None:
    scene.deliver({"checkpoint.toml": "skip-ci = true\n"})
    assert scene.run("now").status == 3
