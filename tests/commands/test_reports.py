"""`now`, `check`, `next`, `show` and `log`: what people read, what programs read, and the exit status."""

import os
from pathlib import Path

import pytest

from checkpoint.place import Place
from checkpoint.snapshot import write_snapshot
from tests.helpers.scenes import ALL, API, PAGE, PLAN, Scene, local, published

RUNS = PLAN.replace("`index.html` contains `<ul`", "`$ echo one; echo two; exit 3` passes")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return local(tmp_path)


def test_now_says_how_it_stands_and_what_it_did(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(API)
    lines = scene.run("now").out.splitlines()
    assert lines[:2] == ["backend: 1/2 tasks done, 1 missing", "frontend: 0/2 tasks done, 1 missing, 1 open"]
    assert "  ✓ B1  Publish the API — verified" in lines
    assert "        → deliver `search.py`" in lines
    assert lines[-1] == f"published {scene.tip[:10]} on origin/main"
    assert scene.run("now").out.splitlines()[-1] == "nothing new since the last checkpoint: no commit on origin/main"


def test_now_ends_with_1_for_a_failing_proof_only_where_asked(scene: Scene) -> None:
    assert scene.run("now").status == 0
    assert scene.run("now", "--exit-code").status == 1
    scene.deliver(ALL)
    assert scene.run("now", "--exit-code").status == 0


def test_now_quiet_is_a_line_a_team(scene: Scene) -> None:
    assert scene.run("now", "--quiet").out.splitlines() == [
        "backend: 0/2 tasks done, 1 missing, 1 blocked",
        "frontend: 0/2 tasks done, 1 missing, 1 open",
    ]


def test_check_ends_with_1_until_all_is_proven(scene: Scene) -> None:
    ran = scene.run("check")
    assert (ran.status, ran.out.splitlines()[-1]) == (
        1,
        "not proven: backend 0/2, frontend 0/2, 2 missing, 1 blocked",
    )
    scene.deliver(ALL)
    ran = scene.run("check")
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "proven: backend 2/2, frontend 1/2")


def test_check_looks_at_what_is_named_alone(scene: Scene) -> None:
    scene.deliver(API)
    assert scene.json("check", "B1").proven
    assert not scene.json("check", "backend", status=1).proven
    found = scene.json("check", "B1", "F1", status=1).report
    assert [[task.id for task in team.tasks] for team in found.teams] == [["B1"], ["F1"]]
    assert scene.run("check", "B9").status == 64


def test_check_takes_the_plan_of_the_work_tree_and_writes_nothing(scene: Scene) -> None:
    scene.deliver(PAGE | {"plan.md": PLAN.replace("contains `<ul`", "contains `Emma`")})
    assert scene.run("check", "F1").status == 0
    assert scene.commits == 1
    assert scene.json("log").checkpoints == ()


def test_check_tells_what_broke_from_what_was_only_claimed(scene: Scene) -> None:
    scene.deliver(PAGE)
    scene.now()
    (scene.work / "out/frontend/index.html").unlink()
    task = scene.json("check", "F1", status=1).report.teams[0].tasks[0]
    assert (task.broken, task.false_claim) == (True, False)


def test_check_goes_by_nothing_that_another_version_has_left_in_another_form(scene: Scene) -> None:
    scene.now()
    folder = Place(str(scene.work), None).store_folder
    write_snapshot(folder, {"report": {"teams": [{"name": "backend"}], "actions": {}}}, [{"tasks": [{}]}], None)
    assert scene.run("check").status == 1


def test_next_is_the_teams_actions_most_unblocking_first(scene: Scene) -> None:
    scene.now()
    out = scene.run("next", "backend").out
    assert out.splitlines()[0] == "backend: 0 of 2 tasks done"
    assert "1. B1 Publish the API — not delivered yet; 1 waiting for it\n" in out
    assert "   prove it: checkpoint check B1\n" in out
    assert "F1" not in out
    assert list(scene.json("next").actions) == ["backend", "frontend"]
    assert [each.task for each in scene.json("next", "frontend").actions["frontend"]] == ["F1", "F2"]


