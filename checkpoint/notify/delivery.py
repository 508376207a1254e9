"""Sends what waits in the outbox, on all channels at the same time; whatever one of them does, the others go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable

from checkpoint import private
from checkpoint.documents import Told
from checkpoint.errors import Busy, CheckpointError
from checkpoint.notify import Notice, Notifier
from checkpoint.notify.channel import Channel, row
from checkpoint.store.database import Database
from checkpoint.store.lock import locked
from checkpoint.store.outbox import Outbox

TIME_LIMIT = 10.0
"""Seconds that a checkpoint by hand waits for its notices to be carried."""
_LOOK = 30.0
"""Seconds between two looks for what other processes have put in."""
_SOON = 3.0
"""Seconds that a courier waits with its channel's lock for a notice to fall due, as it does for a rate limit."""


def open_outbox(folder: str) -> Outbox:
    """The outbox of the store in that folder, for one thread."""
    return Outbox(Database(f"{folder}/journal.db"))


class Couriers:
    """A thread for each channel: nothing else ends the wait for a library that does not return.

    `folder` is the plan's store. `report` is called, by any thread, with what a channel carried, and when its problem
    changes. As a context it starts and stops them; what one has begun by then ends with the process.
    """

    def __init__(
        self,
        folder: str,
        notifiers: Iterable[Notifier],
        clock: Callable[[], float] = time.time,
        report: Callable[[Told], None] = lambda told: None,
    ) -> None:
        self._condition = threading.Condition()
        self._couriers = [_Courier(folder, each, clock, self._condition, report) for each in notifiers]

    def __enter__(self) -> Couriers:
        return self.start()

    def start(self) -> Couriers:
        for courier in self._couriers:
            courier.others = [other for other in self._couriers if other is not courier]
            courier.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def wake(self) -> None:
        """Says that there is something new in the outbox."""
        for courier in self._couriers:
            courier.wake()

    def wait(self, seconds: float = TIME_LIMIT) -> tuple[Told, ...]:
        """Waits until nothing is due any more, and says what was carried since the last time. Never raises."""
        with self._condition:
            self._condition.wait_for(lambda: all(each.rests for each in self._couriers), seconds)
            return tuple(each.taken(f"did not end within {seconds:g} s") for each in self._couriers)

    def stop(self) -> None:
        for courier in self._couriers:
            courier.stop()


class _Courier(threading.Thread):
    def __init__(
        self,
        folder: str,
        notifier: Notifier,
        clock: Callable[[], float],
        condition: threading.Condition,
        report: Callable[[Told], None],
    ) -> None:
        super().__init__(name=f"courier of {notifier.name}", daemon=True)
        self.others: list[_Courier] = []
        self.channel = notifier.name
        self.rests = False
        self._folder = folder
        self._notifier = notifier
        self._clock = clock
        self._condition = condition
        self._report = report
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._sent = 0
        self._problem = ""

    def run(self) -> None:
        while not self._stopped.is_set():
            self._woken.clear()
            try:
                due = self._turn()
            except CheckpointError as error:
                due = None
                self._note(0, error.line)
            except Exception as error:  # noqa: BLE001 - a courier that dies is a channel that nobody hears of
                due = None
                self._note(0, f"failed with {type(error).__name__}")
            with self._condition:
                self.rests = not self._woken.is_set()
                self._condition.notify_all()
            self._woken.wait(_LOOK if due is None else min(due, _LOOK))

    def wake(self) -> None:
        with self._condition:
            self.rests = False
            self._woken.set()

    def stop(self) -> None:
        self._stopped.set()
        self._woken.set()

    def taken(self, late: str) -> Told:
        """What was carried since the last time; `late` is said of one that is still at it."""
        told = Told(self.channel, self._sent, self._problem if self.rests else self._problem or late)
        self._sent, self._problem = 0, ""
        return told

    def _turn(self) -> float | None:
        lock = os.path.join(self._folder, "couriers", f"{private.file_name(self.channel)}.lock")
        private.make_folder(os.path.dirname(lock))
        outbox = open_outbox(self._folder)
        try:
            with locked(lock, 0.0):
                return self._carry(Channel(self._notifier, outbox, self._clock), outbox)
        except Busy:
            return None  # a courier of another process is at it
        finally:
            outbox.close()

    def _carry(self, channel: Channel, outbox: Outbox) -> float | None:
        due = channel.carry(self._stopped, _SOON)
        self._note(channel.sent, channel.problem)
        if channel.change:
            self._tell_others(channel.change, outbox)
        return due

    def _tell_others(self, trouble: Notice, outbox: Outbox) -> None:
        outbox.add(self._clock(), [row(each.channel, trouble) for each in self.others])
        for each in self.others:
            each.wake()

    def _note(self, sent: int, problem: str) -> None:
        with self._condition:
            is_new = sent or problem not in ("", self._problem)
            self._sent += sent
            self._problem = problem
        if is_new:
            self._report(Told(self.channel, sent, problem))
