"""The last checkpoint, at once, and how its proofs stand now."""

import os
from pathlib import Path

import pytest

from tests.helpers.repositories import commit, git
from tests.helpers.scenes import API, PAGE, PLAN, Scene, local, published

KINDS = PLAN.replace(
    "  - `index.html` contains `<ul`\n",
    "  - `index.html` contains `<ul`\n  - `*.html` count at-least 1\n  - `pages` exists\n",
)
LITERAL, GLOB, FOLDER = "`index.html` contains <ul", "`*.html` count at-least 1", "`pages` exists"


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = local(tmp_path, KINDS)
    made.deliver(PAGE | {"out/frontend/pages/a.html": "<p>a</p>\n"})
    made.now()
    return made


def fresh(scene: Scene) -> dict[str, str]:
    found: dict[str, str] = scene.json("status").freshness["F1"]
    return found


def test_what_is_untouched_stands(scene: Scene) -> None:
    assert fresh(scene) == {LITERAL: "green", GLOB: "green", FOLDER: "green"}
    assert set(scene.json("status").freshness["B1"].values()) == {"red"}


def test_what_is_only_touched_stands(scene: Scene) -> None:
    for name in ("index.html", "pages/a.html", "pages"):
        os.utime(scene.work / "out/frontend" / name, ns=(1, 1))
    assert set(fresh(scene).values()) == {"green"}


def test_what_is_changed_is_stale(scene: Scene) -> None:
    scene.deliver({"out/frontend/index.html": "<ul><li>Dracula</li></ul>\n"})
    assert fresh(scene) == {LITERAL: "stale", GLOB: "stale", FOLDER: "green"}
    scene.deliver({"out/frontend/pages/a.html": "<p>b</p>\n"})
    assert fresh(scene)[FOLDER] == "stale"


def test_what_is_gone_is_missing(scene: Scene) -> None:
    (scene.work / "out/frontend/index.html").unlink()
    assert fresh(scene) == {LITERAL: "missing", GLOB: "missing", FOLDER: "green"}


def test_what_is_added_makes_a_glob_and_a_folder_stale(scene: Scene) -> None:
    scene.deliver({"out/frontend/b.html": "b", "out/frontend/pages/b.html": "b"})
    assert fresh(scene) == {LITERAL: "green", GLOB: "stale", FOLDER: "stale"}


def test_what_was_not_there_and_is_now_is_stale(scene: Scene) -> None:
    scene.deliver(API)
    assert scene.json("status").freshness["B1"] == {"`api.json` contains paths": "stale"}


def test_a_ref_is_stale_once_its_branch_has_moved(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("- folder: `out/frontend`", "- folder: `out/frontend`\n- ref: `pages`"))
    git(scene.work, "switch", "-q", "-c", "pages")
    commit(scene.work, PAGE)
    git(scene.work, "push", "-q", "-u", "origin", "pages")
    git(scene.work, "switch", "-q", "main")
    scene.now()
    assert scene.json("status").freshness["F1"] == {LITERAL: "green"}
    git(scene.work, "switch", "-q", "pages")
    commit(scene.work, PAGE | {"out/frontend/b.html": "b"})
    git(scene.work, "push", "-q")
    git(scene.work, "switch", "-q", "main")
    scene.run("now", "--dry-run")
    assert scene.json("status").freshness["F1"] == {LITERAL: "stale"}


def test_people_read_how_it_stands_the_tasks_and_what_has_changed_since(scene: Scene) -> None:
    scene.deliver({"out/frontend/index.html": "changed"})
    lines = scene.run("status").out.splitlines()
    assert lines[:2] == ["backend: 0/2 tasks done, 1 missing, 1 blocked", "frontend: 1/2 tasks done, 1 open"]
    assert "  ✓ F1  Show the books — verified (changed since)" in lines
    assert "  · B1  Publish the API — missing" in lines


def test_one_team_alone(scene: Scene) -> None:
    assert "B1" not in scene.run("status", "frontend").out
    assert [team.name for team in scene.json("status", "frontend").report.teams] == ["frontend"]
    ran = scene.run("status", "nobody")
    assert (ran.status, ran.out) == (64, "")
    assert "the last checkpoint knows backend, frontend" in ran.err


def test_quiet_is_a_line_a_team(scene: Scene) -> None:
    assert len(scene.run("status", "--quiet").out.splitlines()) == 2


def test_before_the_first_checkpoint_it_says_how_to_take_one(tmp_path: Path) -> None:
    ran = local(tmp_path).run("status")
    assert (ran.status, ran.out) == (64, "")
    assert "mend:  take one: `checkpoint now`" in ran.err
