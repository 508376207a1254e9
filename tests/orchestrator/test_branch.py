"""Checkpoints published to a branch of their own, where people's own branch is protected."""

import os
from pathlib import Path

import pytest

from checkpoint.documents import Error, Now
from checkpoint.orchestrator import Request
from checkpoint.triggers.lookout import Lookout
from tests.helpers.repositories import clone, commit, content_at, git, head
from tests.helpers.scenes import API, PAGE, PLAN, Scene, decoded, published

BRANCH = "checkpoint/status"
TO = ("--branch", BRANCH)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """Main declines all pushes but the person's, who comes by another way: the repository's own folder."""
    scene = published(tmp_path)
    hook = scene.where / "hooks/update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        '#!/bin/sh\n[ "$1" = refs/heads/main ] && [ ! -e merging ] && echo main is protected >&2 && exit 1\nexit 0\n'
    )
    hook.chmod(0o755)
    return scene


def parents(scene: Scene, ref: str = BRANCH) -> list[str]:
    return git(scene.where, "rev-list", "--parents", "-n1", ref).split()[1:]


def plan_on(scene: Scene, ref: str = BRANCH) -> str:
    return content_at(scene.where, "plan.md", ref) + "\n"


def changed(scene: Scene, old: str, new: str) -> list[str]:
    return git(scene.where, "diff-tree", "-r", "--name-only", old, new).split()


def as_reviewer(scene: Scene, *arguments: str) -> None:
    """A push to main by somebody who may."""
    (scene.where / "merging").touch()
    git(scene.work, *arguments)
    (scene.where / "merging").unlink()


def edit_main(scene: Scene, old: str, new: str) -> str:
    text = (scene.work / "plan.md").read_text()
    assert old in text
    made = commit(scene.work, {"plan.md": text.replace(old, new, 1)}, "Change the plan")
    as_reviewer(scene, "push", "-q", "origin", "HEAD:main")
    return made


def merge(scene: Scene, *how: str) -> str:
    """People merge the branch into main, and have that in their checkout."""
    git(scene.work, "fetch", "-q", "origin")
    git(scene.work, "merge", "-q", *how, f"origin/{BRANCH}")
    if "--squash" in how:
        git(scene.work, "commit", "-q", "-m", "Merge checkpoints")
    as_reviewer(scene, "push", "-q", "origin", "HEAD:main")
    return head(scene.where, "main")


def failed(scene: Scene, *words: str) -> Error:
    ran = scene.run("now", "--json", *words)
    error = decoded(ran.out, Error)
    assert ran.status == error.exit
    return error


def test_without_a_branch_the_mend_names_one(scene: Scene) -> None:
    error = failed(scene)
    assert (error.exit, error.error) == (6, "the server declines pushes to main")
    assert "--branch checkpoint/status" in error.mend


def test_the_first_checkpoint_makes_the_branch(scene: Scene) -> None:
    main = scene.tip
    scene.deliver(API)
    taken = scene.now(*TO)
    assert (taken.result, taken.commit) == ("published", head(scene.where, BRANCH))
    assert (scene.tip, parents(scene)) == (main, [main])
    assert changed(scene, main, taken.commit) == ["plan.md"]
    assert "[x] **B1**" in plan_on(scene)


def test_the_persons_checkout_stays_on_main(scene: Scene) -> None:
    before = head(scene.work)
    taken = scene.now(*TO)
    assert (head(scene.work), git(scene.work, "status", "--porcelain"), taken.notes) == (before, "", ())


def test_the_next_one_follows_the_first(scene: Scene) -> None:
    first = scene.now(*TO).commit
    scene.deliver(API)
    scene.now(*TO)
    assert parents(scene) == [first]
    assert scene.task("B1").state == "verified"


def test_twice_is_once(scene: Scene) -> None:
    scene.now(*TO)
    assert scene.now(*TO).result == "unchanged"
    edit_main(scene, "# Shop", "# Book shop")
    assert scene.now(*TO).result == "published"
    assert scene.now(*TO).result == "unchanged"


def test_where_main_has_moved_both_are_parents_and_main_alone_is_the_tree(scene: Scene) -> None:
    first = scene.now(*TO).commit
    commit(scene.work, {"src/shop.py": "books = []\n"})
    main = edit_main(scene, "Show the books", "Show all books")
    taken = scene.now(*TO)
    assert (parents(scene), changed(scene, main, taken.commit)) == ([first, main], ["plan.md"])
    assert "Show all books" in plan_on(scene)
    assert git(scene.where, "merge-base", "main", BRANCH) == main


