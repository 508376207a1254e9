"""A checkpoint of a small plan, the fast commands, and a large plan, each beside its floor.

The small plan has two teams, five tasks and twelve expectations; its remote is a bare repository on the same disk.
Before each published checkpoint somebody else has pushed an edit of the plan and a deliverable has changed. The floor
of a cycle is the start of an interpreter and the git commands which that cycle ran, run bare on an identical copy. The
floor of the fast commands is the start of an interpreter.
"""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.bare_git import Command, record, replay
from benchmarks.floor import Cost, Row, measure, report, run
from tests.helpers.repositories import clone, head, make_published, push_edit, write

PLAN = """---
checkpoint: 1
---

# Payments

<!-- checkpoint:status -->
<!-- /checkpoint:status -->

## Team: backend

- folder: `backend`

- [ ] **B1** Publish the contract
  - `openapi.json` exists
  - `openapi.json` contains `"paths"`
  - `openapi.json` size at-least 10
- [ ] **B2** Implement login (after B1)
  - `src/login.py` contains `def login(`
  - `src/login.py` lacks `TODO`
  - `src/*.py` count at-least 1

<!-- checkpoint:next backend -->
<!-- /checkpoint:next -->

## Team: frontend

- folder: `frontend`

- [ ] **F1** Show the form
  - `login.html` contains `<form`
  - `login.html` lines at-least 2
- [ ] **F2** Style it (after F1)
  - `style.css` exists
  - `style.css` contains `form`
- [ ] **F3** Say how to run it
  - `README.md` exists
  - `README.md` matches `^# `

<!-- checkpoint:next frontend -->
<!-- /checkpoint:next -->
"""
DELIVERED = {
    "backend/openapi.json": '{"openapi": "3.1.0", "paths": {}}\n',
    "backend/src/login.py": "def login(name):\n    return name\n",
    "frontend/login.html": "<form>\n</form>\n",
    "frontend/style.css": "form { margin: 0 }\n",
}
IGNORED = {".gitignore": "/backend/\n/frontend/\n"}
LATER = {"frontend/README.md": "# Frontend\n"}


class World:
    """A repository, its remote, a colleague's clone and a home, which can be put back as they were once."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.program = program
        self.live = folder / "live"
        self.kept = folder / "kept"
        home = self.live / "home"
        home.mkdir(parents=True)
        (home / ".gitconfig").write_text("[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n")
        inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        self.env = inherited | {"HOME": str(home), "CHECKPOINT_TERMINALS": "", "GIT_CONFIG_NOSYSTEM": "1"}
        self.work = self.live / "work"
        self.remote = self.live / "remote.git"

    def keep(self) -> None:
        shutil.copytree(self.live, self.kept, symlinks=True)

    def put_back(self) -> None:
        shutil.rmtree(self.live)
        shutil.copytree(self.kept, self.live, symlinks=True)
        run(["git", "update-index", "-q", "--refresh"], self.work, self.env)  # as it was before: the copies are clean

    def checkpoint(self, *arguments: str) -> Cost:
        return measure([str(self.program), *arguments], self.work, self.env)

    def record(self, *arguments: str) -> list[Command]:
        return record([str(self.program), *arguments], self.work, self.env)


def small_world(folder: Path, program: Path) -> World:
    """A small plan that has had its checkpoints, until there was nothing more to say."""
    world = World(folder, program)
    make_published(world.live, {"plan.md": PLAN} | IGNORED)
    write(world.work, DELIVERED)
    for _ in range(3):
        world.checkpoint("now")
    return world


def changed_world(folder: Path, program: Path) -> World:
    """As above, but somebody has pushed an edit, and one more thing is delivered."""
    world = small_world(folder, program)
    colleague = clone(world.remote, world.live / "colleague")
    edited = (colleague / "plan.md").read_text().replace("# Payments", "# Payments\n\nFor the summer.")
    push_edit(colleague, {"plan.md": edited})
    write(world.work, LATER)
    return world


def large_world(folder: Path, program: Path) -> World:
    """A thousand tasks in ten teams, each with an artifact of its own, all delivered."""
    world = World(folder, program)
    sections = []
    for team in range(10):
        tasks = (f"- [ ] **T{team}{n:02}** Write part {n}\n  - `{n:02}.md` contains `part {n}`\n" for n in range(100))
        sections.append(f"## Team: team-{team}\n\n- folder: `out/{team}`\n\n{''.join(tasks)}")
    make_published(world.live, {"plan.md": "---\ncheckpoint: 1\n---\n\n# Large\n\n" + "\n".join(sections)})
    write(world.work, {f"out/{team}/{n:02}.md": f"# part {n}\n" for team in range(10) for n in range(100)})
    return world


def interpreter(world: World) -> Cost:
    return measure([str(world.program.with_name("python")), "-c", "pass"], world.live, world.env)


def cycle(name: str, world: World, publishes: bool) -> Row:
    """The row of `checkpoint now`, and proof that program and replay both did the work."""
    world.keep()
    before = head(world.remote, "main")
    commands = world.record("now")
    print(f"{name}: {len(commands)} git commands: {', '.join(each.name for each in commands)}", file=sys.stderr)

    def told(taken: Callable[[], Cost]) -> Callable[[], Cost]:
        def once() -> Cost:
            world.put_back()
            cost = taken()
            if (head(world.remote, "main") != before) != publishes:
                raise RuntimeError(f"{name}: the remote has {'not ' if publishes else ''}moved")
            return cost

        return once

    floor = told(lambda: interpreter(world) + replay(commands, world.env))
    return Row(name, told(lambda: world.checkpoint("now")), floor, 2.0 if publishes else None)


def fast(name: str, world: World, *arguments: str) -> Row:
    return Row(name, lambda: world.checkpoint(*arguments), lambda: interpreter(world), 2.5)


def rows(folder: Path, program: Path) -> list[Row]:
    changed, unchanged = changed_world(folder / "changed", program), small_world(folder / "unchanged", program)
    quiet, large = small_world(folder / "quiet", program), large_world(folder / "large", program)
    return [
        cycle("`checkpoint now`, something to fetch and to publish", changed, publishes=True),
        cycle("`checkpoint now`, nothing new", unchanged, publishes=False),
        fast("`checkpoint status`", quiet, "status"),
        fast("`checkpoint --help`", quiet, "--help"),
        Row("`checkpoint check`, 1,000 tasks with 1,000 artifacts", lambda: large.checkpoint("check"), None, 0.5),
    ]


if __name__ == "__main__":
    sys.exit(report("small", __doc__ or "", rows))
