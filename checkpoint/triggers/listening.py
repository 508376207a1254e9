"""Asks the system for events, often while something happens and less often while nothing does."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Generator, Iterable
from threading import Event

from watchfiles._rust_notify import RustNotify

STEP = 10
"""Milliseconds between two questions: an event is heard of after 15 on average, and this costs 0.6 % of a core."""
QUIET_STEP = 25
"""The same while nothing happens: 0.3 % of a core, and 37 ms for the first event."""
QUIET_AFTER = 30.0
"""Seconds without an event after which nothing happens."""

_DEBOUNCE = 50
"""Milliseconds for which events that come without a pause are gathered at most."""
_TURN = 300
"""Milliseconds after which there is a turn although nothing happened."""
_POLLING = 2000
"""Milliseconds between two looks at everything, where there are no events."""


def listen(folders: Iterable[str], stop: Event, *, to_some: bool) -> Generator[frozenset[str], None, None]:
    """The paths of what happens in these folders, not below them: each turn those of a moment, or none.

    Raises OSError where one of them cannot be watched, unless `to_some`; RuntimeError where nothing can be.
    """
    last = time.monotonic()
    # `watchfiles.watch` asks at one pace for ever; this is the interface below it, as its pages describe it.
    with RustNotify(list(folders), False, _polls(), _POLLING, False, to_some) as notify:
        while True:
            step = STEP if time.monotonic() - last < QUIET_AFTER else QUIET_STEP
            told = notify.watch(_DEBOUNCE, step, _TURN, stop)
            if told in ("stop", "signal"):
                return
            if not isinstance(told, str):
                last = time.monotonic()
            yield frozenset() if isinstance(told, str) else frozenset(path for _, path in told)


def _polls() -> bool:
    """Where there are no events that can be relied on, as `watchfiles.watch` finds it."""
    forced = os.environ.get("WATCHFILES_FORCE_POLLING")
    if forced:
        return forced.lower() not in ("false", "disable", "disabled")
    return "microsoft-standard" in platform.uname().release
