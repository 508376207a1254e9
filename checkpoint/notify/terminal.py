"""Writes a notice to the user's own terminals, as `write` does, but never waits for one.

A terminal is written to if it is the user's and accepts messages (`mesg y`: its group may write). It shows what
everybody is told: whose terminal is which team's is not known here.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from checkpoint.errors import Stalled
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.marks import Marks, opened
from checkpoint.notify.plain import counted, heading, lines

LINES = 12
_WIDTH = 200
_BREATH = 0.0002
"""Seconds given away before a terminal is told, or the system would take them between the telling and the mark."""
_FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW


class TerminalNotifier:
    """Writes to the terminals that the globs name at that moment, but to none of those excluded.

    `marks` is the folder that remembers which terminal was told what; without one, nothing is remembered.
    """

    name = "terminal"
    template = "terminal"
    repeatable = True
    silent = True

    def __init__(self, globs: Iterable[str], excluded: Iterable[str] = (), marks: str = "") -> None:
        self._globs = tuple(globs)
        self._excluded = frozenset(excluded)
        self._marks = marks

    def send(self, notice: Notice) -> str:
        """How many were told. Raises NotifyError where there are terminals that accept messages, and none took it."""
        headed = msgspec.structs.replace(notice, title=heading(notice))
        data = "\r\n".join(("", *lines(headed, LINES, _WIDTH), "")).encode()
        try:
            with opened(self._marks, self.name) as marks:
                problems = [_tell(device, data, notice.key, marks) for device in self._devices()]
        except Stalled as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend, lasting=True) from error
        if problems and all(problems):
            raise NotifyError("no terminal took the notice", why="; ".join(problems))
        return counted(problems.count(""), "terminal")

    def _devices(self) -> list[str]:
        named = {path for pattern in self._globs for path in glob.glob(pattern)}
        return [device for device in sorted(named - self._excluded) if _accepts(device)]


def _accepts(device: str) -> bool:
    try:
        return _is_willing(os.lstat(device))
    except OSError:
        return False  # it was closed meanwhile


def _is_willing(found: os.stat_result) -> bool:
    return stat.S_ISCHR(found.st_mode) and found.st_uid == os.geteuid() and bool(found.st_mode & stat.S_IWGRP)


def _tell(device: str, data: bytes, key: str, marks: Marks) -> str:
    """What kept the terminal from taking the text; empty where it took it, now or before."""
    mark = f"{key} {device}\n".encode()
    if mark in marks.known:
        return ""
    try:
        descriptor = os.open(device, _FLAGS)
    except OSError as error:
        return f"{device}: {error.strerror}"
    try:
        return _written(device, descriptor, data, mark, marks.descriptor)
    finally:
        os.close(descriptor)


def _written(device: str, terminal: int, data: bytes, mark: bytes, marks: int) -> str:
    if not os.isatty(terminal) or not _is_willing(os.fstat(terminal)):
        return f"{device}: no terminal of yours"
    write = _system().write
    write(marks, b"", 0)  # the first call of all takes long
    time.sleep(_BREATH)
    # One line: a kill between these two calls is the only one after which a terminal is told twice.
    if (taken := write(terminal, data, len(data))) == len(data) and write(marks, mark, len(mark)):
        return ""
    return f"{device}: {_refusal(load('ctypes').get_errno()) if taken < 0 else 'had no room for all of it'}"


@cache
def _system() -> Any:
    """The system's own calls, with the interpreter's lock held: `os.write` gives it to other threads, for long."""
    return load("ctypes").PyDLL(None, use_errno=True)


def _refusal(number: int) -> str:
    return "stopped" if number == errno.EAGAIN else os.strerror(number)


def build(means: Means) -> tuple[TerminalNotifier]:
    return (TerminalNotifier(means.terminals, means.excluded, means.marks),)
