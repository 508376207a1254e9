"""Writes a notice to the user's own terminals, as `write` does, but never waits for one.

A terminal is written to if it is the user's and accepts messages (`mesg y`: its group may write). It shows what
everybody is told: whose terminal is which team's is not known here.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable

from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.plain import lines

LINES = 12
_WIDTH = 200
_FLAGS = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW


class TerminalNotifier:
    """Writes to the terminals that the globs name at that moment, but to none of those excluded."""

    name = "terminal"

    def __init__(self, globs: Iterable[str], excluded: Iterable[str] = ()) -> None:
        self._globs = tuple(globs)
        self._excluded = frozenset(excluded)

    def send(self, notice: Notice) -> None:
        """Raises NotifyError where there are terminals that accept messages, and none of them took this one."""
        data = "\r\n".join(("", *lines(notice, LINES, _WIDTH), "")).encode()
        devices = sorted({path for pattern in self._globs for path in glob.glob(pattern)} - self._excluded)
        problems = [_write(device, data) for device in devices if _accepts(device)]
        if problems and all(problems):
            raise NotifyError("no terminal took the notice", why="; ".join(problems))


def _accepts(device: str) -> bool:
    try:
        return _is_willing(os.lstat(device))
    except OSError:
        return False  # it was closed meanwhile


def _is_willing(found: os.stat_result) -> bool:
    return stat.S_ISCHR(found.st_mode) and found.st_uid == os.geteuid() and bool(found.st_mode & stat.S_IWGRP)


def _write(device: str, data: bytes) -> str:
    """What kept the terminal from taking the text; empty where it took it, or all that it had room for."""
    try:
        descriptor = os.open(device, _FLAGS)
    except OSError as error:
        return f"{device}: {error.strerror}"
    try:
        if not os.isatty(descriptor) or not _is_willing(os.fstat(descriptor)):
            return f"{device}: no terminal of yours"
        os.write(descriptor, data)
    except BlockingIOError:
        return f"{device}: stopped"
    except OSError as error:
        return f"{device}: {error.strerror}"
    finally:
        os.close(descriptor)
    return ""


def build(means: Means) -> tuple[TerminalNotifier]:
    return (TerminalNotifier(means.terminals, means.excluded),)
