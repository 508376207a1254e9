"""One channel's notices, from the outbox to people: merged, paced, tried again, and never carried twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from checkpoint.notify import Notice, Notifier, NotifyError
from checkpoint.redaction import strip_controls
from checkpoint.store.outbox import Outbox, Outgoing, Row, State

BURST = 60.0
"""Seconds after its first posting within which a message is brought up to date rather than followed by another."""
MESSAGES = 20
"""New messages in an hour; from then on the last one is brought up to date, however old it is."""
DOUBT = 5.0
"""Seconds after which a message that may have arrived can be looked for."""
_HOUR = 3600.0
_FIRST_WAIT = 5.0
_LONGEST_WAIT = 900.0
_LONGEST_ASKED = 3600.0
"""Seconds that a service may ask for; what is due later than that was put in before a clock was set back."""
_PATIENCE = 3
"""Failures in a row from which on a channel counts as degraded."""
_TITLES = 100
_WORDS = 1000
"""Characters that are kept of a receipt or a problem."""


class Channel:
    """What there is to carry on one channel. Used by one thread of one process: the caller holds the channel's lock."""

    def __init__(self, notifier: Notifier, outbox: Outbox, clock: Callable[[], float]) -> None:
        self.name = notifier.name
        self.sent = 0
        self.problem = ""
        self.change: Notice | None = None
        """That the channel has become degraded, or works again: for the other channels to tell."""
        self._notifier = notifier
        self._outbox = outbox
        self._clock = clock
        self._repeatable = bool(getattr(notifier, "repeatable", False))
        self._resend = getattr(notifier, "resend", None)
        self._pace: float = getattr(notifier, "pace", 0.0)
        self._last = outbox.last(notifier.name) if self._pace else 0.0

    def carry(self, stop: threading.Event, patience: float) -> float | None:
        """Carries what is due, waiting at most `patience` seconds for what soon will be.

        Returns the seconds until the next notice is due, None where nothing waits.
        """
        while not stop.is_set():
            unsent = self._outbox.unsent(self.name)
            if not unsent:
                return None
            batch = next_batch(unsent)
            wait = self._due(batch) - self._clock()
            if patience < wait <= _LONGEST_ASKED:
                return wait
            if not 0 < wait <= patience or not stop.wait(wait):
                self._attempt(batch)
        return None

    def _due(self, batch: Sequence[Outgoing]) -> float:
        return max(self._last + self._pace, *(each.due for each in batch))

    def _attempt(self, batch: Sequence[Outgoing]) -> None:
        resumed = batch[0].state == "sending"
        replaces = batch[0].replaces if resumed else self._to_replace(batch)
        unsure = self._outbox.unsure(self.name)
        notice = self._merged(batch, replaces, unsure)
        if not resumed and not self._repeatable:
            now = self._clock()
            self._outbox.claim(batch, replaces, now, now + DOUBT)
        try:
            receipt = self._carried(notice, resumed)
        except NotifyError as error:
            self._failed(batch, error, resumed, unsure)
        else:
            self._succeeded(batch, receipt)
            self._outbox.admit(unsure)
        self._last = self._clock()

    def _carried(self, notice: Notice, resumed: bool) -> str:
        send = self._resend if resumed else self._notifier.send
        if send is None:
            why = "the try before was cut off, and this notifier cannot look"
            raise NotifyError("it is not known whether a notice arrived", why=why, doubtful=True)
        return carried(notice, send)

    def _succeeded(self, batch: Sequence[Outgoing], receipt: str) -> None:
        self._outbox.sent(batch, receipt, self._clock())
        self.sent += len(batch)
        self.problem = ""
        if self._outbox.recover(self.name):
            self.change = self._trouble(f"{self.name} carries notices again", "", batch[-1], "good")

    def _failed(self, batch: Sequence[Outgoing], error: NotifyError, resumed: bool, unsure: Sequence[Outgoing]) -> None:
        now, tries = self._clock(), max(each.tries for each in batch) + 1
        failures = tries + len({each.claim for each in unsure})
        self.problem = _plain(error.line)
        cannot_know = self._resend is None or (resumed and error.lasting)
        in_doubt = not self._repeatable and (error.doubtful or resumed)
        if in_doubt and cannot_know:
            self._outbox.give_up(batch, self.problem)
        else:
            state: State = "sending" if in_doubt else "waiting"
            self._outbox.postpone(batch, state, now + wait_after(error, tries), self.problem)
        if (error.lasting or failures >= _PATIENCE) and self._outbox.degrade(self.name, self.problem, now):
            said = f"{self.problem} → {_plain(error.mend)}" if error.mend else self.problem
            self.change = self._trouble(f"{self.name} is degraded: notices wait", said, batch[-1], "bad")

    def _trouble(self, title: str, text: str, last: Outgoing, level: Literal["good", "bad"]) -> Notice:
        now, what = self._clock(), "degraded" if level == "bad" else "recovered"
        return Notice(f"{what}:{self.name}:{now:.3f}", decoded(last).plan, title, text, level, "trouble", now)

    def _to_replace(self, batch: Sequence[Outgoing]) -> str:
        """The receipt of the message that this batch is to bring up to date; "" where it is to be a new one."""
        if not getattr(self._notifier, "edits", False) or decoded(batch[-1]).kind != "checkpoint":
            return ""
        now = self._clock()
        lately = [each for each in self._outbox.sent_since(self.name, now - _HOUR) if each.receipt]
        lately = [each for each in lately if decoded(each).kind == "checkpoint"]
        if not lately:
            return ""
        last = lately[-1].receipt
        posted = min(each.at for each in self._outbox.standing_in(self.name, last))
        is_crowded = len({each.receipt for each in lately}) >= MESSAGES
        return last if is_crowded or now - posted < BURST else ""

    def _merged(self, batch: Sequence[Outgoing], replaces: str, unsure: Sequence[Outgoing]) -> Notice:
        there = self._outbox.standing_in(self.name, replaces) if replaces else []
        earlier = tuple(decoded(each).title for each in (*there, *batch[:-1]))[-_TITLES:]
        doubted = tuple(decoded(each).title for each in unsure[-_TITLES:])
        return msgspec.structs.replace(decoded(batch[-1]), earlier=earlier, replaces=replaces, unsure=doubted)


