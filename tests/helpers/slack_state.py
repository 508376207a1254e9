"""What a Slack workspace is made of: channels, messages with all that they ever said, and how many may be posted."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.helpers.slack_expansions import expansions, shown
from tests.helpers.slack_rules import TEXT, Json, RefusedError


@dataclass
class Channel:
    """A channel of the workspace. `refusal` is why nobody may post in it, "" where they may."""

    id: str
    name: str
    member: bool = True
    archived: bool = False
    refusal: str = ""
    edits: bool = True


@dataclass(frozen=True)
class Revision:
    """What a message said from a moment on (`at`, seconds since the epoch): posted, or edited."""

    at: float
    text: str
    blocks: list[Any]
    metadata: Json
    expansions: list[str]

    @property
    def shown(self) -> str:
        """All that people read, a line for each text."""
        return "\n".join(shown(self.blocks)) if self.blocks else self.text


@dataclass
class Message:
    """A message that was accepted. `ts` is its identity within the channel, `thread` that of its root, or ""."""

    channel: str
    ts: str
    thread: str
    by: str
    revisions: list[Revision] = field(default_factory=list)
    deleted: bool = False

    @property
    def last(self) -> Revision:
        return self.revisions[-1]

    @property
    def key(self) -> str:
        return str(self.last.metadata.get("event_payload", {}).get("key", ""))


class Limit:
    """A bucket of messages for each channel: `burst` at once, one more every `pace` seconds; 0 is without limit."""

    def __init__(self, pace: float, burst: int, clock: Callable[[], float]) -> None:
        self.pace, self.burst, self._clock = pace, burst, clock
        self._level: dict[str, tuple[float, float]] = {}

    def take(self, channel: str) -> None:
        now = self._clock()
        level, since = self._level.get(channel, (float(self.burst), now))
        level = min(float(self.burst), level + (now - since) / self.pace) if self.pace else 1.0
        if level < 1.0:
            raise RefusedError("ratelimited", after=max(1, math.ceil((1.0 - level) * self.pace)))
        self._level[channel] = (level - 1.0, now)


def revision(arguments: Json, now: float) -> Revision:
    text = str(arguments.get("text") or "")
    metadata = arguments.get("metadata") or {}
    return Revision(now, text[:TEXT], list(arguments.get("blocks") or []), metadata, expansions(arguments))


def public(message: Message, with_metadata: bool) -> dict[str, Any]:
    """The message as Slack gives it back."""
    known: dict[str, Any] = {"type": "message", "bot_id": "B1", "ts": message.ts, "text": message.last.text}
    known["blocks"] = message.last.blocks
    if message.thread:
        known["thread_ts"] = message.thread
    if with_metadata and message.last.metadata:
        known["metadata"] = message.last.metadata
    return known
