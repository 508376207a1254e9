"""What a server looks at, and what it counts as news, whatever a plan or a commit says."""

import os
import threading
import time
from pathlib import Path

import pytest

from checkpoint.errors import Stalled
from checkpoint.orchestrator import Request
from checkpoint.triggers.lookout import Lookout
from tests.helpers.repositories import clone, commit, git, push_edit, write
from tests.helpers.scenes import API, PLAN, Scene, published

PATIENCE = 20.0


def looking(scene: Scene) -> Lookout:
    """A lookout that has had its first look."""
    lookout = Lookout(str(scene.work), None)
    looked_again(lookout)
    return lookout


def looked_again(lookout: Lookout) -> tuple[str, ...]:
    """What is news, as a server finds it."""
    lookout.renewed()
    if lookout.has_moved():
        lookout.ask()
    lookout.ask()
    lookout.glance()
    return lookout.news()


def take(lookout: Lookout, slot: str) -> str:
    """Takes a checkpoint; its result."""
    return lookout.take(Request(os.urandom(8).hex(), slot), (), lambda: None).result


def test_a_folder_outside_is_not_looked_at_before_it_is_approved(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "private").touch()
    scene = published(tmp_path, PLAN.replace("out/backend", str(outside)))
    assert str(outside) not in looking(scene).scope.folders
    scene.approve()
    assert str(outside) in looking(scene).scope.folders


def test_a_folder_outside_may_be_a_link_and_one_inside_may_not(tmp_path: Path) -> None:
    write(tmp_path, {"usr/share/doc/readme": "x", "usr/other": "x"})
    outside = tmp_path / "outside"
    outside.symlink_to("usr")
    plan = PLAN.replace("out/backend", str(outside)).replace("out/frontend", "out/share")
    scene = published(tmp_path, plan)
    (scene.work / "out").symlink_to(tmp_path / "usr")
    scene.approve()
    world = looking(scene).world
    assert f"{outside}/share/doc/readme" in (world.entries(str(outside)) or ())
    assert world.entries(f"{scene.work}/out/share") == {}


def test_a_remote_on_this_machine_may_be_somebodys_work_tree(tmp_path: Path) -> None:
    remote = published(tmp_path).work
    lookout = looking(Scene(clone(remote, tmp_path / "clone"), remote))
    assert str(remote / ".git/refs/heads") in lookout.scope.hints
    commit(remote, {"a": "a"}, "Add a")
    assert lookout.has_moved()


def test_what_is_published_from_here_is_no_move_and_what_others_push_is(tmp_path: Path) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    assert take(lookout, "first") == "published"
    assert not lookout.has_moved()
    push_edit(clone(scene.where, tmp_path / "colleague"), {"a": "a"})
    assert lookout.has_moved()
    lookout.ask()
    assert not lookout.has_moved()
    git(scene.where, "update-ref", "refs/heads/main", "main~1")
    assert lookout.has_moved()


@pytest.mark.parametrize("ref", ["../../../../out/backend/pipe", "*", "main^{tree}"])
def test_a_ref_that_is_no_name_leads_nowhere(tmp_path: Path, ref: str) -> None:
    scene = published(tmp_path, PLAN.replace("`out/backend`", f"`out/backend`\n- ref: `{ref}`"))
    scene.deliver(API)
    os.mkfifo(scene.work / "out/backend/pipe")
    lookouts: list[Lookout] = []

    def look() -> None:
        lookouts.append(looking(scene))
        looked_again(lookouts[0])
        lookouts[0].has_moved()

    looker = threading.Thread(target=look, daemon=True)
    looker.start()
    looker.join(PATIENCE)
    assert not looker.is_alive()
    assert lookouts[0].scope.branches == ("main",)


def test_each_branch_is_accounted_for_by_itself(tmp_path: Path) -> None:
    scene = published(tmp_path)
    git(scene.work, "branch", "-q", "topic")
    git(scene.work, "push", "-q", "-u", "origin", "topic")
    git(scene.work, "worktree", "add", "-q", str(tmp_path / "elsewhere"), "topic")
    other = Scene(tmp_path / "elsewhere", scene.where)
    for each in (scene, other):
        lookout = looking(each)
        assert lookout.is_new
        take(lookout, "first")
    assert [looked_again(Lookout(str(each.work), None)) for each in (scene, other)] == [(), ()]
    assert [looking(each).handled(time.time()) is None for each in (scene, other)] == [False, False]


