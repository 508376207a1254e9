"""Sends notices through notifiers, all at the same time; whatever one of them does, the checkpoint stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence

import msgspec

from checkpoint.notify import Notice, Notifier, NotifyError

TIME_LIMIT = 10.0
"""Seconds for one notifier and all of its notices."""


class Delivery(msgspec.Struct, frozen=True):
    """How many notices a notifier carried; `problem` says what kept it from the others, or is empty."""

    notifier: str
    sent: int
    problem: str = ""

    @property
    def is_degraded(self) -> bool:
        return bool(self.problem)


def deliver(
    notices: Sequence[Notice], notifiers: Iterable[Notifier], seconds: float = TIME_LIMIT
) -> tuple[Delivery, ...]:
    """Sends each notice, in order, through each notifier. Never raises, and returns within about `seconds`.

    A notice that fails does not keep the later ones from being tried. What a notifier does beyond its time limit is
    not waited for, and ends with this process.
    """
    couriers = [_Courier(notifier, notices) for notifier in notifiers] if notices else []
    for courier in couriers:
        courier.start()
    end = time.monotonic() + seconds
    return tuple(courier.outcome(end, seconds) for courier in couriers)


class _Courier(threading.Thread):
    """One notifier at work. A thread, since nothing else ends the wait for a library that does not return."""

    def __init__(self, notifier: Notifier, notices: Sequence[Notice]) -> None:
        super().__init__(name=f"notifier {notifier.name}", daemon=True)
        self._notifier = notifier
        self._notices = notices
        self._sent = 0
        self._problem = ""

    def run(self) -> None:
        for notice in self._notices:
            try:
                self._notifier.send(notice)
                self._sent += 1
            except NotifyError as error:
                self._problem = f"{error.what}: {error.why}" if error.why else error.what
            except BaseException as error:  # noqa: BLE001 - it may be anybody's code, and must fail alone
                # Its type only: the text of a foreign exception may hold an address with a secret in it.
                self._problem = f"failed with {type(error).__name__}"

    def outcome(self, end: float, seconds: float) -> Delivery:
        self.join(max(0.0, end - time.monotonic()))
        problem = f"did not end within {seconds:g} s" if self.is_alive() else self._problem
        return Delivery(self._notifier.name, self._sent, problem)
