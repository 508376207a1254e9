"""Which files of two commits differ, as their trees tell: no file is looked at."""

from __future__ import annotations

import os

from checkpoint.git.command import Git


def changed_paths(git: Git, old: str, new: str) -> frozenset[str] | None:
    """The paths that are not the same in both commits; None where one of them is not here any more."""
    if old == new:
        return frozenset()
    done = git.try_run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", old, new)
    return frozenset(os.fsdecode(done.stdout).split("\0")[:-1]) if done.status == 0 else None