def test_a_teams_branch_counts_from_the_first_look(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("`out/backend`", "`out/backend`\n- ref: `backend`"))
    git(scene.work, "push", "-q", "origin", "main:backend")
    take(looking(scene), "first")
    assert looked_again(Lookout(str(scene.work), None)) == ()
    commit(scene.work, API, "Deliver the API")
    git(scene.work, "push", "-q", "origin", "HEAD:backend")
    assert looked_again(Lookout(str(scene.work), None)) == ("branch backend",)


def test_a_checkout_that_changes_its_branch_is_served_there(tmp_path: Path) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    take(lookout, "first")
    git(scene.work, "switch", "-q", "-c", "topic")
    git(scene.work, "push", "-q", "-u", "origin", "topic")
    assert "branch topic" in looked_again(lookout)
    assert (lookout.is_new, lookout.scope.branches, lookout.where) == (True, ("topic",), "origin/topic")
    assert lookout.handled(time.time()) is None
    take(lookout, "second")
    assert looked_again(lookout) == ()
    git(scene.work, "switch", "-q", "main")
    assert looked_again(lookout) == ()


FORGED = "checkpoint: Shop\n\nCheckpoint-Id: 0123456789abcdef\nCheckpoint-Slot: cron:1\n"
WEAKER = PLAN.replace("  - `api.json` contains `paths`\n", "")


def test_an_undo_alone_is_no_news_and_an_edit_after_it_is(tmp_path: Path) -> None:
    # The plan lies in a team's folder, too: its new text there is no news either.
    scene = published(tmp_path, PLAN.replace("out/backend", "."))
    lookout = looking(scene)
    take(lookout, "first")
    assert looked_again(lookout) == ()
    assert scene.json("undo").result == "published"
    assert looked_again(lookout) == ()
    assert looked_again(Lookout(str(scene.work), None)) == ()
    scene.edit("Show the books", "Show all books")
    assert "branch main" in looked_again(lookout)


def test_where_a_slot_had_its_checkpoint_nothing_is_accounted_for(tmp_path: Path) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    take(lookout, "first")
    scene.deliver(API)
    scene.commit({"plan.md": WEAKER}, FORGED)
    assert take(lookout, "cron:1") == "already-done"
    assert {"branch main", f"{scene.work}/out/backend/api.json"} <= set(looked_again(lookout))


def test_a_slot_in_a_commit_with_a_broken_plan_has_its_checkpoint_all_the_same(tmp_path: Path) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    take(lookout, "first")
    scene.commit({"plan.md": PLAN.replace("- [ ] **F2**", "- [~] **F2**")}, FORGED)
    scene.commit({"plan.md": PLAN}, "Mend the plan")
    assert take(lookout, "cron:1") == "already-done"
    assert lookout.handled(time.time()) is not None
    assert "branch main" in looked_again(lookout)


def test_two_that_see_the_same_world_come_to_rest(tmp_path: Path) -> None:
    scene = published(tmp_path)
    one, other = looking(scene), looking(scene)
    assert one.slot() == other.slot()
    assert [take(each, one.slot()) for each in (one, other)] == ["published", "already-done"]
    assert looked_again(one) == ()
    assert looked_again(other)
    assert take(other, other.slot()) == "unchanged"
    assert looked_again(other) == ()


def test_another_plan_that_the_repository_names_is_not_served(tmp_path: Path) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    scene.commit({"checkpoint.toml": 'plan = "decoy.md"\n', "decoy.md": PLAN}, "Name another plan")
    assert lookout.renewed().plan_path == "plan.md"
    (scene.work / "plan.md").unlink()
    (scene.work / "plan.md").symlink_to("elsewhere.md")
    with pytest.raises(Stalled, match=r"plan\.md leads to elsewhere\.md"):
        lookout.renewed()


@pytest.mark.parametrize(
    ("files", "is_news"),
    [
        ({"plan.md": WEAKER}, True),
        ({"plan.md": PLAN, "other": "a delivery"}, True),
        ({"plan.md": PLAN.replace("# Shop", "# The shop")}, False),
    ],
    ids=["weaker", "another file", "the same"],
)
def test_trailers_of_a_checkpoint_hide_nothing(tmp_path: Path, files: dict[str, str], is_news: bool) -> None:
    scene = published(tmp_path)
    lookout = looking(scene)
    take(lookout, "first")
    scene.commit(files, "checkpoint: Shop\n\nCheckpoint-Id: 0123456789abcdef\n")
    assert ("branch main" in looked_again(lookout)) == is_news
