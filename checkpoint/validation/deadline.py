"""A time limit on code of ours and of plug-ins that runs in this process."""

from __future__ import annotations

import math
import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any


class OutOfTime(BaseException):
    """The limit passed. Not an Exception, so that a plug-in that catches those cannot swallow it."""


class Deadline:
    """Ends what takes too long, of many things that are done one after the other. Use it as a context around them.

    An alarm interrupts Python code, not a library's C code that never returns; off the main thread there are no
    alarms, and so there is no limit. Setting one takes longer than most of what is to be limited, so that one alarm is
    set for many: when it goes off, it looks whether the time of what is being done has come, and else is set again.
    """

    def __init__(self) -> None:
        self._end = math.inf
        self._alarm = math.inf
        self._previous: Any = None
        self._is_ours = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Deadline:
        if self._is_ours:
            self._previous = signal.signal(signal.SIGALRM, self._ring)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end = math.inf
        if self._is_ours:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._previous)

    def begin(self, now: float, seconds: float) -> None:
        """From here on, OutOfTime is raised once `seconds` have passed; 0 is no limit. `now` is `perf_counter`'s."""
        self._end = now + seconds if seconds else math.inf
        if self._end < self._alarm and self._is_ours:
            self._set(seconds, now)

    def end(self) -> None:
        """It is done."""
        self._end = math.inf

    def _set(self, seconds: float, now: float) -> None:
        self._alarm = now + seconds
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def _ring(self, signum: int, frame: FrameType | None) -> None:
        now = time.perf_counter()
        self._alarm = math.inf
        if self._end == math.inf:
            return
        if self._end > now:
            self._set(self._end - now, now)
            return
        self._end = math.inf
        raise OutOfTime
