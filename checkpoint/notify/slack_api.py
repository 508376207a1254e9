"""The calls of Slack's that a notice needs, through slack-sdk: to post, to edit, and to look for what was posted.

slack-sdk's own retries are off: they post twice. It logs what it sends, so it gets a logger that says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from checkpoint.lazy import load
from checkpoint.notify.slack_errors import CannotLook, SlackError, expected, failed, load_library, refused
from checkpoint.notify.slack_limits import Block

SECONDS = 10.0
"""How long one answer is waited for."""

QUIET: dict[str, Any] = {"link_names": False, "parse": "none"}
"""Of every message: Slack looks for no names and links in it."""
NO_PREVIEWS: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}
"""Of a new message: nor does it show what a link leads to."""
_EVENT = "checkpoint"
_PAGE = 200
_PAGES = 100
_ID = re.compile(r"[CDG][A-Z0-9]{7,}")
_GONE = ("message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found", "is_inactive")
"""Why a message cannot be edited any more."""
_CANNOT_LOOK = ("missing_scope", "not_in_channel", "channel_not_found", "no_permission", "method_not_supported")
_MEND = "give the bot `channels:history` (of a private channel `groups:history`), and call it in: `/invite @bot`"
_MEND_NAME = "name the channel by its id in `slack-channel`, or give the bot `channels:read`"


class Said(msgspec.Struct, frozen=True):
    """What one message says: what notifications show, the blocks, and the key by which it is found again.

    `part` is "" for the root of a thread, and the reply's name for a reply.
    """

    text: str
    blocks: list[Block]
    key: str
    part: str = ""

    @property
    def arguments(self) -> dict[str, Any]:
        payload = {"key": self.key} | ({"part": self.part} if self.part else {})
        metadata = {"event_type": _EVENT, "event_payload": payload}
        return {"text": self.text, "blocks": self.blocks, "metadata": metadata, **QUIET}


class SlackApi:
    """Slack, as one bot sees it. A call raises SlackError where Slack does not do what it asks for."""

    def __init__(self, token: str, address: str, seconds: float = SECONDS) -> None:
        self._token = token
        self._address = address
        self._seconds = seconds

    def post(self, channel: str, said: Said, thread: str = "") -> tuple[str, str]:
        """A new message; its channel's id, and its time, which is its identity there."""
        more: dict[str, Any] = {"thread_ts": thread} if thread else {}
        answer = self._call("chat_postMessage", channel=channel, **said.arguments, **NO_PREVIEWS, **more)
        where, time = answer.get("channel"), answer.get("ts")
        if not isinstance(where, str) or not isinstance(time, str):
            raise refused(None, 200)
        return where, time

    def edit(self, channel: str, time: str, said: Said) -> bool:
        """Whether the message says this now; False where it is gone or cannot be edited any more."""
        try:
            self._call("chat_update", channel=channel, ts=time, **said.arguments)
        except SlackError as error:
            if error.code in _GONE:
                return False
            raise
        return True

    def find_root(self, channel: str, key: str, since: float) -> str:
        """The time of the message with that key; "" where there is none. Raises CannotLook."""
        found = self._look("conversations_history", channel=channel, oldest=f"{max(since, 0.0):.6f}")
        return next((time for time, each in found if each.get("key") == key), "")

    def find_reply(self, channel: str, root: str, part: str) -> str:
        """The time of the reply of that name in a thread; "" where there is none. Raises CannotLook."""
        found = self._look("conversations_replies", channel=channel, ts=root)
        return next((time for time, each in found if each.get("part") == part), "")

    def find_channel(self, name: str) -> str:
        """The id of a channel. Raises CannotLook."""
        if _ID.fullmatch(name):
            return name
        try:
            pages = self._pages("conversations_list", types="public_channel")
            every = (each for page in pages for each in page.get("channels") or ())
            found = next((each["id"] for each in every if each["name"] == name.removeprefix("#")), "")
        except SlackError as error:
            raise _blind(error, _MEND_NAME) from None
        if not found:
            raise CannotLook("Slack does not know the channel", why=name, mend=_MEND_NAME, doubtful=True, lasting=True)
        return str(found)

    def _look(self, method: str, **arguments: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The times and the payloads of our own messages."""
        try:
            for page in self._pages(method, include_all_metadata=True, **arguments):
                for message in page.get("messages") or ():
                    metadata = message.get("metadata") or {}
                    if metadata.get("event_type") == _EVENT:
                        yield message["ts"], metadata.get("event_payload") or {}
        except SlackError as error:
            raise _blind(error, _MEND) from None

    def _pages(self, method: str, **arguments: object) -> Iterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_PAGES):
            page = self._call(method, limit=_PAGE, **arguments, **({"cursor": cursor} if cursor else {}))
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        raise CannotLook("too much was posted meanwhile", doubtful=True, lasting=True)

    def _call(self, method: str, **arguments: object) -> Mapping[str, Any]:
        load_library()
        try:
            data: Mapping[str, Any] = getattr(self._client, method)(**arguments).data
        except expected() as error:
            raise failed(error) from None  # its words and what it holds may be a secret
        return data

    @cached_property
    def _client(self) -> Any:
        return load("slack_sdk.web.client").WebClient(
            self._token, base_url=self._address, timeout=self._seconds, retry_handlers=[], logger=silence()
        )


def silence() -> Any:
    """A logger of its own that takes nothing: slack-sdk prints failures otherwise."""
    logging = load("logging")
    return logging.Logger("checkpoint.notify.slack", logging.CRITICAL + 1)


def _blind(error: SlackError, mend: str) -> SlackError:
    if error.code not in _CANNOT_LOOK:
        return error
    blind = CannotLook(
        "it is not known whether a notice arrived", why=error.why, mend=mend, doubtful=True, lasting=True
    )
    blind.code = error.code
    return blind
