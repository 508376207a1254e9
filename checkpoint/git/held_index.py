"""The person's index and work tree, held while they are taken from one commit to another.

What git does meanwhile, it does to an index beside the person's, which then replaces it at once. The lock says from
where to where, so that the run after one that was killed can put all of it right: `checkpoint.git.left_behind`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from checkpoint import private
from checkpoint.git.checkout import Checkout
from checkpoint.git.command import Git
from checkpoint.git.own_lock import OwnLock, sweep, take, usable

_BESIDE = "checkpoint-index"
_WAIT = 0.1


class HeldIndex:
    """As a context it gives the index back. `git` works on the one beside it."""

    def __init__(self, checkout: Checkout, lock: OwnLock) -> None:
        folder = checkout.location.git_folder
        self._lock = lock
        self._index = os.path.join(folder, "index")
        self._beside = os.path.join(folder, _BESIDE)
        git, env = checkout.git, {**checkout.git.env, "GIT_INDEX_FILE": self._beside}
        self.git = Git(git.where, env, git.cwd, (lock.descriptor,))

    def __enter__(self) -> HeldIndex:
        try:
            with usable(self._beside):
                sweep(os.path.dirname(self._beside))
                self._clear()
                _copy(self._index, self._beside)
        except BaseException:
            self._lock.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._clear()
        self._lock.__exit__()

    def keep(self) -> None:
        """Puts what git has made of the index in its place."""
        with usable(self._index):
            os.replace(self._beside, self._index)

    def _clear(self) -> None:
        for path in (self._beside, f"{self._beside}.lock"):
            private.remove(path)


def hold(checkout: Checkout, old: str, new: str) -> HeldIndex | None:
    """Holds the index for the way between these commits; None where somebody else holds it. Raises Stalled."""
    folder = checkout.location.git_folder
    with usable(lock_of(checkout)):
        lock = take(lock_of(checkout), folder, f"from {old} to {new}", _WAIT)
    return HeldIndex(checkout, lock) if lock else None


def lock_of(checkout: Checkout) -> str:
    return os.path.join(checkout.location.git_folder, "index.lock")


def tracked(checkout: Checkout, branch: str) -> str:
    """The full ref that says where a branch of the remote was when it was last heard of."""
    return f"refs/remotes/{checkout.remote}/{branch}"


def locks(checkout: Checkout) -> Iterator[str]:
    """Where a run can have left a lock: of the index, the branch, and the remote's branch as it is known here."""
    yield lock_of(checkout)
    refs = [f"refs/heads/{checkout.branch}"]
    if checkout.remote:
        refs.append(tracked(checkout, checkout.upstream))
    for ref in refs:
        yield os.path.join(checkout.location.common_folder, f"{ref}.lock")


def _copy(path: str, target: str) -> None:
    """Nothing where there is no index yet. git never writes into one: a link is as good as a copy."""
    try:
        os.link(path, target)
    except FileNotFoundError:
        return
    except OSError:
        with open(path, "rb") as own, open(target, "xb") as copy:
            copy.write(own.read())
