"""Tells when slots of the plan's schedule have come, each once, and what was missed as one.

The dates are the schedule's own; APScheduler's thread waits for them, one at a time. Waiting is all that it does: each
look at the clock decides anew what has come and what comes next, so a clock that jumps, a suspended machine or a date
that is late can delay a slot until the next look, and never lose or repeat one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from threading import Lock

from apscheduler.executors.pool import ThreadPoolExecutor  # type: ignore[import-untyped]
from apscheduler.schedulers.background import BackgroundScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.date import DateTrigger  # type: ignore[import-untyped]

from checkpoint.schedule import Schedule

_JOB = "next"
_JOBS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
_REMEMBERED = 3000
"""Slots that will not come again although a clock is set back: two days of one a minute."""
_SHORTEST = 0.05
"""Seconds to the next date at least: the look that plans it may be the only instance that its job may have."""


class Calendar:
    """Calls `due` with the name of each slot, from any thread and without waiting for it: it must only pass it on.

    `clock` gives seconds since the epoch.
    """

    def __init__(self, due: Callable[[str], None], clock: Callable[[], float] = time.time) -> None:
        self._due = due
        self._clock = clock
        self._lock = Lock()
        self._schedule: Schedule | None = None
        self._next: float | None = None
        self._come: deque[float] = deque(maxlen=_REMEMBERED)
        self._is_open = True
        # In a thread of its own: the scheduler's holds a lock of the scheduler's, and a look takes ours first.
        executors = {"default": ThreadPoolExecutor(1)}
        self._scheduler = BackgroundScheduler(timezone=UTC, executors=executors, job_defaults=_JOBS)
        self._scheduler.start()

    @property
    def next(self) -> float | None:
        """The moment of the next slot; None where there is none."""
        return self._next

    def plan(self, schedule: Schedule | None, handled: float | None, ahead: Iterable[float] = ()) -> None:
        """Goes by this schedule from now on; where it is the one at hand, nothing happens.

        `handled` is the moment of the last slot that was handled, by whatever schedule. Where slots have come since,
        the latest of them is due at once. With None nothing is made up for. `ahead` are the moments of slots that have
        been handled although they are still to come: the clock was set back while nobody was there to see it.
        """
        with self._lock:
            if self._is_open and schedule != self._schedule:
                self._come.extend(ahead)
                self._schedule, now = schedule, self._clock()
                if schedule is not None and handled is not None:
                    self._come.append(handled)
                    if (schedule.latest(now) or 0) > handled:
                        self._tell(schedule, now)
                self._aim(now)

    def look(self) -> None:
        """Looks at the clock. To be called every 20 seconds or so, since nothing says when a clock has jumped."""
        with self._lock:
            now = self._clock()
            if self._schedule is not None and self._next is not None and now >= self._next:
                self._tell(self._schedule, now)
            self._aim(now)

    def close(self) -> None:
        """Nothing is due any more once this has returned."""
        with self._lock:
            was_open, self._is_open = self._is_open, False
            self._schedule = self._next = None
        if was_open:
            self._scheduler.shutdown(wait=False)  # it waits while it holds the lock that a look may be waiting for

    def _tell(self, schedule: Schedule, now: float) -> None:
        """Says that the latest slot is due, unless it has come already."""
        moment = schedule.latest(now)
        if moment is not None and moment not in self._come:
            self._come.append(moment)
            self._due(schedule.slot(moment))

    def _aim(self, now: float) -> None:
        self._next = None if self._schedule is None else self._after(self._schedule, now)
        if self._next is not None:
            self._wait(self._next - now)
        elif self._is_open:
            self._scheduler.remove_all_jobs()

    def _after(self, schedule: Schedule, now: float) -> float | None:
        """The next slot that has not come yet: after a clock was set back, those that have are shown again."""
        moment = schedule.after(now)
        while moment is not None and moment in self._come:
            moment = schedule.after(moment)
        return moment

    def _wait(self, seconds: float) -> None:
        date = datetime.now(UTC) + timedelta(seconds=max(seconds, _SHORTEST))
        self._scheduler.add_job(self.look, DateTrigger(date, UTC), id=_JOB, replace_existing=True)
