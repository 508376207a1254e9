"""Locks in the person's repository that are known again as ours, whoever was killed while holding them.

A lock that git has left does not say whose it is, and only a person may remove it. Ours has the name that git respects.
It has its words from the moment it is there, which say what it was taken for, and is held (flock) by every process that
was given its descriptor: one with such words that nobody holds was left by a run that was killed.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from checkpoint import private

_OURS = "checkpoint: "
_FLAGS = os.O_RDWR | os.O_NOFOLLOW
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
_BESIDE = ".checkpoint-"
_OLD = 3600.0
_LIMIT = 500
_PAUSE = 0.01
SURVIVORS = 5.0
"""Seconds: what git does to an index or to a ref takes less."""


class OwnLock:
    """A lock that is held: `words` say what for. As a context it is given back."""

    def __init__(self, path: str, descriptor: int, words: str) -> None:
        self.path = path
        self.descriptor = descriptor
        self.words = words

    def __enter__(self) -> OwnLock:
        return self

    def __exit__(self, *error: object) -> None:
        if _is_at(self.path, self.descriptor):
            os.unlink(self.path)
        os.close(self.descriptor)


def take(path: str, folder: str, words: str, wait: float = 0.0) -> OwnLock | None:
    """The lock; None where it is not free within `wait` seconds. Raises OSError.

    `folder` is on the same file system, and not one in which git would look at a file.
    """
    beside = beside_in(folder)
    descriptor = os.open(beside, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, f"{_OURS}{words}\n".encode())
        is_taken = _put(beside, path, time.monotonic() + wait)
    except BaseException:
        os.close(descriptor)
        raise
    finally:
        os.unlink(beside)
    if is_taken:
        return OwnLock(path, descriptor, words)
    os.close(descriptor)
    return None


def beside_in(folder: str) -> str:
    """A name in a git folder for what is not complete yet."""
    return os.path.join(folder, f"{_BESIDE}{os.getpid()}.{time.monotonic_ns()}")


def sweep(folder: str) -> None:
    """Removes from a git folder what was not complete when a run was killed, an hour ago or longer."""
    with os.scandir(folder) as entries:
        old = [each.path for each in entries if each.name.startswith(_BESIDE) and _is_old(each)]
    for path in old:
        private.remove(path)


def _is_old(entry: os.DirEntry[str]) -> bool:
    return entry.stat(follow_symlinks=False).st_mtime < time.time() - _OLD


def left(path: str, wait: float = SURVIVORS) -> OwnLock | None:
    """The lock that a killed run has left, held from now on; None where there is none, or it is somebody's.

    `wait` is how many seconds git has to end that goes on after such a run.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except OSError:
        return None
    words = os.pread(descriptor, _LIMIT, 0).decode(errors="replace").rstrip("\n")
    if words.startswith(_OURS) and _is_free(descriptor, wait) and _is_at(path, descriptor):
        return OwnLock(path, descriptor, words.removeprefix(_OURS))
    os.close(descriptor)
    return None


@contextmanager
def usable(path: str) -> Iterator[None]:
    """Raises Stalled for what the operating system refuses at that path."""
    try:
        yield
    except OSError as error:
        raise private.unusable(path, error) from error


def _put(beside: str, path: str, end: float) -> bool:
    """Puts the file there, whole, where there is none."""
    while True:
        try:
            _link(beside, path)
        except FileExistsError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _link(beside: str, path: str) -> None:
    try:
        os.link(beside, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, _FLAGS | os.O_CREAT | os.O_EXCL, 0o600))
        os.replace(beside, path)
        os.close(os.open(beside, _FLAGS | os.O_CREAT, 0o600))  # which the caller removes


def _is_free(descriptor: int, wait: float) -> bool:
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                return False
            time.sleep(_PAUSE)
        else:
            return True


def _is_at(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False
