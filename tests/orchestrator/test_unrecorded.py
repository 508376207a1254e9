"""Checkpoints after whose push something fails: what the exit status says, and what the next one makes of it."""

from pathlib import Path

import pytest

from checkpoint.documents import Error
from checkpoint.errors import Stalled
from checkpoint.location import Location, read_head
from checkpoint.place import Place
from tests.helpers.scenes import ALL, Scene, decoded, published


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = published(tmp_path)
    made.deliver(ALL)
    return made


def store(scene: Scene) -> Path:
    return Path(Place(str(scene.work), None).store_folder)


def on_push(scene: Scene, hook: str, script: str) -> None:
    path = scene.where / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def lose_journal(scene: Scene, hook: str, more: str = "") -> None:
    """While a push is under way the journal becomes something that nobody can use."""
    journal = store(scene) / "journal.db"
    on_push(scene, hook, f"mv '{journal}' '{journal}.kept'; ln -s nowhere '{journal}'; {more}")


def find_journal(scene: Scene, hook: str) -> None:
    (scene.where / "hooks" / hook).unlink()
    (store(scene) / "journal.db.kept").rename(store(scene) / "journal.db")


def told(scene: Scene) -> Path:
    return store(scene) / "notices/all.txt"


def test_what_is_published_and_not_recorded_says_so(scene: Scene) -> None:
    lose_journal(scene, "post-receive")
    ran = scene.run("now", "--json")
    error = decoded(ran.out, Error)
    assert (ran.status, error.exit, scene.commits) == (7, 7, 2)
    assert error.error == f"published {scene.tip[:10]}, but it could not be recorded here"
    assert error.mend.endswith("the next checkpoint records it and tells everybody")
    assert not told(scene).exists()


def test_so_does_the_second_one_and_an_undo(scene: Scene) -> None:
    scene.now()
    scene.deliver({"out/backend/api.json": "{}\n"})
    lose_journal(scene, "post-receive")
    assert (scene.run("now").status, scene.commits) == (7, 3)
    find_journal(scene, "post-receive")
    scene.now()
    lose_journal(scene, "post-receive")
    ran = scene.run("undo")
    assert (ran.status, scene.commits) == (7, 4)
    assert "the next `checkpoint undo` records it" in ran.err
    find_journal(scene, "post-receive")
    assert (scene.json("undo").result, scene.commits) == ("published", 4)


def test_the_next_run_records_it_and_tells_of_it(scene: Scene) -> None:
    lose_journal(scene, "post-receive")
    scene.run("now")
    find_journal(scene, "post-receive")
    assert scene.now().result == "unchanged"
    assert "B1" in told(scene).read_text() or "backend" in told(scene).read_text()
    told(scene).unlink()
    scene.now()
    assert not told(scene).exists()
    assert scene.commits == 2


def test_what_failed_first_is_what_is_said(scene: Scene) -> None:
    lose_journal(scene, "pre-receive", "echo main is protected >&2; exit 1")
    ran = scene.run("now")
    assert (ran.status, scene.commits) == (6, 1)
    assert "the server declines pushes to main" in ran.err


def test_a_snapshot_that_cannot_be_kept_is_a_note(scene: Scene) -> None:
    (store(scene) / "status.marshal").mkdir(parents=True)
    (store(scene)).chmod(0o700)
    taken = scene.now()
    assert (taken.result, scene.commits) == ("published", 2)
    assert any(note.startswith("`checkpoint status` shows an earlier checkpoint") for note in taken.notes)
    assert told(scene).exists()


def test_a_plan_here_that_cannot_be_read_changes_nothing(scene: Scene) -> None:
    scene.now()
    (scene.work / "plan.md").unlink()
    (scene.work / "plan.md").mkdir()
    taken = scene.now()
    assert taken.result == "unchanged"
    assert any(note.startswith("your plan.md differs") for note in taken.notes)


def test_a_head_that_cannot_be_read_is_not_called_detached(scene: Scene) -> None:
    with pytest.raises(Stalled, match="HEAD cannot be used"):
        read_head(Location(str(scene.work), str(scene.work / "plan.md"), str(scene.work / ".git")))
