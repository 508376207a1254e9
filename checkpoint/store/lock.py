"""One run at a time: a lock that the kernel gives back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from checkpoint import private
from checkpoint.errors import Busy

_PAUSE = 0.05
"""Seconds between two tries: flock has no time limit of its own."""
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW


@contextmanager
def locked(path: str, wait: float) -> Iterator[None]:
    """Holds the lock inside the block. Raises Busy, naming its holder, where it is not free within `wait` seconds.

    It is never stale: the kernel frees it with the holder's last descriptor, and no other program gets that one.
    """
    descriptor = _acquire(path, time.monotonic() + wait)
    try:
        _sign(descriptor)
        yield
    finally:
        os.close(descriptor)


def _sign(descriptor: int) -> None:
    """Says who holds it, for others to read. On a full disk nobody does, and it is held all the same."""
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"process {os.getpid()} on {os.uname().nodename} since {since}\n".encode(), 0)
    except OSError:
        return


def _acquire(path: str, end: float) -> int:
    while True:
        descriptor = _open(path)
        try:
            if _try(descriptor):
                return descriptor
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
        except OSError as error:
            os.close(descriptor)
            raise private.unusable(path, error) from error
        os.close(descriptor)
        if time.monotonic() >= end:
            raise Busy(
                "another run holds this plan", why=f"it is {holder or 'just starting'}", mend="wait for it to end"
            )
        time.sleep(_PAUSE)


def _open(path: str) -> int:
    try:
        return os.open(path, _FLAGS, 0o600)
    except OSError as error:
        raise private.unusable(path, error) from error


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
