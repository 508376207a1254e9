"""Twelve ways to pretend that a task is done, each as an agent that can push, and works as the same user, would go."""

import os
import re
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from checkpoint.baseline import expected
from checkpoint.location import name_of
from checkpoint.plan.parse import parse
from checkpoint.store.journal import plan_digest
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene

PLAN = """\
---
checkpoint: 1
approval: {approval}
---

# Shop

## Team: backend

- folder: `out/backend`

- [ ] **B1** Publish the API
  - `api.json` contains `paths`

## Team: frontend

- folder: `out/frontend`

- [ ] **F1** Show the books
  - {expectation}
"""
CONTAINS = "`index.html` contains `<ul`"
API = '{"paths": {"/books": {"get": {"summary": "All books, their titles, authors and prices"}}}}\n'
FINE = "<ul><li>Emma</li><li>Middlemarch</li><li>Persuasion</li><li>Villette</li></ul>\n"
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d7a" * 16 + "\nsize 48210\n"
FILE = "out/frontend/index.html"
HOUR = 3600


class Forgery(NamedTuple):
    """One of them. `prepare` is what was there before the checkpoint that comes before it, and `pretend` what it does.

    `said` are words of which the report must have one or all, `shown` those that the plan must have.
    """

    name: str
    pretend: Callable[[Scene], object]
    said: tuple[str, ...]
    shown: tuple[str, ...]
    expectation: str = CONTAINS
    prepare: Callable[[Scene], object] = lambda scene: None
    is_the_plans: bool = False
    """Whether it makes the plan ask for less, which counts unless approval is strict."""


def replaced(scene: Scene, pattern: str, new: str) -> None:
    """The agent writes another text into the plan and pushes it."""
    text = (scene.work / "plan.md").read_text()
    changed = re.sub(pattern, lambda found: found.expand(new), text, count=1, flags=re.DOTALL)
    assert changed != text, pattern
    scene.commit({"plan.md": changed}, "Finish F1")


def claimed(pretend: Callable[[Scene], object]) -> Callable[[Scene], None]:
    """And ticks the box."""

    def both(scene: Scene) -> None:
        pretend(scene)
        scene.tick("F1")

    return both


def deliver(text: str) -> Callable[[Scene], None]:
    return lambda scene: scene.deliver({FILE: text})


def write_status(scene: Scene) -> None:
    replaced(scene, r"\| frontend \| 0/1 \| 0 \|", "| frontend | 1/1 | 1 |")


def add_block(scene: Scene) -> None:
    text = "**backend 1/1, frontend 1/1**\n"
    block = f"\n<!-- checkpoint:status -->\n\n{text}\n<!-- /checkpoint:status -->\n"
    replaced(scene, r"\Z", block)


def loosen_glob(scene: Scene) -> None:
    scene.edit("`index.html` exists", "`*` exists")
    scene.deliver({f"{FILE}.todo": "write it\n"})


def expect_the_truth(scene: Scene) -> None:
    scene.edit(CONTAINS, "`$ true` passes")
    scene.deliver({FILE: "nothing\n"})


def date_ahead(scene: Scene) -> None:
    scene.deliver({FILE: FINE, "out/frontend/src/books.txt": "Emma, and one that is not on the page\n"})
    ahead = time.time() + HOUR
    os.utime(scene.work / FILE, (ahead, ahead))


def link(scene: Scene) -> None:
    elsewhere = scene.work.parent / "elsewhere.html"
    elsewhere.write_text(FINE)
    (scene.work / FILE).parent.mkdir(parents=True, exist_ok=True)
    (scene.work / FILE).symlink_to(elsewhere)


def copy(scene: Scene) -> None:
    """And dates the copy back, so that it seems to be the original."""
    scene.deliver({FILE: API})
    before = time.time() - 24 * HOUR
    os.utime(scene.work / FILE, (before, before))


def two_versions(scene: Scene) -> None:
    """A page and its source, both in git, made twice; then the source changes once more."""
    for text in ("Emma", "Emma, Persuasion"):
        page = f"<ul><li>{text}</li></ul>\n"
        scene.commit({"out/frontend/src/books.txt": f"{text}\n", FILE: page}, f"Show {text}")
    scene.deliver({"out/frontend/src/books.txt": "Emma, Persuasion, Villette\n"})
    _date(scene, "out/frontend/src/books.txt", time.time() - HOUR)
    _date(scene, FILE, time.time() - 2 * HOUR)


