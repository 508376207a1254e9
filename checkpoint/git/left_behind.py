"""What a run that was killed has left in the person's repository, put right by the next one."""

from __future__ import annotations

import os
import re

from checkpoint.git.checkout import Checkout, current_head
from checkpoint.git.command import Git
from checkpoint.git.comparing import differing
from checkpoint.git.held_index import HeldIndex, locks
from checkpoint.git.own_lock import OwnLock, left

_WORDS = re.compile(r"from ([0-9a-f]+) to ([0-9a-f]+)")


def mend(checkout: Checkout) -> bool:
    """Takes away locks of ours that nobody holds, and brings index and work tree to the commit that HEAD is at.

    Returns whether there was any. A file that is neither as it was nor as it was to become, nor the beginning of that,
    is somebody's, and stays.
    """
    index, *others = locks(checkout)
    found = [lock for lock in map(left, others) if lock]
    for each in found:
        each.__exit__()
    lock = left(index)
    if lock:
        _finish(checkout, lock)
    return bool(found or lock)


def _finish(checkout: Checkout, lock: OwnLock) -> None:
    found = _WORDS.fullmatch(lock.words)
    with HeldIndex(checkout, lock) as held:
        if found:
            old, new = found.groups()
            at_new = current_head(checkout.git, checkout.location).commit == new
            _bring(checkout, held, *((old, new) if at_new else (new, old)))


def _bring(checkout: Checkout, held: HeldIndex, other: str, target: str) -> None:
    """Goes from wherever it is between the two commits to the second one."""
    changed = differing(checkout.git, other, target)
    if held.git.try_run("read-tree", "-m", "-i", "--no-recurse-submodules", other, target).status:
        return
    unfinished = [path for path in changed if _is_unfinished(checkout, path, other, target)]
    for path in unfinished:
        if changed[path] == "D":
            _remove(checkout, path)
    written = [path for path in unfinished if changed[path] != "D"]
    data = os.fsencode("".join(f"{path}\0" for path in written))
    held.git.try_run("checkout-index", "-f", "-q", "-z", "--stdin", data=data)
    held.git.try_run("update-index", "-q", "--refresh")
    held.keep()


def _is_unfinished(checkout: Checkout, path: str, other: str, target: str) -> bool:
    """Whether a file is not yet as it is to be, and nobody but git has written it."""
    file = os.path.join(checkout.top, path)
    if os.path.islink(file) or not os.path.exists(file):
        return True
    if not os.path.isfile(file):
        return False
    with open(file, "rb") as opened:
        found = opened.read()
    wanted = _content(checkout.git, target, path)
    if found == wanted:
        return False
    before = _content(checkout.git, other, path)
    return any(content is not None and content.startswith(found) for content in (wanted, before))


def _content(git: Git, commit: str, path: str) -> bytes | None:
    """A file as git writes it into a work tree; None where it is not in the commit."""
    done = git.try_run("cat-file", "--filters", "--end-of-options", f"{commit}:{path}")
    return done.stdout if done.status == 0 and not done.truncated else None


def _remove(checkout: Checkout, path: str) -> None:
    try:
        os.unlink(os.path.join(checkout.top, path))
    except OSError:
        return
