"""What people read of a plan with more tasks than anybody reads."""

from pathlib import Path

import pytest

from checkpoint.table import first_to_do
from tests.helpers.scenes import Scene, local

MANY = 60


def section(name: str, letter: str, tasks: int = MANY) -> str:
    lines = (f"- [ ] **{letter}{number}** Part {number}\n  - `{number}.txt` exists\n" for number in range(tasks))
    return f"## Team: {name}\n\n- folder: `out/{name}`\n\n{''.join(lines)}\n"


HEAD = "---\ncheckpoint: 1\n---\n\n# Large\n\n"
PLAN = HEAD + section("done", "D") + section("begun", "B") + section("idle", "I")
TEAMS = HEAD + "".join(section(f"t{number}", f"T{number}-", 3) for number in range(80))


def files(team: str, numbers: range) -> dict[str, str]:
    return {f"out/{team}/{number}.txt": f"{team} {number}" for number in numbers}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = local(tmp_path, PLAN)
    made.deliver(files("done", range(MANY)) | files("begun", range(MANY - 3)))
    return made


def lines(scene: Scene, *words: str) -> list[str]:
    found = scene.run(*words).out.splitlines()
    assert len(found) < 110
    assert max(map(len, found)) < 300
    return found


def test_check_shows_what_there_is_to_do_and_how_to_see_the_rest(scene: Scene) -> None:
    found = lines(scene, "check")
    assert found[0] == "✓ 1 team with nothing left to do: 60 tasks"
    assert "  · B57  Part 57 — missing" in found
    assert "        → deliver `57.txt`" in found
    assert not any("B56" in line for line in found)
    assert sum("  · I" in line for line in found) == 8
    assert "  … and 52 more like these: `checkpoint check idle`" in found
    assert found[-1] == "not proven: done 60/60, begun 57/60, idle 0/60, 63 missing"


def test_what_waits_for_something_comes_last() -> None:
    tasks = [{"id": number, "state": state} for number, state in enumerate(("blocked", "missing", "open", "failing"))]
    assert [task["id"] for task in first_to_do(tasks)] == [1, 3, 0, 2]


def test_one_team_is_shown_whole(scene: Scene) -> None:
    found = scene.run("check", "idle").out.splitlines()
    assert sum("  · I" in line for line in found) == MANY


def test_now_and_status_are_a_page(scene: Scene) -> None:
    for found in (lines(scene, "now"), lines(scene, "status")):
        assert "✓ 1 team with nothing left to do: 60 tasks" in found
        assert "  … and 52 more like these: `checkpoint status idle`" in found
        assert found[0] == "done: 60/60 tasks done"


def test_status_shows_what_has_changed_since_among_what_is_done(scene: Scene) -> None:
    scene.run("now")
    (scene.work / "out/done/7.txt").write_text("another")
    found = lines(scene, "status")
    assert "  ✓ D7  Part 7 — verified (changed since)" in found
    assert "✓ 1 team with nothing left to do: 60 tasks" not in found


def test_next_names_the_first_that_have_something_to_do(scene: Scene) -> None:
    scene.run("now")
    found = scene.run("next").out.splitlines()
    assert found[0] == "begun: 57 of 60 tasks done"
    assert found[-1].startswith("… `checkpoint next TEAM`")
    assert not any(line.startswith("done:") for line in found)
    assert "done: 60 of 60 tasks done" in scene.run("next", "done").out


def test_show_begins_with_what_has_not_passed(scene: Scene) -> None:
    scene.run("now")
    found = scene.run("show").out.splitlines()
    assert sum("missing" in line for line in found) == 20
    assert found[-1] == "… and 160 more: `checkpoint show TASK`, or all with `--json`"
    assert len(scene.json("show").evidence) == 180


def test_many_teams_have_few_rows(tmp_path: Path) -> None:
    scene = local(tmp_path, TEAMS)
    for number in range(40):
        scene.deliver(files(f"t{number}", range(3)))
    found = lines(scene, "now")
    assert found[:2] == ["t40: 0/3 tasks done, 3 missing", "t41: 0/3 tasks done, 3 missing"]
    assert found[20:22] == ["40 finished teams: 120/120 tasks done", "20 more teams: 0/60 tasks done, 60 missing"]
    assert "… and 99 more tasks of 33 more teams: `checkpoint status TEAM`, or all with `--json`" in found
    assert scene.json("status").report.teams[79].name == "t79"


def test_an_error_does_not_name_all_there_is(tmp_path: Path) -> None:
    scene = local(tmp_path, TEAMS)
    assert "and 220 more" in scene.run("check", "nobody").err
