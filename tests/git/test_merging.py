"""The merge driver, as git itself calls it: set up by `checkpoint init`, named by `.gitattributes`."""

from pathlib import Path

import pytest

from checkpoint.documents import Diagnosis
from checkpoint.git.merging import configure_driver, names_driver, write_attributes
from tests.git.sourcing import checkout_of
from tests.helpers.plan_merges import PLAN
from tests.helpers.programs import Program
from tests.helpers.repositories import GitError, clone, commit, content_at, git, make_repository
from tests.helpers.scenes import Scene, published


def edit(scene: Scene, old: str, new: str) -> str:
    text = (scene.work / "plan.md").read_text()
    assert old in text
    return commit(scene.work, {"plan.md": text.replace(old, new, 1)}, f"Write {new}")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A repository whose plan git merges as a plan, and two branches: main, with a checkpoint, and a person's."""
    scene = published(tmp_path, PLAN)
    assert scene.json("init", "--merge-driver").files == (".gitattributes",)
    commit(scene.work, {".gitattributes": (scene.work / ".gitattributes").read_text()})
    git(scene.work, "push", "-q")
    git(scene.work, "switch", "-q", "-c", "theirs")
    edit(scene, "**B1** Publish the API", "**B1** Publish the whole API")
    edit(scene, "Pay\n  - `pay.py` exists\n", "Pay\n  - `pay.py` exists\n- [ ] **B4** Deliver\n  - `ship.py` exists\n")
    git(scene.work, "switch", "-q", "main")
    scene.deliver({"out/backend/api.json": "{}"})
    scene.now()
    return scene


def is_merged(scene: Scene) -> None:
    text = (scene.work / "plan.md").read_text()
    assert "- [x] **B1** Publish the whole API\n" in text
    assert "- [ ] **B4** Deliver\n  - `ship.py` exists\n\n<!-- checkpoint:next backend -->\n" in text
    assert git(scene.work, "status", "--porcelain", "--untracked-files=no") == ""


def test_a_merge(scene: Scene) -> None:
    git(scene.work, "merge", "-q", "--no-edit", "theirs")
    is_merged(scene)


def test_a_rebase(scene: Scene) -> None:
    git(scene.work, "switch", "-q", "theirs")
    git(scene.work, "rebase", "-q", "main")
    is_merged(scene)


def test_a_cherry_pick(scene: Scene) -> None:
    git(scene.work, "cherry-pick", "main..theirs")
    is_merged(scene)


def test_a_pull_into_a_branch_of_ones_own(scene: Scene) -> None:
    git(scene.work, "switch", "-q", "theirs")
    git(scene.work, "pull", "-q", "--no-rebase", "--no-edit", "origin", "main")
    is_merged(scene)


@pytest.mark.parametrize("name", ["--help", "-h", "'$(touch made)'"])
def test_a_name_that_looks_like_an_option_or_a_command_is_merged(scene: Scene, name: str) -> None:
    lines = [f"{number}\n" for number in range(9)]
    before = {".gitattributes": "* merge=checkpoint\n", name: "".join(lines)}
    commit(scene.work, before, "Choose the driver for all")
    git(scene.work, "switch", "-q", "-c", "another")
    commit(scene.work, {name: "".join(["theirs\n", *lines[1:]])}, "Write the first line")
    git(scene.work, "switch", "-q", "main")
    commit(scene.work, {name: "".join([*lines[:-1], "ours\n"])}, "Write the last line")
    git(scene.work, "merge", "-q", "--no-edit", "another")
    assert (scene.work / name).read_text() == "".join(["theirs\n", *lines[1:-1], "ours\n"])
    assert not (scene.work / "made").exists()


def test_without_the_driver_git_finds_conflicts(scene: Scene) -> None:
    git(scene.work, "config", "--unset", "merge.checkpoint.driver")
    with pytest.raises(GitError, match="merge"):
        git(scene.work, "merge", "-q", "--no-edit", "theirs")


@pytest.mark.parametrize("script", ["", "exit 1", "exit 3", "kill -9 $$"])
def test_where_the_program_is_gone_or_fails_git_merges_by_itself(scene: Scene, tmp_path: Path, script: str) -> None:
    if script:
        Program(tmp_path, "broken", script)
    configure_driver(checkout_of(scene.work).git, (str(tmp_path / "broken"),))
    with pytest.raises(GitError):
        git(scene.work, "merge", "-q", "--no-edit", "theirs")
    assert "<<<<<<<" in (scene.work / "plan.md").read_text()
    git(scene.work, "merge", "--abort")
    git(scene.work, "switch", "-q", "-c", "prose")
    edit(scene, "- Ask Emma.", "- Ask Ada.")
    git(scene.work, "switch", "-q", "main")
    edit(scene, "What we sell", "All we sell")
    git(scene.work, "merge", "-q", "--no-edit", "prose")
    assert "Ask Ada" in (scene.work / "plan.md").read_text()


