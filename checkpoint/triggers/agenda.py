"""When to look next: hints are gathered, but no look waits for ever, and none needs a hint."""

from __future__ import annotations

from math import inf

import msgspec

BACK_OFF = 600.0
"""Seconds between two polls of a remote that fails, at most."""


SHARE = 0.003
"""Of a core, that looks at everything may take."""


class Agenda(msgspec.Struct, frozen=True):
    """What is to be done, and when; each method that tells it something returns the agenda that follows.

    All times are of one monotonic clock, in seconds. `poll` is how often the remote is asked, 0 for never. `rescan` is
    how often everything is looked at, where the last such look did not `cost` more than `SHARE` of that time. A new
    agenda is due at once.
    """

    poll: float = 30.0
    rescan: float = 60.0
    settle: float = 2.0
    patience: float = 30.0
    first_hint: float = inf
    last_hint: float = -inf
    last_look: float = -inf
    cost: float = 0.0
    last_poll: float = -inf
    failures: int = 0

    def hint(self, now: float) -> Agenda:
        """Something happened: a look is due `settle` seconds after the last hint, `patience` after the first."""
        return msgspec.structs.replace(self, first_hint=min(self.first_hint, now), last_hint=now)

    def answered(self, began: float) -> Agenda:
        """A look that began then has answered every hint before it, by going where the hints were from."""
        left = self.last_hint if self.last_hint > began else None
        first, last = (inf, -inf) if left is None else (left, left)
        return msgspec.structs.replace(self, first_hint=first, last_hint=last)

    def looked(self, began: float, cost: float = 0.0) -> Agenda:
        """A look at everything that began then has answered every hint before it; `cost` is in seconds of CPU."""
        return msgspec.structs.replace(self.answered(began), last_look=began, cost=cost)

    def polled(self, now: float, *, failed: bool = False) -> Agenda:
        """The remote was asked. After each failure in a row the next poll is twice as far away."""
        return msgspec.structs.replace(self, last_poll=now, failures=self.failures + 1 if failed else 0)

    def due(self, now: float) -> bool:
        """Whether it is time to look."""
        return now >= self._look_at()

    def rescan_due(self, now: float) -> bool:
        """Whether it is time to look at everything, whatever was hinted at."""
        return now >= self._rescan_at()

    def poll_due(self, now: float) -> bool:
        """Whether it is time to ask the remote."""
        return now >= self._poll_at()

    def wait(self, now: float) -> float:
        """Seconds until something is due, if nothing happens before; 0 where something is."""
        return max(0.0, min(self._look_at(), self._poll_at()) - now)

    def _look_at(self) -> float:
        hinted = min(max(self.first_hint, self.last_hint + self.settle), self.first_hint + self.patience)
        return min(hinted, self._rescan_at())

    def _rescan_at(self) -> float:
        return self.last_look + max(self.rescan, self.cost / SHARE)

    def _poll_at(self) -> float:
        if not self.poll:
            return inf
        return self.last_poll + max(self.poll, min(BACK_OFF, self.poll * 2.0 ** min(self.failures, 20)))
