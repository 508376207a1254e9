"""Teams that deliver on a branch of their own."""

from pathlib import Path

from tests.helpers.repositories import clone, commit, git, head, make_repository
from tests.helpers.scenes import API, PAGE, PLAN, Scene, local, published

ON_BRANCH = PLAN.replace("- folder: `out/frontend`", "- folder: `out/frontend`\n- ref: `pages`")


def push_branch(scene: Scene, folder: Path, files: dict[str, str]) -> str:
    """What the frontend team does: commits on its own branch, elsewhere, and pushes."""
    team = clone(scene.where, folder)
    git(team, "switch", "-q", "-c", "pages")
    made = commit(team, files, "Deliver")
    git(team, "push", "-q", "origin", "pages")
    return made


def test_a_team_with_a_ref_is_validated_from_its_branch(tmp_path: Path) -> None:
    scene = published(tmp_path, ON_BRANCH)
    made = push_branch(scene, tmp_path / "team", PAGE)
    taken = scene.now()
    assert scene.task("F1").state == "verified"
    assert taken.report.teams[1].place == f"out/frontend of pages at {made[:10]}"
    assert not (scene.work / "out/frontend").exists()


def test_what_lies_on_disk_does_not_count_for_it(tmp_path: Path) -> None:
    scene = published(tmp_path, ON_BRANCH)
    push_branch(scene, tmp_path / "team", API)
    scene.deliver(PAGE)
    scene.now()
    assert scene.task("F1").state == "missing"


def test_a_branch_that_is_not_there_is_an_order_to_push_it(tmp_path: Path) -> None:
    scene = published(tmp_path, ON_BRANCH)
    scene.now()
    assert "push the branch `pages`" in scene.plan


def test_without_a_remote_the_branch_is_the_one_here(tmp_path: Path) -> None:
    scene = local(tmp_path, ON_BRANCH)
    git(scene.work, "switch", "-q", "-c", "pages")
    commit(scene.work, PAGE, "Deliver")
    git(scene.work, "switch", "-q", "main")
    scene.now()
    assert scene.task("F1").state == "verified"
    assert scene.json("status").freshness["F1"] == {"`index.html` contains <ul": "green"}


def test_a_command_runs_in_a_copy_of_the_branch(tmp_path: Path) -> None:
    scene = local(
        tmp_path, ON_BRANCH.replace("`index.html` contains `<ul`", "`$ touch ran; grep -q ul index.html` passes")
    )
    git(scene.work, "switch", "-q", "-c", "pages")
    made = commit(scene.work, PAGE, "Deliver")
    git(scene.work, "switch", "-q", "main")
    scene.approve()
    scene.now()
    assert scene.task("F1").state == "verified"
    assert list(scene.work.rglob("ran")) == []
    assert head(scene.work, "pages") == made


SCHEMA = PLAN.replace("`api.json` contains `paths`", "`api.json` json-schema `schema.json`")


def test_a_schema_counts_as_it_is_committed_not_as_it_lies_here(tmp_path: Path) -> None:
    assert SCHEMA != PLAN
    scene = published(tmp_path, SCHEMA)
    scene.commit({"schema.json": '{"required": ["done"]}'}, "Ask for it")
    scene.deliver({"out/backend/api.json": '{"paths": {}}', "schema.json": "{}"})
    scene.now()
    assert scene.task("B1").verdicts[0].outcome == "failed"
    assert scene.run("check", "B1").status == 0  # here and now it would pass


def with_a_submodule(scene: Scene, folder: Path, path: str) -> Scene:
    """A clone made without the submodule that is at that path."""
    inner = make_repository(folder / "inner", {"api.json": '{"paths": {}}'})
    git(scene.work, "-c", "protocol.file.allow=always", "submodule", "-q", "add", str(inner), path)
    git(scene.work, "commit", "-qm", "Add a submodule")
    git(scene.work, "push", "-q")
    return Scene(clone(scene.where, folder / "without"), scene.where)


def test_a_submodule_that_is_not_checked_out_is_not_taken_for_empty(tmp_path: Path) -> None:
    scene = with_a_submodule(published(tmp_path), tmp_path, "out/backend")
    scene.deliver(PAGE)
    scene.now()
    (verdict,) = scene.task("B1").verdicts
    assert (verdict.outcome, verdict.findings[0].found) == ("error", "a submodule that is not checked out")
    assert verdict.findings[0].action == "bring them: `git submodule update --init out/backend`"
    assert scene.task("F1").state == "verified"
    git(scene.work, "-c", "protocol.file.allow=always", "submodule", "-q", "update", "--init")
    scene.now()
    assert scene.task("B1").state == "verified"


def test_one_within_a_teams_folder_is_no_folder(tmp_path: Path) -> None:
    plan = PLAN.replace("`api.json` contains", "`lib/api.json` contains").replace("`search.py`", "`lib`")
    scene = with_a_submodule(published(tmp_path, plan), tmp_path, "out/backend/lib")
    scene.now()
    assert scene.task("B1").verdicts[0].findings[0].found == "a submodule that is not checked out"
    assert scene.task("B2").verdicts[0].outcome == "blocked"


def test_a_folder_with_files_is_none_whatever_gitmodules_says(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.deliver(API | {".gitmodules": '[submodule "x"]\n\tpath = out/backend\n\turl = x\n'})
    scene.now()
    assert scene.task("B1").state == "verified"


def test_a_plan_that_is_not_pushed_is_noted(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    text = (scene.work / "plan.md").read_text()
    commit(scene.work, {"plan.md": text.replace("# ", "# New ", 1)}, "Keep it here")
    assert any("differs from the one on origin/main" in note for note in scene.now().notes)
