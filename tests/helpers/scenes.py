"""A person's clone with its remote, and the command line at work in it, within this process.

scene.deliver("out/backend/api.json", "{}")
taken = scene.now()                        # `checkpoint now --json`, decoded
assert scene.task("B1").state == "verified"
"""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

from checkpoint.cli import main
from checkpoint.documents import DOCUMENTS, Approve, Now
from checkpoint.verdicts import TaskReport
from tests.helpers.repositories import commit, content_at, git, head, make_published, make_repository, write

D = TypeVar("D", bound=msgspec.Struct)

PLAN = """\
---
checkpoint: 1
---

# Shop

## Team: backend

- folder: `out/backend`

- [ ] **B1** Publish the API
  - `api.json` contains `paths`
- [ ] **B2** Search (after B1)
  - `search.py` defines search

## Team: frontend

- folder: `out/frontend`

- [ ] **F1** Show the books
  - `index.html` contains `<ul`
- [ ] **F2** Agree on the colours
"""
API = {"out/backend/api.json": '{"paths": {}}\n'}
SEARCH = {"out/backend/search.py": "def search(books, title):\n    return [b for b in books if title in b]\n"}
PAGE = {"out/frontend/index.html": "<ul><li>Emma</li></ul>\n"}
ALL = API | SEARCH | PAGE


class Ran(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def checkpoint(*words: str) -> Ran:
    """One command line, run within this process with both streams caught; neither is a terminal."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(words)
    return Ran(status, out.getvalue(), err.getvalue())


def decoded(text: str, kind: type[D]) -> D:
    """The document, which must be one of that type: nothing before or after it, no field more, none of another kind."""
    document = msgspec.json.decode(text, type=kind)
    assert json.loads(msgspec.json.encode(document)) == json.loads(text)
    return document


class Scene:
    """A repository, its bare remote where it has one, and commands run in it."""

    def __init__(self, work: Path, remote: Path | None = None) -> None:
        self.work = work
        self.where = remote or work
        """Where the plan is published."""
        self.has_remote = remote is not None
        self.last: Now | None = None

    def run(self, command: str, *words: str) -> Ran:
        return checkpoint(command, "-C", str(self.work), *words)

    def json(self, command: str, *words: str, status: int = 0) -> Any:
        """The document that a command prints under `--json`."""
        ran = self.run(command, "--json", *words)
        assert ran.status == status, ran
        return decoded(ran.out, DOCUMENTS[command])

    def now(self, *words: str) -> Now:
        """Takes a checkpoint."""
        taken: Now = self.json("now", *words)
        self.last = taken
        return taken

    def approve(self) -> None:
        """A person approves what the plan would run."""
        shown: Approve = self.json("approve", status=5)
        assert self.run("approve", shown.digest).status == 0

    def task(self, name: str) -> TaskReport:
        """A task as the last checkpoint found it."""
        assert self.last
        return next(task for team in self.last.report.teams for task in team.tasks if task.id == name)

    def deliver(self, files: Mapping[str, str | bytes]) -> None:
        write(self.work, files)

    def edit(self, old: str, new: str) -> str:
        """A person changes the plan, commits, and pushes where there is a remote; the commit's id."""
        text = (self.work / "plan.md").read_text()
        assert old in text
        return self.commit({"plan.md": text.replace(old, new, 1)}, "Change the plan")

    def tick(self, *tasks: str) -> None:
        for task in tasks:
            self.edit(f"[ ] **{task}**", f"[x] **{task}**")

    def commit(self, files: Mapping[str, str | bytes], message: str) -> str:
        made = commit(self.work, files, message)
        if self.has_remote:
            git(self.work, "push", "-q")
        return made

    @property
    def tip(self) -> str:
        return head(self.where, "main")

    @property
    def plan(self) -> str:
        """The plan as it is published."""
        return content_at(self.where, "plan.md")

    @property
    def commits(self) -> int:
        return int(git(self.where, "rev-list", "--count", "main"))


def published(folder: Path, plan: str = PLAN) -> Scene:
    """A clone and its bare remote, with that plan."""
    return Scene(*make_published(folder, {"plan.md": plan}))


def local(folder: Path, plan: str = PLAN) -> Scene:
    """A repository without a remote, with that plan."""
    return Scene(make_repository(folder / "work", {"plan.md": plan}))


def killed_after_push(scene: Scene, command: str, *words: str) -> None:
    """A command that dies (SIGKILL) the moment its push has been accepted."""
    hook = scene.where / "hooks/post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nkill -KILL $(cat {scene.work}/.git/pid)\n")
    hook.chmod(0o755)
    argv = [sys.executable, "-m", "checkpoint", command, "-C", str(scene.work), *words]
    running = subprocess.Popen(
        ["sh", "-c", f'echo $$ > {scene.work}/.git/pid; exec "$@"', "sh", *argv], env={**os.environ, "PYTHONPATH": "."}
    )
    assert running.wait(60) == -signal.SIGKILL
    hook.unlink()
