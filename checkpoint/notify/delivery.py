"""Sends what waits in the outbox, on all channels at the same time; whatever one of them does, the others go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

from checkpoint import private
from checkpoint.documents import Told
from checkpoint.errors import Busy, CheckpointError
from checkpoint.notify import Notice, Notifier
from checkpoint.notify.channel import DOUBT, Channel, ended, trouble
from checkpoint.notify.rows import row
from checkpoint.store.database import Database
from checkpoint.store.lock import locked
from checkpoint.store.outbox import Outbox

TIME_LIMIT = 10.0
"""Seconds that a checkpoint by hand waits for its notices to be carried."""
HANGING = 120.0
"""Seconds after which a notifier that has not returned counts as degraded."""
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
    changes. As a context it starts and stops them; what one has begun by then ends with the process. `hanging` is
    how many seconds a notifier has for one notice before the others are told.
    """

    def __init__(
        self,
        folder: str,
        notifiers: Iterable[Notifier],
        clock: Callable[[], float] = time.time,
        report: Callable[[Told], None] = lambda told: None,
        hanging: float = HANGING,
    ) -> None:
        self._condition = threading.Condition()
        self._couriers = [_Courier(folder, each, clock, self._condition, report, hanging) for each in notifiers]

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
        hanging: float,
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
        self._hanging = hanging
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._sent = 0
        self._receipt = ""
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
        problem = self._problem if self.rests else self._problem or late
        told = Told(self.channel, self._sent, problem, self._receipt if self._sent else "")
        self._sent, self._problem = 0, ""
        return told

    def _turn(self) -> float | None:
        lock = os.path.join(self._folder, "couriers", f"{private.file_name(self.channel)}.lock")
        private.make_folder(os.path.dirname(lock))
        outbox = open_outbox(self._folder)
        try:
            with locked(lock, 0.0):
                return self._carry(Channel(self._notifier, outbox, self._clock, self._watched), outbox)
        except Busy:
            return None  # a courier of another process is at it
        finally:
            outbox.close()

    def _carry(self, channel: Channel, outbox: Outbox) -> float | None:
        due = channel.carry(self._stopped, _SOON, DOUBT)
        self._note(channel.sent, channel.problem, channel.receipt)
        if channel.change:
            self._tell_others(channel.change, outbox)
        return due

    @contextmanager
    def _watched(self, plan: str) -> Iterator[None]:
        """Says so where the notifier does not return: this thread cannot."""
        watch = threading.Timer(self._hanging, self._hangs, (plan,))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _hangs(self, plan: str) -> None:
        now, problem = self._clock(), f"it has not returned for {self._hanging:g} s"
        mend = "if it stays like this, stop checkpoint and start it again"
        try:
            with closing(open_outbox(self._folder)) as outbox:
                if outbox.degrade(self.channel, problem, now, mend):
                    self._tell_others(trouble(self.channel, plan, now, now, problem, mend), outbox)
        except CheckpointError as error:
            problem = f"{problem}; {error.line}"
        self._note(0, problem)

    def _tell_others(self, change: Notice, outbox: Outbox) -> None:
        if outbox.add(self._clock(), [row(each.channel, change) for each in self.others], ended(change.key)):
            for each in self.others:
                each.wake()

    def _note(self, sent: int, problem: str, receipt: str = "") -> None:
        with self._condition:
            is_new = sent or problem not in ("", self._problem)
            self._sent += sent
            self._problem = problem
            self._receipt = receipt
        if is_new:
            self._report(Told(self.channel, sent, problem, receipt))
