"""Takes the checkpoints for which there is a reason, and says what came of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from checkpoint.documents import Happening, Served
from checkpoint.errors import Busy, CheckpointError
from checkpoint.notify import Notifier
from checkpoint.orchestrator import Request
from checkpoint.report import Trigger
from checkpoint.triggers.lines import of_checkpoint, of_preview, served
from checkpoint.triggers.lookout import Lookout
from checkpoint.triggers.ping import Ping
from checkpoint.triggers.world import said
from checkpoint.wording import headline


class Taking:
    """Used by the one thread that takes checkpoints. `slot` is the scheduled one that is due and has had none yet.

    `carry` is called when there are notices to be sent, `patience` is how many seconds a checkpoint may take without a
    word ahead, `clock` gives seconds since the epoch.
    """

    def __init__(
        self,
        lookout: Lookout,
        notifiers: tuple[Notifier, ...],
        ping: Ping,
        say: Callable[[Served], None],
        carry: Callable[[], object],
        patience: float,
        clock: Callable[[], float],
    ) -> None:
        self.notifiers = notifiers
        self.slot = ""
        self._lookout = lookout
        self._ping = ping
        self._say = say
        self._carry = carry
        self._patience = patience
        self._clock = clock
        self._took = 0.0
        """Seconds that the last checkpoint took."""

    def take(self, news: tuple[str, ...], top: str) -> bool:
        """Takes a checkpoint where there is a reason to; whether it did. `top` is the folder that news are said from.

        That of a slot is one for the news, too, unless somebody else has taken it. Raises CheckpointError.
        """
        was_due = is_done = bool(self.slot)
        if was_due:
            self.tell("due", "a scheduled checkpoint is due", slot=self.slot)
            is_done = self._checkpoint("cron", self.slot) != "already-done"
            self.slot = ""
        if news and not is_done:
            self.tell("changed", "a first look" if self._lookout.is_new else said(news, top))
            self._preview(news)
            self._checkpoint("watch", self._lookout.slot())
        return was_due or bool(news)

    def tell(self, event: Happening, text: str, slot: str = "") -> None:
        self._say(served(event, text, self._clock(), slot))

    def _preview(self, news: tuple[str, ...]) -> None:
        """Says at once what is true of the teams that are concerned, where the checkpoint will take a while."""
        if self._took > self._patience and not self._lookout.is_new:
            for each in self._lookout.previews(news):
                self._say(of_preview(each, self._clock()))

    def _checkpoint(self, trigger: Trigger, slot: str) -> str:
        """Takes a checkpoint; its result."""
        began = time.monotonic()
        request = Request(os.urandom(8).hex(), slot, trigger)
        if trigger == "cron":
            self._ping.started(request.id)
        try:
            taken = self._lookout.take(request, self.notifiers, self._carry)
        except CheckpointError as error:
            if trigger == "cron" and not isinstance(error, Busy):
                self._ping.ended(request.id, error.exit_code, error.what)
            raise
        if trigger == "cron":
            self._ping.ended(request.id, 0, headline(taken.report))
        self._took = time.monotonic() - began
        self._say(of_checkpoint(taken, request, self._clock()))
        for note in taken.notes if taken.result != "already-done" else ():
            self.tell("note", note)
        return taken.result
