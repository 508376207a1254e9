"""A stage: the example plan with a remote, Ada who delivers, Grace who edits, and `checkpoint` at work for Ada."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from checkpoint.demonstration import HALF
from checkpoint.documents import Approve
from checkpoint.resources import example_plan
from tests.helpers.repositories import clone, commit, git, make_published, push_edit, write

BEGINNING = {path: text for path, text in HALF.items() if path.endswith((".json", ".html"))}
"""What is delivered first, and holds."""

PATIENCE = 90.0


class SceneError(Exception):
    """A scene does not play as it is written."""


class Bookshop:
    """`work` is Ada's clone, `colleague` Grace's. `environ` is what `checkpoint` and Ada's shell have."""

    def __init__(self, folder: Path, plan: str) -> None:
        self.work, remote = make_published(folder, {"plan.md": plan})
        self.work = self.work.rename(folder / "bookshop")
        self.colleague = clone(remote, folder / "colleague")
        self.environ = {**os.environ, "CHECKPOINT_TERMINALS": "", "CHECKPOINT_NOTIFY": "file"}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-P", "-m", "checkpoint", words[0], "-C", str(self.work), *words[1:]]

    def checkpoint(self, *words: str, status: int = 0) -> str:
        """What a command prints. Raises SceneError where it does not end with that status."""
        argv = self.command(*words)
        done = subprocess.run(argv, env=self.environ, capture_output=True, text=True, check=False)  # noqa: S603 - ours
        expect(done.returncode == status, done.stdout + done.stderr)
        return done.stdout

    def approve(self) -> None:
        shown = msgspec.json.decode(self.checkpoint("approve", "--json", status=5), type=Approve)
        self.checkpoint("approve", shown.digest)

    def deliver(self, files: Mapping[str, str]) -> None:
        write(self.work, files)

    def pretend(self, *tasks: str) -> None:
        """Grace ticks tasks, and pushes that."""
        git(self.colleague, "pull", "-q", "--ff-only")
        push_edit(self.colleague, {"plan.md": ticked(self.colleague, *tasks)})

    def tick(self, *tasks: str) -> None:
        """Ada ticks tasks in her checkout."""
        write(self.work, {"plan.md": ticked(self.work, *tasks)})

    def push(self) -> None:
        """Ada commits the plan, and pushes."""
        commit(self.work, {"plan.md": (self.work / "plan.md").read_text()}, "Report progress")
        git(self.work, "push", "-q")


def ticked(folder: Path, *tasks: str) -> str:
    """The plan of that clone with these tasks ticked."""
    text = (folder / "plan.md").read_text()
    for task in tasks:
        expect(f"[ ] **{task}**" in text, f"{task} cannot be ticked")
        text = text.replace(f"[ ] **{task}**", f"[x] **{task}**")
    return text


@contextmanager
def bookshop(*changes: tuple[str, str]) -> Iterator[Bookshop]:
    """A stage with the example plan, in which each of these texts is replaced by the other; commands are approved."""
    plan = example_plan()
    for old, new in changes:
        expect(old in plan, f"the example plan has no {old}")
        plan = plan.replace(old, new, 1)
    with tempfile.TemporaryDirectory() as folder:
        shop = Bookshop(Path(folder), plan)
        shop.approve()
        yield shop


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds, and fails where it takes too long."""
    end = time.monotonic() + PATIENCE
    while not condition():
        expect(time.monotonic() < end, "it did not happen")
        time.sleep(0.02)


def expect(fact: bool, why: str) -> None:
    """Raises SceneError, with the reason, where that is no fact."""
    if not fact:
        raise SceneError(why)
