"""Checkpoints killed while they move the person's branch, index and work tree: the next one puts all of it right."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from checkpoint.git.checkout import Checkout
from checkpoint.git.held_index import hold, lock_of
from checkpoint.git.left_behind import mend
from checkpoint.git.own_lock import left, take
from checkpoint.git.refs import Moved, move
from tests.git.sourcing import checkout_of
from tests.helpers.process_trees import Tree
from tests.helpers.repositories import commit, git, head, make_repository
from tests.helpers.scenes import API, PAGE, Scene, local, published

STEPS = {
    "its branch locked": ("enter", "checkpoint.git.refs:_write", True),
    "its branch moved": ("leave", "checkpoint.git.refs:_write", True),
    "the index locked": ("leave", "checkpoint.git.held_index:hold", True),
    "the files written": ("leave", "checkpoint.git.work_tree:update", True),
    "the index in place": ("leave", "checkpoint.git.held_index:HeldIndex.keep", True),
    "the files written, the branch not moved": ("leave", "checkpoint.git.work_tree:update", False),
    "all but the lock": ("leave", "checkpoint.git.held_index:HeldIndex._clear", True),
}
"""Where it is killed, and whether that is also so without a remote."""
CASES = [
    (step, kind) for step, (*_, alone) in STEPS.items() for kind in ((published, local) if alone else (published,))
]


def killed(scene: Scene, when: str, function: str) -> None:
    """A checkpoint that dies with all that it has started when that function is entered or left."""
    words = (sys.executable, "-m", "tests.helpers.stopping", when, function, "now", "--quiet")
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    tree = Tree(words, scene.work, env, scene.work.parent / "said.txt")
    stopped = tree.stopped()
    tree.kill()
    assert stopped, (scene.work.parent / "said.txt").read_text()


def locks(scene: Scene) -> list[Path]:
    return [path for path in (scene.work / ".git").rglob("*") if "lock" in path.name or "checkpoint" in path.name]


def is_whole(scene: Scene) -> bool:
    """Whether the checkout is at the newest commit, clean, and without anything left in it."""
    assert git(scene.work, "status", "--porcelain", "--untracked-files=no") == ""
    assert (scene.work / "plan.md").read_text() == scene.plan + "\n"
    assert locks(scene) == []
    return head(scene.work) == scene.tip


@pytest.mark.parametrize(("step", "make"), CASES)
def test_whatever_was_done_the_next_run_finishes(tmp_path: Path, step: str, make: type[Scene]) -> None:
    scene = make(tmp_path)
    scene.deliver(API)
    when, function, _ = STEPS[step]
    killed(scene, when, function)
    scene.now()
    assert is_whole(scene)
    assert scene.commits == 2
    scene.deliver(PAGE)
    assert scene.now().result == "published"
    assert is_whole(scene)


def test_where_nothing_was_begun_nothing_is_left(tmp_path: Path) -> None:
    scene = published(tmp_path)
    before = head(scene.work)
    killed(scene, "leave", "checkpoint.git.fast_forward:_track")
    assert scene.now().result == "unchanged"
    assert (head(scene.work), git(scene.work, "status", "--porcelain"), locks(scene)) == (before, "", [])


@pytest.mark.parametrize("damage", ["empty", "half", "gone"])
def test_a_file_that_git_was_about_to_write_is_written(tmp_path: Path, damage: str) -> None:
    scene = published(tmp_path)
    killed(scene, "leave", "checkpoint.git.work_tree:update")
    plan = scene.work / "plan.md"
    text = plan.read_text()
    plan.write_text(text[: len(text) // 2] if damage == "half" else "")
    if damage == "gone":
        plan.unlink()
    scene.now()
    assert is_whole(scene)


def test_what_a_person_has_written_since_stays(tmp_path: Path) -> None:
    scene = published(tmp_path)
    killed(scene, "leave", "checkpoint.git.work_tree:update")
    (scene.work / "plan.md").write_text("mine\n")
    taken = scene.now()
    assert any("uncommitted changes" in note for note in taken.notes)
    assert (scene.work / "plan.md").read_text() == "mine\n"
    assert locks(scene) == []


def test_a_run_after_one_that_was_killed_brings_the_checkout_on_with_what_is_new(tmp_path: Path) -> None:
    scene = local(tmp_path)
    killed(scene, "leave", "checkpoint.orchestrator:Checkpoint.publish")
    scene.deliver(API)
    assert scene.now().result == "published"
    assert is_whole(scene)
    assert scene.commits == 3


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return checkout_of(make_repository(tmp_path / "work"))


def test_what_was_never_complete_is_swept_in_time(checkout: Checkout) -> None:
    old, new = (Path(checkout.location.git_folder, f".checkpoint-{name}") for name in ("1.1", "2.2"))
    for each in (old, new):
        each.touch()
    os.utime(old, (1, 1))
    held = hold(checkout, "0", "1")
    assert held
    with held:
        assert (old.exists(), new.exists()) == (False, True)


def test_a_lock_of_somebody_else_stays(checkout: Checkout) -> None:
    for name in ("index.lock", "refs/heads/main.lock"):
        path = Path(checkout.location.git_folder, name)
        path.write_text("somebody's")
        mend(checkout)
        assert path.read_text() == "somebody's"


def test_a_lock_that_is_held_is_not_left(tmp_path: Path) -> None:
    path = str(tmp_path / "x.lock")
    lock = take(path, str(tmp_path), "x")
    assert lock
    assert left(path, 0.0) is None
    assert take(path, str(tmp_path), "y") is None
    os.close(lock.descriptor)  # as the kernel does when its holder dies
    found = left(path, 0.0)
    assert found
    with found:
        assert found.words == "x"
    assert not Path(path).exists()


def test_git_that_goes_on_holds_the_index(checkout: Checkout, tmp_path: Path) -> None:
    first = head(tmp_path / "work")
    second = commit(tmp_path / "work", {"plan.md": "x"})
    held = hold(checkout, first, second)
    assert held
    with held:
        lock = os.stat(lock_of(checkout))
        running = held.git.start("cat-file", "--batch", data=b"HEAD\n")
        open_there = [os.stat(each) for each in Path("/proc", str(running.pid), "fd").iterdir()]
        running.cancel()
    assert any(os.path.samestat(each, lock) for each in open_there)


def test_a_branch_moves_from_where_it_was_alone(checkout: Checkout, tmp_path: Path) -> None:
    work = tmp_path / "work"
    first = head(work)
    second = commit(work, {"plan.md": "x"})
    assert move(checkout, "refs/heads/main", first, first, "no") is Moved.OTHER
    git(work, "pack-refs", "--all")
    assert move(checkout, "refs/heads/main", first, second, "back") is Moved.DONE
    assert head(work) == first
    for name in ("main", "HEAD"):
        assert git(work, "reflog", "-1", "--format=%gs %gn", name) == "back Ada Lovelace"
    with Path(work, ".git/refs/heads/main.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert move(checkout, "refs/heads/main", second, first, "on") is Moved.LOCKED
    assert head(work) == first
    assert git(work, "fsck") == ""
