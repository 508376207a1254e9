"""What happened to a plan on its remote, commit by commit, and every way in which that breaks a promise.

Nothing is asked of the product: commits, trees and texts are read by git, and compared by `states.py`.
"""

import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.states import conflicts, human, is_whole, spelt
from tests.helpers.repositories import GitError, git

_FORMAT = "%H%x00%P%x00%an%x00%(trailers:key=Checkpoint-Id,valueonly,separator=%x20)"
_ZERO = "0" * 40


class Commit(NamedTuple):
    """`by` is the machine's name, `run` the checkpoint's id, "" where it is none's; `changed` as git names it."""

    id: str
    parents: Sequence[str]
    by: str
    run: str
    plan: str
    changed: Sequence[str]

    @property
    def state(self) -> int:
        return spelt(self.plan)


class History(NamedTuple):
    """All that main holds, oldest first; each update of it, from and to which commit; and what fsck says."""

    remote: Path
    commits: Mapping[str, Commit]
    updates: Sequence[tuple[str, str]]
    fsck: str

    @property
    def plan(self) -> str:
        """The newest one."""
        return list(self.commits.values())[-1].plan

    def by(self, names: Iterable[str]) -> list[Commit]:
        """The commits of these machines."""
        return [each for each in self.commits.values() if each.by in names]


def read_history(remote: Path) -> History:
    rows = git(remote, "log", "--reverse", "--topo-order", f"--format={_FORMAT}", "main").splitlines()
    commits = [_commit(remote, *row.split("\0")) for row in rows]
    log = (remote / "logs/refs/heads/main").read_text().splitlines()
    updates = [(old, new) for old, new, *_ in map(str.split, log)]
    return History(remote, {each.id: each for each in commits}, updates, _fsck(remote))


def _commit(remote: Path, name: str, parents: str, by: str, run: str) -> Commit:
    changed = git(remote, "diff-tree", "-r", "--root", "--no-commit-id", "--name-status", name).splitlines()
    # In a batch, so that the end of the text is not taken for the end of git's output.
    _, _, plan = git(remote, "cat-file", "--batch", content=f"{name}:plan.md\n").partition("\n")
    return Commit(name, parents.split(), by, run.strip(), plan, changed)


def _fsck(remote: Path) -> str:
    """What is wrong with the objects. What nothing refers to is no fault: a push that was refused leaves it."""
    words = ("git", "fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    done = subprocess.run(words, cwd=remote, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}".strip() or f"status {done.returncode}" * bool(done.returncode)


def damage(history: History, machines: Iterable[str]) -> list[str]:
    """What is wrong, whoever was at work; `machines` are those whose commits are checkpoints. Empty: nothing is."""
    commits = history.commits.values()
    return [
        *(f"{shown(each)} is a merge" for each in merges(history)),
        *(f"{shown(each)} holds marks of a conflict" for each in commits if conflicts(each.plan)),
        *(f"{new[:10]} replaced {old[:10]}, by force" for old, new in history.updates if _is_forced(history, old, new)),
        *(f"{shown(each)} {why}" for each in history.by(machines) for why in _faults(history, each)),
        *([f"fsck: {history.fsck}"] if history.fsck else []),
    ]


def merges(history: History) -> list[Commit]:
    return [each for each in history.commits.values() if len(each.parents) > 1]


def goes_beyond(history: History, commit: Commit) -> bool:
    """Whether a checkpoint changes anything that is not the checkpoint's."""
    parent = history.commits.get(commit.parents[0]) if commit.parents else None
    is_alone = list(commit.changed) == ["M\tplan.md"]
    return parent is None or not is_alone or human(parent.plan) != human(commit.plan)


def shown(commit: Commit) -> str:
    return f"{commit.id[:10]} by {commit.by}"


def _faults(history: History, commit: Commit) -> Iterator[str]:
    """What is wrong with one checkpoint."""
    if goes_beyond(history, commit):
        yield f"changes more than is the checkpoint's, in {', '.join(commit.changed) or 'nothing'}"
    if not is_whole(commit.plan):
        yield "is not whole: its status does not count what its boxes show"
    if (*commit.parents, commit.id) not in history.updates:
        yield "was not put on what was the newest commit"


def _is_forced(history: History, old: str, new: str) -> bool:
    if old == _ZERO:
        return False
    try:
        git(history.remote, "merge-base", "--is-ancestor", old, new)
    except GitError:
        return True
    return False


def missing(history: History, edits: Iterable[str]) -> list[str]:
    """The edits that do not stand exactly once in what people wrote, in the newest plan."""
    words = human(history.plan).split()
    return [edit for edit in edits if words.count(edit) != 1]