def check_out_old(scene: Scene) -> None:
    git(scene.work, "checkout", "-q", "HEAD~2", "--", FILE)


def edit_journal(scene: Scene) -> None:
    """The plan asks for less, and the journal for nothing more: it now says that this was so, and F1 was proven."""
    scene.edit(CONTAINS, "`index.html` exists")
    scene.deliver({FILE: "not a list\n"})
    weak = expected(parse((scene.work / "plan.md").read_bytes()))
    with closing(sqlite3.connect(journal(scene))) as connection, connection:
        ((old, document),) = connection.execute("SELECT plan, document FROM runs").fetchall()
        proven = document.replace(b'"verified":["B1"]', b'"verified":["B1","F1"]')
        assert proven != document
        connection.execute("UPDATE plans SET digest = ?, text = ?", (plan_digest(weak), weak))
        changed = (proven.replace(old.encode(), plan_digest(weak).encode()), plan_digest(weak))
        connection.execute("UPDATE runs SET document = ?, plan = ?", changed)


def journal(scene: Scene) -> Path:
    name = name_of(str(scene.work / ".git"))
    (found,) = Path(os.environ["HOME"]).rglob(f"{name}/plans/*/journal.db")
    return found


def _date(scene: Scene, path: str, at: float) -> None:
    os.utime(scene.work / path, (at, at))


CLAIM = ("'false_claim': True",)
TAKEN_BACK = ("**F1** false claim: ticked, but the proof fails",)
FORGERIES = (
    Forgery(
        "status text",
        claimed(write_status),
        (*CLAIM, "'kind': 'status'", "'how': 'changed'", "Ada Lovelace"),
        (*TAKEN_BACK, "the status block was changed by Ada Lovelace in"),
    ),
    Forgery(
        "marker",
        claimed(add_block),
        (*CLAIM, "'kind': 'status'", "'how': 'in disorder'", "Ada Lovelace"),
        ("— claimed, but the proof fails",),
    ),
    Forgery(
        "removed expectation",
        claimed(lambda scene: replaced(scene, r"  - `index[^\n]*\n", "")),
        ("'how': 'removed'",),
        ("asks for less (removed): `index.html` contains \\<ul", "by Ada Lovelace in"),
        is_the_plans=True,
    ),
    Forgery(
        "looser glob",
        claimed(loosen_glob),
        ("'how': 'looser glob'",),
        ("asks for less (looser glob): `index.html` exists → `*` exists",),
        "`index.html` exists",
        is_the_plans=True,
    ),
    Forgery(
        "validator that is always true",
        claimed(expect_the_truth),
        (*CLAIM, "'how': 'removed'"),
        (*TAKEN_BACK, "asks for less (removed): `index.html` contains \\<ul"),
        is_the_plans=True,
    ),
    Forgery(
        "timestamps",
        claimed(date_ahead),
        (*CLAIM, "a time of change in the past"),
        (*TAKEN_BACK, "expected a time of change in the past"),
        "`index.html` fresh than `src/*`",
    ),
    Forgery("link", claimed(link), (*CLAIM, "'found': 'a link'"), (*TAKEN_BACK, "found a link")),
    Forgery(
        "copy of another team's",
        claimed(copy),
        (*CLAIM, "the same content as backend's `api.json`"),
        (*TAKEN_BACK, "found the same content as backend's `api.json`"),
        "`index.html` contains `paths`",
    ),
    Forgery(
        "empty file",
        claimed(deliver("")),
        (*CLAIM, "an empty file"),
        (*TAKEN_BACK, "found an empty file"),
        "`index.html` exists",
    ),
    Forgery(
        "stale file of an earlier commit",
        claimed(check_out_old),
        (*CLAIM, "as it was in"),
        (*TAKEN_BACK, "found as it was in"),
        "`index.html` fresh than `src/*`",
        two_versions,
    ),
    Forgery(
        "LFS pointer",
        claimed(deliver(POINTER)),
        (*CLAIM, "a Git LFS pointer"),
        (*TAKEN_BACK, "found a Git LFS pointer"),
        "`index.html` exists",
    ),
    Forgery(
        "edited journal",
        claimed(edit_journal),
        (*CLAIM, "'kind': 'journal'", "'how': 'edited'", "'how': 'changed'"),
        (*TAKEN_BACK, "the journal of this machine was edited", "asks for less (changed)"),
        is_the_plans=True,
    ),
)
