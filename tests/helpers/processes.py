"""Processes, by their ids, and what is left of them."""

import os
import select
import signal
from collections.abc import Iterable
from pathlib import Path


def has_ended(pid: int) -> bool:
    """Whether the process is gone, or goes within the seconds that the kernel may need on a busy machine."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 5)[0])
    finally:
        os.close(descriptor)


def running(word: str) -> list[int]:
    """The processes that bear this word among their arguments; not those that are dead and waited for."""
    return [pid for pid in _pids() if word in _words(pid)]


def _pids() -> Iterable[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _words(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
    except OSError:
        return []


def end(pid: int) -> None:
    """Kills it, if it is still there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
