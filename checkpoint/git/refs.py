"""A ref of the person's repository moved by compare-and-swap, under a lock that is known again.

`git update-ref` that is killed leaves a lock, and HEAD's too, with which neither the person nor the next run gets on.
"""

from __future__ import annotations

import enum
import os
import time

from checkpoint.git.checkout import Checkout, commit_of
from checkpoint.git.own_lock import beside_in, take, usable
from checkpoint.location import is_commit_id, keeps_refs_in_files, read_ref

_WAIT = 1.0
"""Seconds: git holds such a lock for an instant."""


class Moved(enum.Enum):
    """What became of it: done, somebody else had moved it, or somebody holds it."""

    DONE = "done"
    OTHER = "other"
    LOCKED = "locked"


def move(checkout: Checkout, ref: str, new: str, old: str, reason: str) -> Moved:
    """Moves the full ref from the commit `old`, "" where it is not there, as its reflog then says. Raises Stalled."""
    location = checkout.location
    path = os.path.join(location.common_folder, ref)
    if not keeps_refs_in_files(location) or _is_symbolic(path):
        return _by_git(checkout, ref, new, old, reason)
    with usable(path):
        return _move(checkout, ref, path, new, old, reason)


def _move(checkout: Checkout, ref: str, path: str, new: str, old: str, reason: str) -> Moved:
    location = checkout.location
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lock = take(f"{path}.lock", location.common_folder, f"{ref} {new}", _WAIT)
    if lock is None:
        return Moved.LOCKED
    with lock:
        if read_ref(location.common_folder, ref) != old:
            return Moved.OTHER
        _log(checkout, ref, f"{old or '0' * len(new)} {new}", reason)
        _write(path, new, location.common_folder)
    return Moved.DONE


def _is_symbolic(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return os.path.islink(path) or not is_commit_id(file.read().strip())
    except FileNotFoundError:
        return os.path.islink(path)


def _by_git(checkout: Checkout, ref: str, new: str, old: str, reason: str) -> Moved:
    done = checkout.git.try_run("update-ref", "-m", reason, ref, new, old or "0" * len(new))
    if done.status == 0:
        return Moved.DONE
    return Moved.LOCKED if commit_of(checkout.git, ref) == old else Moved.OTHER


def _write(path: str, commit: str, folder: str) -> None:
    beside = beside_in(folder)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with open(descriptor, "wb") as file:
            if os.path.exists(path):
                os.fchmod(descriptor, os.stat(path).st_mode & 0o777)  # as `core.sharedRepository` had it
            file.write(f"{commit}\n".encode())
            file.flush()
            os.fsync(descriptor)
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _log(checkout: Checkout, ref: str, commits: str, reason: str) -> None:
    """As git does before it moves a ref: in the ref's log, and in HEAD's where HEAD is on it."""
    identity, location = checkout.identity, checkout.location
    who = " ".join(f"{identity.name} <{identity.email}>".split())
    line = f"{commits} {who} {int(time.time())} {time.strftime('%z')}\t{reason}\n"
    logs = [os.path.join(location.common_folder, "logs", ref)]
    if ref == f"refs/heads/{checkout.branch}" and checkout.is_checked_out:
        logs.append(os.path.join(location.git_folder, "logs", "HEAD"))
    for path in logs:
        if checkout.value("core.logallrefupdates").lower() in ("false", "no", "off", "0") and not os.path.exists(path):
            continue
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "ab") as file:
            file.write(line.encode())
