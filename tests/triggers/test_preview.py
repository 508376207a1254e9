"""What is said of teams ahead of a checkpoint: true, of what was touched alone, and without running anything."""

from pathlib import Path

import pytest

from checkpoint.triggers.lines import of_preview
from checkpoint.triggers.lookout import Lookout
from checkpoint.triggers.preview import TEAMS_LIMIT
from tests.helpers.repositories import write
from tests.helpers.scenes import ALL, API, PLAN, Scene, published

TEAM = "## Team: t$\n\n- folder: `out/$`\n\n- [ ] **T$** Do\n  - `a` exists\n"


def lookout(scene: Scene) -> Lookout:
    """One that knows the plan."""
    made = Lookout(str(scene.work), None)
    made.ask()
    made.glance()
    made.news()
    return made


def said(scene: Scene, *paths: str) -> list[str]:
    """What is said where these paths are news."""
    news = [str(scene.work / path) for path in paths]
    return [of_preview(each, 0.0).text for each in lookout(scene).previews(news)]


def test_what_holds_is_counted_and_what_does_not_is_named(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(ALL)
    assert said(scene, "out/backend/api.json") == ["backend: all 2 expectations hold"]
    write(scene.work, {"out/backend/api.json": "{}"})
    (text,) = said(scene, "out/backend/api.json")
    assert text.startswith("backend: 1 of 2 expectations hold; B1 `api.json` contains paths: expected `paths`")


@pytest.mark.parametrize(
    ("paths", "teams"),
    [
        (["out/frontend/x"], ["frontend"]),
        (["out/frontend", "out/backend/a/b"], ["backend", "frontend"]),
        (["elsewhere/x", "../branch main"], []),
        (["out"], ["backend", "frontend"]),
    ],
)
def test_only_teams_are_judged_in_whose_folders_something_is_news(
    tmp_path: Path, paths: list[str], teams: list[str]
) -> None:
    assert [text.partition(":")[0] for text in said(published(tmp_path), *paths)] == teams


def test_commands_are_not_run_and_wait(tmp_path: Path) -> None:
    plan = PLAN.replace("  - `api.json` contains `paths`", "  - `$ touch ran` passes")
    scene = published(tmp_path, plan)
    scene.deliver(ALL)
    scene.approve()
    assert said(scene, "out/backend/api.json") == ["backend: all 1 expectation holds; 1 waits for the checkpoint"]
    assert not (scene.work / "out/backend/ran").exists()


def test_of_many_teams_nothing_is_said(tmp_path: Path) -> None:
    teams = [
        f"## Team: t{each}\n\n- folder: `out/{each}`\n\n- [ ] **T{each}** Do\n  - `a` exists\n" for each in range(11)
    ]
    scene = published(tmp_path, "---\ncheckpoint: 1\n---\n\n# Many\n\n" + "\n".join(teams))
    paths = [f"out/{each}/a" for each in range(11)]
    assert len(said(scene, *paths[:TEAMS_LIMIT])) == TEAMS_LIMIT
    assert said(scene, *paths) == []


def test_nothing_is_kept_of_it(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(API)
    assert said(scene, "out/backend/api.json")
    assert scene.json("log").checkpoints == ()
