"""One notice in one channel of Slack: a message, and in its thread what is to be done next."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, TypeVar

import msgspec

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.notify import Notice
from checkpoint.notify.slack_api import Said, SlackApi
from checkpoint.notify.slack_blocks import bare, fallback, reply, root
from checkpoint.notify.slack_errors import SlackError

T = TypeVar("T")

PACE = 1.0
"""Seconds between two messages in a channel: what Slack asks for."""
MARGIN = 600.0
"""Seconds by which this machine's clock may differ from Slack's."""
_PART = "actions"
_NO_THREAD = ("thread_not_found", "message_not_found", "cannot_reply_to_message", "thread_locked")
"""Somebody has deleted the message meanwhile, or closed its thread: they want to read no more of it."""
REFUSED_BLOCKS = ("invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long")
"""Slack's words for blocks that it does not take."""


class Posted(msgspec.Struct, frozen=True):
    """Where a notice stands: the id of the channel, and the times of message and reply; "" where there is none."""

    channel: str = ""
    root: str = ""
    reply: str = ""

    @property
    def receipt(self) -> str:
        return " ".join(filter(None, msgspec.structs.astuple(self)))

    @classmethod
    def of(cls, receipt: str) -> Posted:
        return cls(*receipt.split()[:3])


class Mark(msgspec.Struct, frozen=True):
    """What has been said of the last notice, and where it stands; `name` is the channel as the configuration has it.

    `said`: of the two, the message alone, or all, or the message and, as far as we know, `perhaps` all.
    """

    name: str = ""
    key: str = ""
    place: Posted = Posted()
    said: Literal["message", "perhaps", "all"] = "message"


# Made before there are threads: see `rows`.
_MARK = msgspec.json.Decoder(Mark)


class MarkFile:
    """The mark of one notifier, in a file. It saves looking; where it is lost, or cannot be kept, we look."""

    def __init__(self, folder: str, notifier: str) -> None:
        self._folder = folder
        self._path = os.path.join(folder, f"{private.file_name(notifier)}.json") if folder else ""

    def read(self) -> Mark:
        with suppress(Stalled, msgspec.DecodeError):
            return _MARK.decode(private.read(self._path) or b"{}")
        return Mark()

    def write(self, mark: Mark) -> None:
        with suppress(Stalled):
            private.make_folder(self._folder)
            private.write(self._path, msgspec.json.encode(mark))


class SlackMessage:
    """One notice on its way. With `look`, parts of it may be there already: they are looked for, and not said again."""

    def __init__(
        self,
        api: SlackApi,
        marks: MarkFile,
        channel: str,
        notice: Notice,
        wait: Callable[[float], object],
        *,
        look: bool,
    ) -> None:
        self._api = api
        self._marks = marks
        self._channel = channel
        self._notice = notice
        self._wait = wait
        self._look = look
        known = marks.read()
        self._known = known if known.name == channel else Mark(channel)
        self._mark = self._known if look and self._known.key == notice.key else Mark(channel, notice.key)

    def carry(self) -> str:
        """Says what is not said yet; the receipt. Raises NotifyError, doubtful where a part of it stands."""
        self._say_root()
        try:
            self._say_reply()
        except SlackError as error:
            error.doubtful = True
            raise
        return self._mark.place.receipt

    def _say_root(self) -> None:
        if self._mark.place.root:
            return
        said = Said(fallback(self._notice), root(self._notice), self._notice.key)
        old = Posted.of(self._notice.replaces)
        if old.root and self._edited(old.channel, old.root, said):
            self._note(old, "perhaps" if self._look else "message")
        elif self._look and (found := self._find_root(old.channel)):
            self._note(found, "perhaps")
        else:
            self._note(Posted(*self._posted(self._channel, said)))

    def _find_root(self, channel: str) -> Posted | None:
        channel = channel or self._known.place.channel or self._api.find_channel(self._channel)
        time = self._api.find_root(channel, self._notice.key, self._notice.at - MARGIN)
        return Posted(channel, time) if time else None

    def _say_reply(self) -> None:
        blocks = reply(self._notice) if self._notice.kind == "checkpoint" else []
        if not blocks or self._mark.said == "all":
            return
        place = self._mark.place
        said = Said(f"What is next: {fallback(self._notice)}", blocks, self._notice.key, _PART)
        time = place.reply or self._find_reply()
        self._wait(PACE)
        if not time or not self._edited(place.channel, time, said):
            time = self._post_reply(said)
        self._note(msgspec.structs.replace(place, reply=time), "all")

    def _find_reply(self) -> str:
        place = self._mark.place
        return self._api.find_reply(place.channel, place.root, _PART) if self._mark.said == "perhaps" else ""

    def _post_reply(self, said: Said) -> str:
        """The time of the new reply; "" where the thread is no more."""
        place = msgspec.structs.replace(self._mark.place, reply="")
        self._note(place, "perhaps")
        try:
            return self._posted(place.channel, said, place.root)[1]
        except SlackError as error:
            if error.code in _NO_THREAD:
                return ""
            self._note(place, "perhaps" if error.doubtful else "message")
            raise

    def _note(self, place: Posted, said: Literal["message", "perhaps", "all"] = "message") -> None:
        self._mark = Mark(self._channel, self._notice.key, place, said)
        self._marks.write(self._mark)

    def _posted(self, channel: str, said: Said, thread: str = "") -> tuple[str, str]:
        return self._taken(lambda words: self._api.post(channel, words, thread), said)

    def _edited(self, channel: str, time: str, said: Said) -> bool:
        return self._taken(lambda words: self._api.edit(channel, time, words), said)

    def _taken(self, call: Callable[[Said], T], said: Said) -> T:
        """What a call returns; where Slack does not take the blocks, with next to none of them."""
        try:
            return call(said)
        except SlackError as error:
            if error.code not in REFUSED_BLOCKS:
                raise
        return call(msgspec.structs.replace(said, blocks=bare(self._notice)))
