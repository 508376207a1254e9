"""What is being validated, how far along, and what remains: on a terminal, for runs longer than a second."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from checkpoint.lazy import load

PATIENCE = 1.0
"""Seconds of silence before anything is shown."""


class Display(Protocol):
    """A live display of a run's progress (`checkpoint.commands.progress_bar.Bar`)."""

    def show(self, done: int, total: int, what: str) -> None:
        """Replaces what is shown."""

    def close(self) -> None:
        """Takes the display away."""


class Closable(Protocol):
    """A callback for the engine whose display can be taken away for good, to print something else instead."""

    def __call__(self, done: int, total: int, what: str) -> None:
        """As `checkpoint.validation.engine.Progress`."""

    def close(self) -> None:
        """Shows nothing from now on."""


class _Silent:
    def __call__(self, done: int, total: int, what: str) -> None:
        """Nobody looks."""

    def close(self) -> None:
        """There is nothing to close."""


class _Shown:
    """Remembers the newest progress; a timer starts the display, which alone is slow to import.

    The timer, a thread, begins when there is something to show: until then this process can be copied.
    """

    def __init__(self) -> None:
        self._latest = (0, 0, "")
        self._display: Display | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._began = time.monotonic()
        self._timer: threading.Timer | None = None

    def __call__(self, done: int, total: int, what: str) -> None:
        with self._lock:
            self._latest = (done, total, what)
            if self._timer is None and not self._closed:
                self._timer = threading.Timer(max(0.0, self._began + PATIENCE - time.monotonic()), self.open)
                self._timer.daemon = True
                self._timer.start()
            if self._display:
                self._display.show(done, total, what)

    def open(self) -> None:
        display: Display = load("checkpoint.commands.progress_bar").Bar()
        with self._lock:
            if self._closed:
                display.close()
                return
            self._display = display
            display.show(*self._latest)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._timer:
                self._timer.cancel()
            if self._display:
                self._display.close()
                self._display = None


@contextmanager
def shown_progress(options: argparse.Namespace) -> Iterator[Closable]:
    """A callback for the engine; shows nothing with --quiet or --json, nor where standard error is no terminal."""
    if options.quiet or options.json or not sys.stderr.isatty():
        yield _Silent()
        return
    shown = _Shown()
    try:
        yield shown
    finally:
        shown.close()
