"""Checkpoints within git's hooks: of a repository beside its twin, in which the hook does nothing."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT
from benchmarks.torture.checkout_belongings import belongings, changes
from benchmarks.torture.checkout_states import EVERYTHING, State, prepared
from tests.helpers.repositories import git
from tests.helpers.scenes import API, Scene

_EDITS = State("echo staged > a.txt; git add a.txt; echo edited > b.txt; echo edited >> plan.md; echo x > new.txt")
_ASKED = (
    ("rev-parse", "HEAD"),
    ("symbolic-ref", "HEAD"),
    ("for-each-ref", "refs/heads", "refs/tags", "refs/stash"),
    ("ls-files", "--stage", "-t"),
    ("status", "--porcelain=v2"),
    ("fsck", "--no-dangling", "--connectivity-only"),
)


class Hook(NamedTuple):
    """A hook, and the command of the person that git runs it in."""

    kind: str
    command: tuple[str, ...]
    is_own: bool

    @property
    def name(self) -> str:
        where = "of its own repository" if self.is_own else "of another repository"
        return f"{self.kind} {where}, git {' '.join(self.command)}"


_COMMANDS = (
    ("pre-commit", ("commit", "-q", "-m", "mine", "b.txt")),
    ("pre-commit", ("commit", "-q", "-m", "mine")),
    ("post-commit", ("commit", "-q", "-m", "mine")),
    ("pre-push", ("push", "-q", "origin", "HEAD:refs/heads/side")),
    ("post-checkout", ("checkout", "-q", "-b", "topic")),
)
HOOKS = tuple(Hook(kind, command, is_own) for kind, command in _COMMANDS for is_own in (True, False))


def within_hook(folder: Path, hook: Hook) -> Iterator[str]:
    """What is wrong after the person's command, in which a checkpoint ran."""
    yield from _of_its_own(folder, hook) if hook.is_own else _of_another(folder, hook)


def _of_its_own(folder: Path, hook: Hook) -> Iterator[str]:
    scene, twin = prepared(folder / "one", _EDITS), prepared(folder / "twin", _EDITS)
    yield from _run(scene, scene.work, twin.work, hook)


def _of_another(folder: Path, hook: Hook) -> Iterator[str]:
    scene = prepared(folder / "one", EVERYTHING)
    others = [prepared(folder / name, _EDITS).work for name in ("other", "twin")]
    scene.deliver(API)
    before = belongings(scene.work)
    yield from _run(scene, others[0], others[1], hook)
    yield from changes(before, belongings(scene.work), scene.work, scene.tip, follows=False)


def _run(scene: Scene, work: Path, twin: Path, hook: Hook) -> Iterator[str]:
    """Runs the command in a work tree, whose hook takes a checkpoint of the scene, and in its twin."""
    scene.deliver(API)
    said, tip = work.parent / "said", scene.tip
    call = (
        f"PYTHONPATH={shlex.quote(str(ROOT))} {sys.executable} -m checkpoint now -q -C {shlex.quote(str(scene.work))}"
    )
    script = (
        f'test -n "$GIT_DIR$GIT_INDEX_FILE" && printenv > {said}.env\n{call} > {said} 2>&1; echo $? >> {said}\nexit 0'
    )
    for where, text in ((work, script), (twin, "exit 0")):
        path = where / ".git/hooks" / hook.kind
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        git(where, *hook.command)
    words = said.read_text().splitlines() if said.exists() else ["the hook did not run"]
    if words[-1] != "0" or scene.tip == tip:
        yield f"no checkpoint: {words}"
    yield from differences(work, twin)


def differences(work: Path, twin: Path) -> Iterator[str]:
    """In what two work trees differ that have gone through the same."""
    for question in _ASKED:
        one, other = git(work, *question), git(twin, *question)
        if one != other:
            yield f"git {' '.join(question)}: {one!r} and not {other!r}"
    ours, theirs = _contents(work), _contents(twin)
    yield from (f"{path} differs" for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path))


def _contents(work: Path) -> dict[str, bytes]:
    files = (path for path in sorted(work.rglob("*")) if path.is_file())
    found = {str(path.relative_to(work)): path.read_bytes() for path in files}
    return {path: content for path, content in found.items() if not path.startswith((".git/", "out/"))}