def test_people_who_disagree_get_gits_marks_and_its_status(scene: Scene) -> None:
    edit(scene, "Publish the API", "Publish nothing")
    with pytest.raises(GitError):
        git(scene.work, "merge", "-q", "--no-edit", "theirs")
    assert git(scene.work, "status", "--porcelain", "--untracked-files=no").splitlines() == ["UU plan.md"]
    text = (scene.work / "plan.md").read_text()
    assert text.count("<<<<<<<") == 1
    assert (
        "<<<<<<< ours\n- [x] **B1** Publish nothing\n=======\n- [x] **B1** Publish the whole API\n>>>>>>> theirs\n"
        in text
    )


def test_the_next_checkpoint_of_what_was_merged_finds_nothing_odd(scene: Scene) -> None:
    git(scene.work, "merge", "-q", "--no-edit", "theirs")
    git(scene.work, "push", "-q")
    taken = scene.now()
    assert [task.id for team in taken.report.teams for task in team.tasks if task.false_claim or task.broken] == []
    assert scene.task("B4").state == "missing"
    assert "- [x] **B1** Publish the whole API" in content_at(scene.where, "plan.md")


def merging(scene: Scene) -> Diagnosis:
    found: Diagnosis = next(each for each in scene.json("doctor").diagnoses if each.name == "merging")
    return found


def test_each_clone_has_to_be_told_and_doctor_says_so(scene: Scene, tmp_path: Path) -> None:
    other = Scene(clone(scene.where, tmp_path / "other"), scene.where)
    found = merging(other)
    assert (found.state, found.mend) == ("warning", "checkpoint init --merge-driver")
    told = other.json("init", "--merge-driver")
    assert (told.files, told.next) == ((), ())
    assert (merging(other).state, git(other.work, "status", "--porcelain")) == ("ok", "")


def test_doctor_tells_where_the_program_is_gone(scene: Scene) -> None:
    git(scene.work, "config", "merge.checkpoint.driver", "'/no where/checkpoint' merge-driver %O %A %B %P")
    found = merging(scene)
    assert (found.state, found.mend) == ("warning", "checkpoint init --merge-driver")
    assert found.found.endswith("merged by /no where/checkpoint, which is gone")


def test_doctor_finds_nothing_wrong_where_nobody_asked_for_it(tmp_path: Path) -> None:
    assert merging(published(tmp_path)).found == "git merges plan.md as any text"


def test_init_sets_it_up_with_the_plan(tmp_path: Path) -> None:
    scene = Scene(make_repository(tmp_path / "work", {".gitattributes": "*.png binary"}))
    assert scene.json("init").files == ("plan.md", ".gitattributes")
    assert (scene.work / ".gitattributes").read_text() == "*.png binary\n/plan.md merge=checkpoint\n"
    assert git(scene.work, "config", "merge.checkpoint.driver")
    assert scene.run("init", "--merge-driver").out == "git in this clone merges plan.md as a plan\n"
    assert (scene.work / ".gitattributes").read_text().count("merge=checkpoint") == 1


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    scene = Scene(make_repository(tmp_path / "work"))
    (tmp_path / "elsewhere").write_text("mine\n")
    (scene.work / ".gitattributes").symlink_to(tmp_path / "elsewhere")
    ran = scene.run("init", "--merge-driver")
    assert (ran.status, (tmp_path / "elsewhere").read_text()) == (64, "mine\n")
    assert "/plan.md merge=checkpoint" in ran.err


@pytest.mark.parametrize(
    "path", ["plan.md", "plans/a b.md", "a*[b]?.md", 'say "it".md', "back\\slash.md", "#1.md", "!.md"]
)
def test_it_is_named_for_that_path_alone(tmp_path: Path, path: str) -> None:
    git_there = checkout_of(make_repository(tmp_path / "work")).git
    write_attributes(str(tmp_path / "work"), path)
    assert names_driver(git_there, path)
    assert not names_driver(git_there, f"x/{path}")
    assert not names_driver(git_there, path.replace("*", "x").replace("b", "c") + "x")
