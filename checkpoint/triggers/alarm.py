"""Tells people, on every channel, what keeps checkpoints from being taken, and when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing, suppress

from checkpoint.errors import CheckpointError
from checkpoint.notify import Notice
from checkpoint.notify.delivery import open_outbox
from checkpoint.notify.rows import row
from checkpoint.triggers import outage
from checkpoint.triggers.setback import Setback, after, open_trouble, over, trouble


class Alarm:
    """The setback of one plan, if there is one now, and the trouble that people were told of, and not yet of its end.

    That is known across processes: by the outbox of the store in `folder`. `clock` gives seconds since the epoch;
    `wake` is called when there is something new in the outbox.
    """

    def __init__(
        self, folder: str, plan: str, channels: Iterable[str], clock: Callable[[], float], wake: Callable[[], object]
    ) -> None:
        self.setback: Setback | None = None
        self._folder = folder
        self._plan = plan
        self._channels = tuple(channels)
        self._clock = clock
        self._wake = wake
        with closing(open_outbox(folder)) as outbox:
            self._open = open_trouble(outbox.keys())

    def failed_again(self, error: CheckpointError) -> None:
        """Notes a failure of a run that is a process of its own: since when there is trouble is kept on the disk."""
        now = self._clock()
        since = now
        with suppress(CheckpointError):  # it may be what is in trouble
            since = outage.since(self._folder, now)
        first = Setback(error, since, since, "")
        self.setback = self.setback or (first if since < now else None)
        self.failed(error, now, "")

    def failed(self, error: CheckpointError, now: float, digest: str) -> bool:
        """Notes a failure (`now` by a monotonic clock) and the world that it met; whether it is not the last one again.

        People are told where they should hear of it.
        """
        is_new = self.setback is None or not self.setback.is_of(error)
        self.setback = after(self.setback, error, now, digest)
        if self.setback.is_news(now):
            notice = trouble(error, self._plan, self._clock())
            if self._tell(notice):
                self._open = notice.key
        return is_new

    def recovered(self) -> bool:
        """Notes that checkpoints are taken, and tells people who were told otherwise; whether there was a setback."""
        had_setback, self.setback = self.setback is not None, None
        outage.over(self._folder)
        if self._open and self._tell(over(self._open, self._plan, self._clock()), self._open) is not None:
            self._open = ""
        return had_setback

    def _tell(self, notice: Notice, ends: str = "") -> int | None:
        """How many channels are to carry it that have not had it yet; None where the outbox cannot be used."""
        try:
            with closing(open_outbox(self._folder)) as outbox:
                added = outbox.add(notice.at, [row(channel, notice) for channel in self._channels], ends)
        except CheckpointError:
            return None  # it may be what is in trouble, of a full disk: it is tried again with the next failure
        if added:
            self._wake()
        return added