def next_batch(unsent: Sequence[Outgoing]) -> list[Outgoing]:
    """What is to be one message: what was claimed together, else the checkpoints from the oldest notice on."""
    claimed = [each for each in unsent if each.state == "sending"]
    if claimed:
        return [each for each in claimed if each.claim == claimed[0].claim]
    batch = [unsent[0]]
    for each in unsent[1:]:
        if not decoded(each).kind == decoded(batch[0]).kind == "checkpoint":
            break
        batch.append(each)
    return batch


def wait_after(error: NotifyError, tries: int) -> float:
    """Seconds before the next try, whatever number a service has asked for."""
    asked = min(error.after, _LONGEST_ASKED) if error.after > 0 else 0.0
    if error.lasting:
        return max(asked, _LONGEST_WAIT)
    return asked or min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (tries - 1))


def carried(notice: Notice, send: Callable[[Notice], str | None]) -> str:
    """The receipt; "" where there is none. Raises NotifyError, whatever it is that `send` raises."""
    try:
        return _plain(str(send(notice) or ""))
    except NotifyError:
        raise
    except BaseException as error:
        # Its type only: the text of a foreign exception may hold an address with a secret in it.
        raise NotifyError(f"failed with {type(error).__name__}", doubtful=True) from error


def row(channel: str, notice: Notice) -> Row:
    """The notice as it is put into the outbox for a channel."""
    return (channel, notice.key, msgspec.json.encode(notice))


def decoded(outgoing: Outgoing) -> Notice:
    """The notice; where a later version has put in what this one cannot read, one that says so."""
    try:
        return msgspec.json.decode(outgoing.notice, type=Notice)
    except msgspec.DecodeError:
        return Notice(outgoing.key, "", "a notice that this version of checkpoint cannot read", "")


def _plain(words: str) -> str:
    """A notifier's own words, so that they can be kept and shown."""
    return strip_controls(words[:_WORDS])
