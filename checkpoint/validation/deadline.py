"""A time limit on code of ours and of plug-ins that runs in this process."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The limit passed. Not an Exception, so that a plug-in that catches those cannot swallow it."""


def _raise(signum: int, frame: FrameType | None) -> None:
    raise OutOfTime


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raises OutOfTime inside the block once `seconds` have passed; 0 is no limit.

    An alarm interrupts Python code, not a library's C code that never returns; off the main thread
    there are no alarms, and so there is no limit.
    """
    if not seconds or threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGALRM, _raise)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