def test_a_slot_has_one_checkpoint_on_either_branch(scene: Scene) -> None:
    scene.now(*TO, "--slot", "cron:a")
    again = scene.now(*TO, "--slot", "cron:a")
    assert (again.result, again.commit) == ("already-done", head(scene.where, BRANCH))
    merge(scene, "--no-ff")
    git(scene.where, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert scene.now(*TO, "--slot", "cron:a").result == "already-done"


@pytest.mark.parametrize("how", ["--no-ff", "--ff-only", "--squash"])
@pytest.mark.parametrize("is_deleted", [True, False])
def test_once_merged_it_starts_again_from_main(scene: Scene, how: str, is_deleted: bool) -> None:
    scene.deliver(API)
    first = scene.now(*TO).commit
    main = merge(scene, how)
    if is_deleted:
        git(scene.where, "update-ref", "-d", f"refs/heads/{BRANCH}")
    assert "[x] **B1**" in scene.plan
    assert scene.now(*TO).result == "unchanged"
    scene.deliver(PAGE)
    taken = scene.now(*TO)
    unmerged = [] if is_deleted or how != "--squash" else [first]
    assert (taken.result, parents(scene)) == ("published", [*unmerged, main])
    assert not any(task.false_claim for team in taken.report.teams for task in team.tasks)


def test_what_breaks_while_the_request_waits_is_no_false_claim(scene: Scene) -> None:
    scene.deliver(API)
    scene.now(*TO)
    merge(scene, "--no-ff")
    scene.deliver({"out/backend/api.json": "{}\n"})
    for _ in range(2):
        scene.now(*TO)
        task = scene.task("B1")
        assert (task.false_claim, task.broken, task.ticked) == (False, True, _ == 0)
    assert "[ ] **B1**" in plan_on(scene)
    assert "[x] **B1**" in scene.plan


def test_a_box_ticked_on_main_is_a_claim(scene: Scene) -> None:
    scene.now(*TO)
    edit_main(scene, "[ ] **B1**", "[x] **B1**")
    scene.now(*TO)
    assert scene.task("B1").false_claim


def test_a_box_ticked_on_the_branch_is_one_too(scene: Scene, tmp_path: Path) -> None:
    scene.now(*TO)
    push_to_branch(scene, tmp_path, {"plan.md": plan_on(scene).replace("[ ] **B1**", "[x] **B1**")})
    scene.now(*TO)
    assert scene.task("B1").false_claim
    assert "[ ] **B1**" in plan_on(scene)


def push_to_branch(scene: Scene, tmp_path: Path, files: dict[str, str]) -> str:
    other = clone(scene.where, tmp_path / "other")
    git(other, "switch", "-q", BRANCH)
    made = commit(other, files, "Edit the branch")
    git(other, "push", "-q", "origin", BRANCH)
    return made


@pytest.mark.parametrize("files", [{"plan.md": "\nA remark.\n"}, {"src/shop.py": "books = []\n"}], ids=str)
def test_what_people_put_on_the_branch_is_left_alone(scene: Scene, tmp_path: Path, files: dict[str, str]) -> None:
    scene.now(*TO)
    theirs = {name: (plan_on(scene) if name == "plan.md" else "") + text for name, text in files.items()}
    made = push_to_branch(scene, tmp_path, theirs)
    scene.deliver(API)
    error = failed(scene, *TO)
    assert (error.exit, error.error) == (6, "checkpoint/status holds more than checkpoints of this plan")
    assert error.why == f"somebody has changed {next(iter(files))} there, which a checkpoint would leave out"
    assert head(scene.where, BRANCH) == made
    merge(scene, "--no-ff")
    assert scene.now(*TO).result == "published"
    for name, text in files.items():
        assert text.strip() in content_at(scene.where, name, BRANCH)


def test_each_plan_has_a_branch_of_its_own(scene: Scene) -> None:
    scene.now(*TO)
    commit(scene.work, {"plans/two.md": PLAN})
    as_reviewer(scene, "push", "-q", "origin", "HEAD:main")
    ran = scene.run("now", "--plan", "plans/two.md", *TO)
    assert (ran.status, "name another branch for this one" in ran.err) == (6, True)
    assert scene.run("now", "--plan", "plans/two.md", "--branch", "checkpoint/two").status == 0
    assert scene.now(*TO).result == "published"


def test_main_merged_into_the_branch_by_people_is_nothing_of_theirs(scene: Scene, tmp_path: Path) -> None:
    scene.now(*TO)
    main = edit_main(scene, "Show the books", "Show all books")
    other = clone(scene.where, tmp_path / "other")
    git(other, "switch", "-q", BRANCH)
    git(other, "merge", "-q", "--no-edit", "origin/main")
    git(other, "push", "-q", "origin", BRANCH)
    scene.now(*TO)
    assert parents(scene) == [head(other)]
    assert git(scene.where, "merge-base", "main", BRANCH) == main


def test_a_branch_of_another_history_is_left_alone(scene: Scene, tmp_path: Path) -> None:
    scene.now(*TO)
    other = clone(scene.where, tmp_path / "other")
    git(other, "switch", "-q", "--orphan", "empty")
    commit(other, {"x": "y"})
    git(other, "push", "-q", "-f", "origin", f"HEAD:{BRANCH}")
    assert failed(scene, *TO).why.startswith("it has another history")


def test_a_name_that_another_branch_is_in_the_way_of(scene: Scene) -> None:
    git(scene.work, "push", "-q", "origin", "HEAD:refs/heads/checkpoint")
    error = failed(scene, *TO)
    assert (error.exit, error.error) == (6, "checkpoint/status cannot be made")
    assert "there is a branch checkpoint," in error.why


@pytest.mark.parametrize("name", ["a..b", "HEAD", "+main", "main:other", "@{-1}"])
def test_what_is_no_name_of_a_branch_is_refused(scene: Scene, name: str) -> None:
    assert failed(scene, "--branch", name).exit == 3


def test_the_plans_own_branch_is_published_to_as_ever(tmp_path: Path) -> None:
    scene = published(tmp_path)
    taken: Now = scene.now("--branch", "main")
    assert scene.tip == taken.commit


def test_without_a_remote_there_is_no_such_branch(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "none")
    scene.work.mkdir()
    git(scene.work, "init", "-q")
    commit(scene.work, {"plan.md": "---\ncheckpoint: 1\n---\n\n# Plan\n"})
    assert failed(scene, *TO).error == "there is no remote on which to publish to checkpoint/status"


def test_an_undo_goes_there_too(scene: Scene) -> None:
    main = scene.tip
    scene.deliver(API)
    first = scene.now(*TO).commit
    undone = scene.json("undo", *TO)
    assert (undone.result, parents(scene), scene.tip) == ("published", [first], main)
    assert plan_on(scene) == plan_on(scene, "main")
    assert scene.now(*TO).result == "published"
    assert "[x] **B1**" in plan_on(scene)


def test_an_undo_of_what_main_has_by_now_is_for_people_to_merge(scene: Scene) -> None:
    scene.deliver(API)
    scene.now(*TO)
    main = merge(scene, "--no-ff")
    undone = scene.json("undo", *TO)
    assert (undone.result, parents(scene), scene.tip) == ("published", [main], main)
    assert "[ ] **B1**" in plan_on(scene)


def test_a_server_that_serves_the_branch_keeps_nobody_awake(scene: Scene) -> None:
    lookout = Lookout(str(scene.work), None, BRANCH)
    results = []
    for _ in range(3):
        lookout.renewed()
        lookout.ask()
        lookout.glance()
        if lookout.news():
            results.append(lookout.take(Request(os.urandom(8).hex(), lookout.slot()), (), lambda: None).result)
    assert results == ["published"]
    edit_main(scene, "Show the books", "Show all books")
    lookout.ask()
    lookout.glance()
    assert lookout.news() == ("branch main",)
    assert lookout.take(Request(os.urandom(8).hex(), lookout.slot()), (), lambda: None).result == "published"
    lookout.ask()
    lookout.glance()
    assert lookout.news() == ()


def test_who_meddles_with_a_block_of_the_branch_is_named(scene: Scene, tmp_path: Path) -> None:
    scene.now(*TO)
    text = plan_on(scene).replace("0/2", "2/2", 1)
    made = push_to_branch(scene, tmp_path, {"plan.md": text})
    found = scene.now(*TO).report.foreign
    assert [(each.kind, each.how, each.commit) for each in found] == [("status", "changed", made)]
    assert "2/2" not in plan_on(scene)


def test_nobody_meddled_where_nobody_did(scene: Scene) -> None:
    scene.deliver(API)
    assert scene.now(*TO).report.foreign == ()
    merge(scene, "--squash")
    scene.deliver(PAGE)
    edit_main(scene, "Agree on the colours", "Agree on colours")
    assert scene.now(*TO).report.foreign == ()
    git(scene.where, "update-ref", "-d", f"refs/heads/{BRANCH}")
    scene.deliver({"out/backend/api.json": "{}\n"})
    assert scene.now(*TO).report.foreign == ()
