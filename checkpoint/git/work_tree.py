"""Index and work tree of the person's checkout taken from one commit to another, wholly or not at all.

Not by `git merge`: that overwrites ORIG_HEAD, by which people go back, even where it then does nothing; it refreshes
the index, stashes where the configuration says so, and goes ahead in the midst of somebody's `git am`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from checkpoint.git.checkout import Checkout
from checkpoint.git.command import Git
from checkpoint.git.held_index import HeldIndex
from checkpoint.process import Result

_UNDER_WAY = (
    *("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "BISECT_LOG"),
    *("rebase-apply", "rebase-merge", "sequencer"),
)
_UPDATE = ("read-tree", "-m", "-u", "--no-recurse-submodules")


def is_under_way(checkout: Checkout) -> bool:
    """Whether the person is in the midst of a merge, a rebase or the like, which counts on HEAD staying where it is."""
    return any(os.path.lexists(os.path.join(checkout.location.git_folder, name)) for name in _UNDER_WAY)


def update(held: HeldIndex, old: str, new: str) -> Result:
    """Writes what differs between two commits, where all of it is as in the old one; else nothing, and says why.

    Staged and modified files that do not differ stay. One that was only touched counts as unmodified.
    """
    done = held.git.try_run(*_UPDATE, old, new)
    if done.status == 0:
        return done
    held.git.try_run("update-index", "-q", "--refresh")
    return held.git.try_run(*_UPDATE, old, new)


def is_in_the_way(checkout: Checkout, path: str) -> bool:
    """Whether something stands where a new file is to come; `read-tree` would overwrite it if git ignores it."""
    names = path.split("/")
    above = (os.path.join(checkout.top, *names[:depth]) for depth in range(1, len(names)))
    return os.path.lexists(os.path.join(checkout.top, path)) or any(
        os.path.lexists(folder) and (os.path.islink(folder) or not os.path.isdir(folder)) for folder in above
    )


def is_writable(checkout: Checkout, new: str, paths: Iterable[str]) -> bool:
    """Whether the person's filters (`git lfs` is one) give these files of a commit.

    git removes a file first, and then asks: one whose required filter fails would be gone.
    """
    filters = {each.key.split(".", 1)[1].rpartition(".")[0] for each in checkout.settings if _requires(each.key)}
    if not any(checkout.is_on(f"filter.{name}.required") for name in filters):
        return True
    git, written = checkout.git, tuple(paths)
    if any(os.path.basename(path) == ".gitattributes" for path in written):
        return False  # which filters there will be is not known before it is written
    asked = os.fsencode("".join(f"{path}\0" for path in written))
    fields = os.fsdecode(git.run("check-attr", "-z", "--stdin", "filter", data=asked)).split("\0")
    filtered = [path for path, name in zip(fields[0::3], fields[2::3], strict=False) if name in filters]
    return all(_passes(git, new, path) for path in filtered)


def _requires(key: str) -> bool:
    return key.startswith("filter.") and key.endswith(".required")


def _passes(git: Git, commit: str, path: str) -> bool:
    asked = ("cat-file", "--filters", "--end-of-options", f"{commit}:{path}")
    return git.try_run(*asked).status == 0
