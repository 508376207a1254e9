"""What keeps checkpoints from being taken: when to try again, and when to tell people."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterable

import msgspec

from checkpoint.errors import Busy, CheckpointError, PublishError
from checkpoint.notify import Notice
from checkpoint.redaction import redact

FIRST_WAIT = 10.0
LONGEST_WAIT = 600.0
BUSY_WAIT = 3.0
STALLED_WAIT = 900.0
"""Seconds after which what needs a person is tried again, although nothing that can be seen from here has changed."""
PATIENCE = 600.0
"""Seconds for which what may pass by itself is not worth a word to people."""
BUSY_PATIENCE = 3600.0
"""Seconds after which another run is rather stopped or stuck than at work."""
_ABOUT = "checkpoints"
_WORD = re.compile(r"(?<!\S)(?![a-f]{7,}(?!\S))[^\W\d_]+(?!\S)")
"""A word of letters, and no abbreviated commit: not a number, a path, or what is quoted."""


class Setback(msgspec.Struct, frozen=True):
    """The same failure, `tries` times; `digest` is the world it met. Times are seconds of a monotonic clock.

    `since` is when the first failure came since all was well, whichever: two that take turns are no less trouble.
    """

    error: CheckpointError
    since: float
    last: float
    digest: str
    tries: int = 1

    @property
    def needs_a_person(self) -> bool:
        """By the fixed table of failures: what is neither busy nor of the class `retry` will not pass by itself."""
        return not isinstance(self.error, Busy | PublishError)

    @property
    def again(self) -> float:
        """When to try again in the same world."""
        return self.last + self.wait

    @property
    def wait(self) -> float:
        """Seconds from the last try to the next one in the same world."""
        if isinstance(self.error, Busy):
            return BUSY_WAIT
        return STALLED_WAIT if self.needs_a_person else min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self.tries - 1, 10))

    def holds(self, now: float, digest: str) -> bool:
        """Whether it is too early to try again; a world that has changed is worth a try where a person was needed."""
        return now < self.again and not (self.needs_a_person and digest != self.digest)

    def is_of(self, error: CheckpointError) -> bool:
        """Whether this error is the same failure again."""
        return (type(self.error), self.error.what) == (type(error), error.what)

    def is_news(self, now: float) -> bool:
        """Whether people should hear of it."""
        patience = BUSY_PATIENCE if isinstance(self.error, Busy) else PATIENCE
        return self.needs_a_person or now - self.since >= patience


def after(last: Setback | None, error: CheckpointError, now: float, digest: str) -> Setback:
    """The setback that this failure makes of the last one."""
    if last is None or not last.is_of(error):
        return Setback(error, last.since if last else now, now, digest)
    return Setback(error, last.since, now, digest, last.tries + 1)


def trouble(error: CheckpointError, plan: str, now: float) -> Notice:
    """What people are told of it: once a day. `now` is in seconds since the epoch."""
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    details = getattr(error, "details", ())
    text = "\n".join(filter(None, (*details, error.why, error.mend and f"→ {error.mend}")))
    title = f"no checkpoint of {plan}: {error.what}"
    return Notice(f"trouble:{kind(error)}:{day}", plan, redact(title), redact(text), "bad", "trouble", now, _ABOUT)


def kind(error: CheckpointError) -> str:
    """What tells one failure from another: its class and, without what may differ each time, its words."""
    words = " ".join(word.lower().removesuffix("s") for word in _WORD.findall(error.what))
    return f"{type(error).__name__}-{hashlib.sha256(words.encode()).hexdigest()[:8]}"


def over(ends: str, plan: str, now: float) -> Notice:
    """What people are told when the trouble is over that they were told of under the key `ends`."""
    key = ends.replace("trouble:", "over:", 1)
    return Notice(key, plan, f"checkpoints of {plan} are taken again", "", "good", "trouble", now, _ABOUT)


def open_trouble(keys: Iterable[str]) -> str:
    """The key of the trouble that people were told of, and not of its end; "" where there is none.

    By the keys of all notices, newest first.
    """
    latest = next((key for key in keys if key.startswith(("trouble:", "over:"))), "")
    return latest if latest.startswith("trouble:") else ""
