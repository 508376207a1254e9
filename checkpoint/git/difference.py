"""Which files of two commits differ, as their trees tell: no file is looked at."""

from __future__ import annotations

from checkpoint.errors import CheckpointError
from checkpoint.git.command import Git
from checkpoint.git.comparing import differing


def changed_paths(git: Git, old: str, new: str) -> frozenset[str] | None:
    """The paths that are not the same in both commits; None where one of them is not here any more."""
    try:
        return frozenset(differing(git, old, new))
    except CheckpointError:
        return None
