"""What a person has in the checkout, and where and as whom a checkpoint is taken."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.helpers.repositories import commit, git, head, write
from tests.helpers.scenes import API, PAGE, PLAN, Scene, checkpoint, local, published

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
ROOT = Path(__file__).parents[2]


def state_of(work: Path) -> dict[str, object]:
    """Each file with its bytes, mode and time of change, the index and HEAD among them; not what teams deliver."""
    files = [path for path in sorted(work.rglob("*")) if not {".git", "out"} & {*path.relative_to(work).parts}]
    files += [work / ".git/index", work / ".git/HEAD"]
    found = {str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns) for path in files}
    return found | {f"{path} holds": path.read_bytes() for path in files if path.is_file()}


def make_dirty(scene: Scene) -> None:
    """Edits of every kind: staged, not staged, both in one file, in the plan, untracked, removed, ignored."""
    commit(scene.work, {"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n", ".gitignore": "*.log\n"}, "Add files")
    write(scene.work, {"a.txt": "staged\n", "secret.env": "PASSWORD=x\n"})
    git(scene.work, "add", "a.txt", "secret.env")
    write(scene.work, {"a.txt": "and edited\n", "b.txt": "edited\n", "new.txt": "new\n", "x.log": "ignored\n"})
    (scene.work / "c.txt").unlink()
    write(scene.work, {"plan.md": PLAN + "\nA sentence that is not committed yet.\n"})


def test_twenty_checkpoints_leave_a_persons_work_byte_for_byte_as_it_was(tmp_path: Path) -> None:
    scene = published(tmp_path)
    make_dirty(scene)
    before = state_of(scene.work)
    for number in range(20):
        scene.deliver(API if number % 2 else {"out/backend/api.json": "{}"})
        assert scene.now().result == "published"
    assert state_of(scene.work) == before
    assert scene.commits == 21
    assert "secret.env" not in git(scene.where, "ls-tree", "-r", "--name-only", "main")


def test_without_a_remote_only_the_branch_moves(tmp_path: Path) -> None:
    scene = local(tmp_path)
    make_dirty(scene)
    before = state_of(scene.work)
    scene.deliver(API)
    taken = scene.now()
    assert state_of(scene.work) == before
    assert head(scene.work) == taken.commit
    assert git(scene.work, "diff", "--name-only", "HEAD~1", "HEAD") == "plan.md"


@pytest.mark.parametrize("make", [published, local])
def test_a_clean_checkout_is_brought_up_to_the_checkpoint(tmp_path: Path, make: type[Scene]) -> None:
    scene = make(tmp_path)
    taken = scene.now()
    assert head(scene.work) == taken.commit
    assert (scene.work / "plan.md").read_text().rstrip("\n") == scene.plan
    assert git(scene.work, "status", "--porcelain") == ""


def test_what_is_not_brought_up_to_date_is_said(tmp_path: Path) -> None:
    scene = published(tmp_path)
    make_dirty(scene)
    (note,) = scene.now().notes
    assert note.startswith("your checkout has uncommitted changes and was left as it is")


@pytest.mark.parametrize("place", [".", "out/backend"])
def test_from_the_top_and_from_below_it_is_the_same_plan(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = published(tmp_path)
    scene.deliver(API)
    monkeypatch.chdir(scene.work / place)
    ran = checkpoint("now", "--quiet")
    assert (ran.status, ran.err) == (0, "")
    assert "- [x] **B1**" in scene.plan


def test_from_a_linked_work_tree_its_own_branch_and_files_count(tmp_path: Path) -> None:
    scene = local(tmp_path)
    git(scene.work, "worktree", "add", "-q", "-b", "topic", str(tmp_path / "linked"))
    linked = Scene(tmp_path / "linked")
    linked.deliver(API)
    taken = linked.now()
    assert head(scene.work, "topic") == taken.commit != head(scene.work, "main")
    assert linked.task("B1").state == "verified"
    scene.now()
    assert (scene.task("B1").state, scene.task("B1").broken) == ("missing", False)


def test_within_a_git_hook_neither_repository_is_confused(tmp_path: Path) -> None:
    scene = published(tmp_path / "one")
    other = local(tmp_path / "two")
    hook = other.work / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    call = f"PYTHONPATH={ROOT} {sys.executable} -m checkpoint now -q -C {scene.work}"
    hook.write_text(f'#!/bin/sh\ntest -n "$GIT_INDEX_FILE" || exit 9\nGIT_DIR=$PWD/.git {call} > /dev/null\n')
    hook.chmod(0o755)
    write(other.work, {"a.txt": "a\n"})
    git(other.work, "add", "a.txt")
    git(other.work, "commit", "-qm", "With a hook")
    assert git(other.work, "show", "--format=", "--name-only", "HEAD") == "a.txt"
    assert git(other.work, "fsck", "--no-dangling") == ""
    assert scene.commits == 2
    assert git(scene.where, "diff", "--name-only", "main~1", "main") == "plan.md"


def can_become_nobody() -> bool:
    """Whether this is root, and its interpreter lies where others can reach it."""
    if os.geteuid() != 0 or not shutil.which(AS_NOBODY[0]):
        return False
    return subprocess.run([*AS_NOBODY, sys.executable, "-c", ""], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_become_nobody(), reason="only root can become somebody else, with a public interpreter")
def test_as_an_unprivileged_user() -> None:
    # Not below pytest's own folder, which another run of pytest closes to everybody else again.
    with tempfile.TemporaryDirectory() as folder:
        run_as_nobody(Path(folder))


def run_as_nobody(folder: Path) -> None:
    folder.chmod(0o755)
    scene = local(folder)
    scene.deliver(PAGE)
    home = folder / "home"
    home.mkdir()
    for path in (home, scene.work, *scene.work.rglob("*")):
        os.lchown(path, NOBODY, NOBODY)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
    done = subprocess.run(
        [*AS_NOBODY, sys.executable, "-m", "checkpoint", "now", "--json", "-C", str(scene.work)],
        env=variables | {"HOME": str(home), "PYTHONPATH": str(ROOT), "GIT_CONFIG_GLOBAL": "/dev/null"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "- [x] **F1**" in git(scene.work, "-c", "safe.directory=*", "show", "main:plan.md")
    assert {path.stat().st_uid for path in home.rglob("*")} == {NOBODY}
