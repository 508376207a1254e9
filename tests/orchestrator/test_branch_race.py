"""Several orchestrators and an editor at once, where checkpoints go to a branch of their own."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from checkpoint.plan.derived import is_same_for_people
from tests.helpers.repositories import clone, git, head, push_edit
from tests.helpers.scenes import PLAN, Scene, published

BRANCH = "checkpoint/status"
ROUNDS = 4
ORCHESTRATORS = 3


def orchestrate(work: Path) -> list[str]:
    """Takes a checkpoint in each round, of something that was not there before; what went wrong."""
    wrong = []
    for number in range(ROUNDS):
        page = work / "out/frontend/index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text("<ul>" if number % 2 else "none")
        argv = [sys.executable, "-m", "checkpoint", "-C", str(work), "now", "--quiet", "--branch", BRANCH]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        wrong += [done.stderr] if done.returncode else []
    return wrong


def edit(work: Path) -> list[str]:
    for number in range(ROUNDS):
        text = (work / "plan.md").read_text()
        push_edit(work, {"plan.md": text.replace("# Shop", f"# Shop {number}"), f"src/{number}": "x"})
    return []


def commits(scene: Scene, *which: str) -> list[list[str]]:
    """Each commit with its parents, newest first."""
    return [line.split() for line in git(scene.where, "rev-list", "--parents", *which).splitlines()]


def plan_in(scene: Scene, commit: str) -> bytes:
    return git(scene.where, "cat-file", "blob", f"{commit}:plan.md").encode()


def faults(scene: Scene) -> list[str]:
    """Every checkpoint of the branch that holds more than a main that it is on, and every update by force."""
    found = []
    for commit, *parents in commits(scene, BRANCH, "^main"):
        main = git(scene.where, "merge-base", "main", commit)
        changed = git(scene.where, "diff-tree", "-r", "--name-only", main, commit).split()
        if changed not in ([], ["plan.md"]) or not is_same_for_people(plan_in(scene, main), plan_in(scene, commit)):
            found.append(f"{commit} changes {changed} of {main}, with the parents {parents}")
    updates = (scene.where / "logs/refs/heads" / BRANCH).read_text().splitlines()
    steps = [line.split()[:2] for line in updates]
    found += [f"{old} {new}" for old, new in steps[1:] if git(scene.where, "merge-base", old, new) != old]
    return found


def test_each_is_published_on_main_and_the_branch_and_nothing_is_forced(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN)
    git(scene.where, "config", "core.logAllRefUpdates", "true")
    works = [clone(scene.where, tmp_path / f"machine{number}") for number in range(ORCHESTRATORS)]
    with ThreadPoolExecutor() as pool:
        lanes = [*(pool.submit(orchestrate, work) for work in works), pool.submit(edit, scene.work)]
        assert [wrong for lane in lanes for wrong in lane.result()] == []
    assert faults(scene) == []
    assert int(git(scene.where, "rev-list", "--count", "main")) == 1 + ROUNDS
    scene.now("--branch", BRANCH)
    assert git(scene.where, "merge-base", "main", BRANCH) == scene.tip
    assert f"# Shop {ROUNDS - 1}" in plan_in(scene, BRANCH).decode()


def test_the_checker_finds_what_it_is_for(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN)
    git(scene.where, "config", "core.logAllRefUpdates", "true")
    scene.now("--branch", BRANCH)
    assert faults(scene) == []
    git(scene.work, "switch", "-q", "-c", "other")
    (scene.work / "stray").write_text("x")
    git(scene.work, "add", "stray")
    git(scene.work, "commit", "-q", "-m", "Stray")
    git(scene.work, "push", "-q", "--force", "origin", f"HEAD:{BRANCH}")
    found = faults(scene)
    assert len(found) == 2
    assert head(scene.work) in found[0]
