"""How many programs a checkpoint starts: that is most of what a small one costs, and each has its reason."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.repositories import clone, git, head, push_edit
from tests.helpers.scenes import API, PAGE, Scene, published

_MOST = 5
_CYCLE = ["fetch", "log", "push", "read-tree", "status"]
_WITHOUT_WORDS = ("--git-dir", "-C")


class Started:
    """The git commands that were started by us, not by git itself, as git traces them."""

    def __init__(self, trace: Path) -> None:
        self._trace = trace

    def during(self, work: Callable[[], object]) -> list[str]:
        self._trace.unlink(missing_ok=True)
        work()
        lines = self._trace.read_text().splitlines() if self._trace.exists() else []
        events = [json.loads(line) for line in lines]
        return [_command(each["argv"]) for each in events if each["event"] == "start" and "/" not in each["sid"]]


def _command(argv: list[str]) -> str:
    return next(word for at, word in enumerate(argv) if at and argv[at - 1] not in _WITHOUT_WORDS and word[0] != "-")


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace"))
    return Started(tmp_path / "trace")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A plan that has had checkpoints until there was nothing more to say."""
    made = published(tmp_path)
    made.deliver(API)
    for _ in range(3):
        made.now()
    return made


def edit_elsewhere(scene: Scene, folder: Path) -> str:
    """A colleague pushes an edit of the plan, and a deliverable."""
    colleague = clone(scene.where, folder)
    text = (colleague / "plan.md").read_text().replace("# Shop", "# Shop\n\nFor the summer.")
    return push_edit(colleague, {"plan.md": text, "docs/deep/words.md": "words\n"})


def test_a_cycle_with_something_to_fetch_and_to_publish(tmp_path: Path, scene: Scene, started: Started) -> None:
    edit_elsewhere(scene, tmp_path / "colleague")
    scene.deliver(PAGE)
    commands = started.during(scene.now)
    assert sorted(commands) == _CYCLE
    assert len(commands) <= _MOST
    assert head(scene.work) == head(scene.where, "main")
    assert git(scene.work, "status", "--porcelain", "--untracked-files=no") == ""


def test_a_cycle_in_a_clone_that_was_tidied_up(tmp_path: Path, scene: Scene, started: Started) -> None:
    (clone_folder,) = Path.home().rglob("clone.git")
    git(clone_folder, "gc", "-q", "--prune=now")
    edit_elsewhere(scene, tmp_path / "colleague")
    scene.deliver(PAGE)
    commands = started.during(scene.now)
    assert commands.count("cat-file") <= 1
    assert sorted(each for each in commands if each != "cat-file") == _CYCLE
    assert head(scene.work) == head(scene.where, "main")


def test_a_cycle_with_nothing_new(scene: Scene, started: Started) -> None:
    assert started.during(scene.now) == ["fetch", "log"]


def test_a_look_at_the_work_tree(scene: Scene, started: Started) -> None:
    assert started.during(lambda: scene.run("check")) == []
    assert started.during(lambda: scene.run("status")) == []
