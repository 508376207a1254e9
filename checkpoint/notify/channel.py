"""One channel's notices, from the outbox to people: merged, paced, tried again, and never carried twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import msgspec

from checkpoint.notify import Notice, Notifier, NotifyError
from checkpoint.notify.rows import decoded
from checkpoint.redaction import strip_controls
from checkpoint.store.outbox import Message, Outbox, Outgoing, State

BURST = 60.0
"""Seconds after its first posting within which a message is brought up to date rather than followed by another."""
MESSAGES = 20
"""New messages in an hour; from then on the last one is brought up to date, however old it is, or, where it cannot be,
the next one waits."""
CROWDED = 180.0
"""Seconds that it then waits after the last one: whatever comes until then is one message."""
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

    def __init__(
        self,
        notifier: Notifier,
        outbox: Outbox,
        clock: Callable[[], float],
        watch: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        """`watch` is given the plan's name, and what it returns is entered while the notifier is at work."""
        self.name = notifier.name
        self.sent = 0
        self.receipt = ""
        """Where the last one is, in the notifier's own words."""
        self.problem = ""
        self.change: Notice | None = None
        """That the channel has become degraded, or works again: for the other channels to tell."""
        self._notifier = notifier
        self._outbox = outbox
        self._clock = clock
        self._watch = watch
        self._repeatable = bool(getattr(notifier, "repeatable", False))
        self._resend = getattr(notifier, "resend", None)
        self._edits = bool(getattr(notifier, "edits", False))
        self._is_limited = not self._edits and not getattr(notifier, "silent", False)
        self._pace: float = getattr(notifier, "pace", 0.0)
        self._last = outbox.last(notifier.name) if self._pace else 0.0

    def carry(self, stop: threading.Event, patience: float, doubt: float = 0.0) -> float | None:
        """Carries what is due, waiting at most `patience` seconds for what soon will be.

        `doubt` is how many seconds it waits for a notice whose courier died: nobody else may come who looks for it.
        Returns the seconds until the next notice is due, None where nothing waits.
        """
        while not stop.is_set():
            unsent = self._outbox.unsent(self.name)
            if not unsent:
                return None
            batch = next_batch(unsent)
            wait = self._due(batch) - self._clock()
            bearable = max(patience, doubt) if _was_cut_off(batch) else patience
            if bearable < wait <= _LONGEST_ASKED:
                return wait
            if not 0 < wait <= bearable or not stop.wait(wait):
                self._attempt(batch)
        return None

    def due(self) -> float | None:
        """When what waits is tried next, in seconds since the epoch; None where nothing waits."""
        unsent, now = self._outbox.unsent(self.name), self._clock()
        due = self._due(next_batch(unsent)) if unsent else None
        return now if due and due - now > _LONGEST_ASKED else due

    def _due(self, batch: Sequence[Outgoing]) -> float:
        return max(self._last + self._pace, self._free(), *(each.due for each in batch))

    def _free(self) -> float:
        """When there is room for one more message."""
        if not self._is_limited:
            return 0.0
        now = self._clock()
        lately = self._outbox.lately(self.name, now - _HOUR, now)
        return lately.last + CROWDED if lately.times >= MESSAGES else 0.0

    def _attempt(self, batch: Sequence[Outgoing]) -> None:
        resumed = batch[0].state == "sending"
        replaces = batch[0].replaces if resumed else self._to_replace(batch)
        unsure = self._outbox.unsure(self.name)
        notice = self._merged(batch, replaces, unsure)
        if not resumed and not self._repeatable:
            now = self._clock()
            self._outbox.claim(batch, replaces, now, now + DOUBT)
        try:
            with self._watch(notice.plan):
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
        self.receipt = "" if self._edits else receipt
        self.problem = ""
        if since := self._outbox.recover(self.name):
            self.change = trouble(self.name, decoded(batch[-1]).plan, self._clock(), since)

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
        mend = _plain(error.mend)
        if (error.lasting or failures >= _PATIENCE) and self._outbox.degrade(self.name, self.problem, now, mend):
            self.change = trouble(self.name, decoded(batch[-1]).plan, now, now, self.problem, mend)

    def _to_replace(self, batch: Sequence[Outgoing]) -> str:
        """The receipt of the message that this batch is to bring up to date; "" where it is to be a new one."""
        if not self._edits or batch[-1].kind != "checkpoint":
            return ""
        now = self._clock()
        lately = self._outbox.lately(self.name, now - _HOUR, now)
        if not lately.receipt:
            return ""
        is_fresh = now - self._outbox.message(self.name, lately.receipt).posted < BURST
        return lately.receipt if is_fresh or lately.messages >= MESSAGES else ""

    def _merged(self, batch: Sequence[Outgoing], replaces: str, unsure: Sequence[Outgoing]) -> Notice:
        there = self._outbox.message(self.name, replaces) if replaces else Message()
        before = (*there.notices, *batch[:-1])
        folded = self._outbox.folded(self.name) if batch[-1].kind == "checkpoint" else 0
        return msgspec.structs.replace(
            decoded(batch[-1]),
            earlier=tuple(decoded(each).title for each in before[-_TITLES:]),
            more=there.older + max(0, len(before) - _TITLES) + folded,
            replaces=replaces,
            unsure=tuple(decoded(each).title for each in unsure),
        )


def next_batch(unsent: Sequence[Outgoing]) -> list[Outgoing]:
    """What is to be one message: what was claimed together, else the checkpoints from the oldest notice on."""
    claimed = [each for each in unsent if each.state == "sending"]
    if claimed:
        return [each for each in claimed if each.claim == claimed[0].claim]
    batch = [unsent[0]]
    for each in unsent[1:]:
        if not each.kind == batch[0].kind == "checkpoint":
            break
        batch.append(each)
    return batch


def trouble(channel: str, plan: str, now: float, since: float, problem: str = "", mend: str = "") -> Notice:
    """What the other channels are told of one that fails `since` then or, without a problem, works again.

    Once a day: its key says on which day it began to fail. That of its end differs in its first word alone.
    """
    name = f"{channel}:{time.strftime('%Y-%m-%d', time.gmtime(since))}"
    about = f"the channel {channel}"
    if not problem:
        return Notice(f"recovered:{name}", plan, f"{channel} carries notices again", "", "good", "trouble", now, about)
    text = f"{problem} → {mend}" if mend else problem
    return Notice(f"degraded:{name}", plan, f"{channel} is degraded: notices wait", text, "bad", "trouble", now, about)


def ended(key: str) -> str:
    """The key of the trouble of which the notice of that key tells the end; "" where it does not."""
    return key.replace("recovered:", "degraded:", 1) if key.startswith("recovered:") else ""


def _was_cut_off(batch: Sequence[Outgoing]) -> bool:
    """Whether whoever claimed these died at it: the channel's lock is ours, and no failure is noted."""
    return batch[0].state == "sending" and not batch[0].tries


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


def _plain(words: str) -> str:
    """A notifier's own words, so that they can be kept and shown."""
    return strip_controls(words[:_WORDS])
