"""The checks of the second promise can fail: a damage of each kind, and the naive way, are seen as what they are."""

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from benchmarks.torture.kill_cases import NAIVE, OURS, Case, Result, Worker, at_random
from benchmarks.torture.kill_checks import wrong_with, wrong_with_clone, wrong_with_notices
from benchmarks.torture.kill_points import POINTS, Point
from benchmarks.torture.killed_scene import KINDS, Scene
from benchmarks.torture.kills import outcome
from tests.helpers.killing import DistantSlack
from tests.helpers.process_trees import Tree, marked
from tests.helpers.repositories import git


@pytest.fixture(scope="module")
def checkpointed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A scene after one step, in which everything is right."""
    slack = DistantSlack()
    with slack:
        scene = Scene(tmp_path_factory.mktemp("killed") / "1", "disk", "", slack)
        scene.begin_step()
        assert scene.start(OURS).status() == 0
        yield scene


def test_what_is_right_is_not_wrong(checkpointed: Scene) -> None:
    assert wrong_with(checkpointed, 0) == []
    assert wrong_with_notices(checkpointed) == []
    assert wrong_with_clone(checkpointed) == []


def test_a_run_that_fails_is_wrong(checkpointed: Scene) -> None:
    (found,) = wrong_with(checkpointed, 4)
    assert found.startswith("the next run ended with status 4")


DAMAGES = {
    "index.lock is left": "touch .git/index.lock",
    "the person's checkout is neither": "printf cut > plan.md",
    "the person's checkout is at": "git reset -q --hard HEAD~1~1",
    "2 commits for one state": "git commit -q --allow-empty -m twice; git push -q",
    "lost or changed words": "sed -i s/agreed/doubted/ plan.md; git commit -qam edit; git push -q",
    "is not whole": "sed -i '/^| backend/d' plan.md; git commit -qam cut; git push -q",
    "does not say what is on the disk": "sed -i 's/- .x. /- [ ] /' plan.md; git commit -qam untick; git push -q",
    "cannot be looked at": "rm -r ../remote.git/objects/??",
    "left where it is published": "touch ../remote.git/refs/heads/main.lock",
}


@pytest.mark.parametrize("said", DAMAGES)
def test_each_damage_is_seen(checkpointed: Scene, tmp_path: Path, said: str) -> None:
    top = checkpointed.work.parent
    kept = tmp_path / "kept"
    subprocess.run(["cp", "-a", str(top), str(kept)], check=True)
    try:
        subprocess.run(DAMAGES[said], shell=True, cwd=checkpointed.work, check=False, env={**os.environ, "LC_ALL": "C"})
        assert [each for each in wrong_with(checkpointed, 0) if said in each]
    finally:
        subprocess.run(f"rm -rf {top} && cp -a {kept} {top}", shell=True, check=True)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda scene: scene.slack.messages.clear(), "Slack was told 0 times"),
        (lambda scene: scene.slack.messages.pop(), "a message has 0 replies"),
        (lambda scene: scene.slack.messages.extend(scene.slack.roots), "Slack was told 2 times"),
        (lambda scene: (scene.notices / "all.txt").write_text("Shop: step 0"), "the file does not say it"),
        (lambda scene: (scene.notices / "all.txt").unlink(), "the file is not there"),
    ],
)
def test_a_notice_that_is_lost_or_repeated_is_seen(
    checkpointed: Scene, damage: Callable[[Scene], object], said: str
) -> None:
    messages, file = [*checkpointed.slack.messages], checkpointed.notices / "all.txt"
    text = file.read_text()
    damage(checkpointed)
    assert said in wrong_with_notices(checkpointed)
    checkpointed.slack.messages[:] = messages
    file.write_text(text)


def test_a_private_clone_with_an_object_missing_is_seen(checkpointed: Scene) -> None:
    clone = checkpointed.store / "clone.git"
    tip = git(clone, "--git-dir", str(clone), "rev-parse", "main^{tree}")
    (object_file,) = clone.glob(f"objects/{tip[:2]}/{tip[2:]}")
    content = object_file.read_bytes()
    object_file.unlink()
    assert wrong_with_clone(checkpointed)
    object_file.write_bytes(content)
    object_file.chmod(0o444)


def test_a_point_that_is_never_reached_is_no_success(tmp_path: Path) -> None:
    nowhere = Point("nowhere", "enter", "checkpoint.git.refs:no_such_function")
    with ExitStack() as stack:
        worker = Worker(tmp_path, "worker", "", stack, measured=1)
        found = worker.carry_out(Case(OURS, "none", first=False, alone=False, share=0.0, point=nowhere))
    assert "it never came to this point" in found.wrong


def test_the_naive_way_that_is_killed_within_git_needs_a_human(tmp_path: Path) -> None:
    """It dies while git reads the new plan, which it does with the index locked."""
    slack = DistantSlack()
    with slack:
        scene = Scene(tmp_path / "1", "disk", "", slack)
        scene.begin_step()
        git(scene.work, "config", "filter.stop.clean", "kill -STOP $(cat ../pid); sleep 60")
        (scene.work / ".git/info/attributes").write_text("plan.md filter=stop\n")
        program = "import os, runpy; open('../pid', 'w').write(str(os.getpid())); "
        tree = scene.start(("-c", f"{program}runpy.run_module({NAIVE[1]!r}, run_name='__main__')"))
        assert tree.stopped()
        tree.kill()
        (scene.work / ".git/info/attributes").unlink()
        again = scene.start(NAIVE)
        assert [each for each in wrong_with(scene, again.status()) if "index.lock" in each]


def test_a_result_that_is_wrong_breaks_the_promise_and_a_naive_one_does_not() -> None:
    chance = random.Random(1)
    ours, naive = (next(at_random(way, 1, chance)) for way in (OURS, NAIVE))
    made = outcome([Result(ours, ("a lock is left",), True), Result(naive, ("status 1",), True)])
    assert made.reached.startswith("next run right 0/1; ")
    assert made.naive == "next run right 0/1"
    assert len(made.broken) == 1
    assert outcome([Result(ours, (), True), Result(naive, (), True)]).broken == ()


def test_a_kill_reaches_what_has_left_the_group(tmp_path: Path) -> None:
    tree = Tree(
        ("setsid", "sh", "-c", "sleep 60 & setsid sleep 60 & kill -STOP $$"), tmp_path, os.environ, tmp_path / "x"
    )
    mark = str(tree._mark)
    assert tree.stopped() or marked(mark)
    tree.kill()
    tree.settle()
    assert marked(mark) == []


def test_the_moments_are_spread_evenly() -> None:
    cases = [*at_random(OURS, 90, random.Random(2))]
    assert [int(each.share * 90) for each in cases] == list(range(90))
    assert {each.kind for each in cases} == set(KINDS)
    assert {(each.first, each.alone) for each in cases} == {(a, b) for a in (True, False) for b in (True, False)}
    assert len({point.name for point in POINTS}) == len(POINTS)
