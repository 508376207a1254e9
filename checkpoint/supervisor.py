"""A program of its own: runs a command, and when that has ended, ends whatever it has left behind. Linux only.

    python -I -S supervisor.py PARENT GRACE PROGRAM [ARGUMENT…]

What a command daemonises becomes a child of this process instead of init's, whatever it does to its session, its
group or its environment. Its status is the command's. Told to end (SIGTERM), or when PARENT is gone, it tells the
command, waits for GRACE seconds, and ends all of it. Imports little: it starts in 20 ms.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_CANNOT_RUN = 127


class _TimeIsUp(Exception):
    """The command was told to end, and has not."""


def main() -> None:
    """Runs the command that the arguments name, and ends as it did."""
    parent, grace, *command = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    child = _start(command, int(parent))
    _end_when_told(child, float(grace))
    try:
        status = _status_of(child)
    except _TimeIsUp:
        status = -signal.SIGKILL
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    _end_all()
    _end_as(status)


def _start(command: list[str], parent: int) -> int:
    """The command's process, in a session of its own: a signal for this process's group is not meant for it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    _control(_SET_CHILD_SUBREAPER, 1)
    _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(-signal.SIGTERM)
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        os.execvpe(command[0], command, _environment())  # noqa: S606 - this is what it is for
    finally:
        os._exit(_CANNOT_RUN)


def _environment() -> dict[bytes, bytes]:
    """As it was given: Python adds a locale of its own to one that has none."""
    with open("/proc/self/environ", "rb") as file:
        pairs = (entry.partition(b"=") for entry in file.read().split(b"\0"))
        return {name: value for name, _, value in pairs if name}


def _control(what: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    ctypes.CDLL(None).prctl(what, ctypes.c_ulong(value), zero, zero, zero)


def _end_when_told(child: int, grace: float) -> None:
    def tell(number: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, grace)
        _kill(-child, signal.SIGTERM)

    def stop(number: int, frame: object) -> None:
        raise _TimeIsUp

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _status_of(child: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)


def _end_all() -> None:
    """Ends all descendants, until there is no child any more; orphans become children meanwhile."""
    while True:
        for pid in _descendants():
            _kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found = list(children.get(os.getpid(), ()))
    for pid in found:
        found += children.get(pid, ())
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                yield int(name), int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _end_as(status: int) -> None:
    """Ends with that status, or by that signal."""
    if status >= 0:
        os._exit(status)
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


if __name__ == "__main__":
    main()