def test_the_command_that_next_names_proves_it(scene: Scene) -> None:
    scene.now()
    command, *words = scene.json("next").actions["backend"][0].check.split()[1:]
    assert scene.run(command, *words).status == 1
    scene.deliver(API)
    assert scene.run(command, *words).status == 0


def test_next_says_when_there_is_nothing_to_do_and_why(scene: Scene) -> None:
    scene.edit("Search (after B1)", "Search (after F1)")
    scene.deliver(API)
    scene.now()
    assert "  Nothing to do until another team is done." in scene.run("next", "backend").out
    assert scene.run("next", "nobody").status == 64


def test_show_has_the_raw_output_and_what_was_seen(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS)
    scene.deliver(API)
    scene.deliver({"out/frontend/x": "x"})
    scene.approve()
    scene.now()
    (found,) = scene.json("show", "F1").evidence
    assert (found.verdict.outcome, list(found.output.values())) == ("failed", ["one\ntwo\n"])
    out = scene.run("show").out
    assert "  one\n  two\n" in out
    assert "  saw api.json, 14 bytes, sha256 " in out
    assert scene.run("show", "B9").status == 64


def test_show_tells_an_output_that_is_empty_from_one_that_is_gone(tmp_path: Path) -> None:
    scene = local(tmp_path, RUNS.replace("echo one; echo two; exit 3", "exit 3"))
    scene.deliver(API)
    scene.deliver({"out/frontend/x": "x"})
    scene.approve()
    scene.now()
    assert scene.json("show", "F1").evidence[0].output["output"] == ""
    assert "── output ──\n  (nothing)\n" in scene.run("show", "F1").out


def test_show_another_run_by_the_beginning_of_its_id(scene: Scene) -> None:
    first = scene.now()
    scene.deliver(API)
    scene.now()
    (found,) = scene.json("show", "B1", "--run", first.report.id[:12]).evidence
    assert found.verdict.outcome == "missing"
    assert scene.run("show", "--run", "nothing").status == 64


def test_a_run_is_found_by_whatever_log_lists_of_it(scene: Scene) -> None:
    first = scene.now()
    scene.deliver(API)
    scene.now()
    assert f"{first.report.id}  {first.commit[:10]}" in scene.run("log").out
    for name in (first.report.id, first.commit[:10]):
        assert scene.json("show", "--run", name).id == first.report.id
    assert scene.run("show", "--run", "").status == 0


def test_log_is_newest_first_and_no_more_than_asked_for(scene: Scene) -> None:
    assert scene.run("log").out == "No checkpoint yet: `checkpoint now` takes the first.\n"
    for files in (API, PAGE):
        scene.deliver(files)
        scene.now()
    entries = scene.json("log").checkpoints
    assert [each.commit for each in entries] == [scene.tip, entries[1].commit]
    assert len(scene.run("log", "-n", "1").out.splitlines()) == 1
    assert scene.tip[:10] in scene.run("log", "-n", "1").out


@pytest.mark.parametrize("command", ["next", "show"])
def test_before_the_first_checkpoint_it_says_how_to_take_one(scene: Scene, command: str) -> None:
    ran = scene.run(command)
    assert (ran.status, ran.out) == (64, "")
    assert "take one: `checkpoint now`" in ran.err


def test_a_name_that_is_no_utf_8_is_shown_and_kept(scene: Scene) -> None:
    scene.edit("`index.html` contains `<ul`", "`*.html` contains `<ul`")
    folder = os.fsencode(scene.work / "out/frontend")
    os.makedirs(folder)
    with open(folder + b"/\xff\n.html", "wb") as file:
        file.write(b"nothing of it\n")
    scene.now()
    assert scene.task("F1").state == "failing"
    for command in ("status", "next", "show", "check"):
        assert "\\udcff\\n.html" in scene.run(command).out or command == "status"
        scene.json(command, status=int(command == "check"))
