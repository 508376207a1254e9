"""A Slack workspace with a bot in it: what its Web API and its webhooks take, refuse, keep and give back.

From docs.slack.dev. A channel's name serves for posting only; all else wants its id. Without `include_all_metadata`
no metadata comes back; replies are not part of a channel's history; a page may hold less than was asked for.
"""

import itertools
import math
import time
from collections.abc import Callable, Iterable
from typing import Any

from tests.helpers.slack_rules import Json, RefusedError, refuse_message
from tests.helpers.slack_state import Channel, Limit, Message, public, revision

SCOPES = frozenset({"chat:write", "channels:read", "channels:history"})
_NEEDED = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "conversations.history": "channels:history",
    "conversations.replies": "channels:history",
    "conversations.list": "channels:read",
}
_PAGE = 100


class Workspace:
    """Everything in Slack. `tokens` maps a token to why it is refused, "" where it is good. One thread at a time."""

    def __init__(
        self,
        *,
        scopes: Iterable[str] = SCOPES,
        pace: float = 1.0,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tokens = {"xoxb-1-good": ""}
        self.hooks = {"T1/B1/secret": "C0000PLANS"}
        self.scopes = set(scopes)
        self.channels = {each.id: each for each in (Channel("C0000PLANS", "plans"), Channel("C000BACKEND", "backend"))}
        self.messages: list[Message] = []
        self.limit = Limit(pace, burst, clock)
        self.page = 1000
        """The most messages that one page of a history holds: 15 for some apps."""
        self._numbers = itertools.count(1)

    def call(self, method: str, token: str, arguments: Json) -> dict[str, Any]:
        """One call of the Web API. Raises RefusedError with Slack's word for what is wrong."""
        works = {
            "auth.test": self._auth_test,
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "conversations.history": self._history,
            "conversations.replies": self._replies,
            "conversations.list": self._list,
        }
        if method not in works:
            raise RefusedError("unknown_method")
        if not token:
            raise RefusedError("not_authed")
        if refusal := self.tokens.get(token, "invalid_auth"):
            raise RefusedError(refusal)
        needed = _NEEDED.get(method, "")
        if needed and needed not in self.scopes:
            raise RefusedError("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
        return {"ok": True, **works[method](arguments)}

    def hook(self, path: str, arguments: Json) -> None:
        """One message to an incoming webhook. Raises RefusedError."""
        if path not in self.hooks:
            raise RefusedError("no_service")
        channel = self.channels[self.hooks[path]]
        if channel.archived:
            raise RefusedError("channel_is_archived")
        if channel.refusal:
            raise RefusedError("action_prohibited")
        refuse_message(arguments)
        self.limit.take(channel.id)
        self._accept(channel, arguments, "webhook")

    def delete(self, message: Message) -> None:
        """Somebody deletes a message; where it has replies, a tombstone stays, to which nothing can be added."""
        message.deleted = True

    def _auth_test(self, arguments: Json) -> Json:
        return {"url": "https://example.slack.com/", "team": "Example", "user": "checkpoint", "bot_id": "B1"}

    def _post(self, arguments: Json) -> Json:
        channel = self._named(arguments.get("channel"))
        if not channel.member:
            raise RefusedError("not_in_channel")
        if channel.archived or channel.refusal:
            raise RefusedError("is_archived" if channel.archived else channel.refusal)
        refuse_message(arguments)
        thread = str(arguments.get("thread_ts") or "")
        if thread and not any(not each.thread and not each.deleted for each in self._at(channel.id, thread)):
            raise RefusedError("thread_not_found")
        self.limit.take(channel.id)
        message = self._accept(channel, arguments, "bot")
        return {"channel": channel.id, "ts": message.ts, "message": public(message, True)}

    def _accept(self, channel: Channel, arguments: Json, by: str) -> Message:
        now = time.time()
        ts = f"{int(now)}.{next(self._numbers):06}"
        message = Message(channel.id, ts, str(arguments.get("thread_ts") or ""), by, [revision(arguments, now)])
        self.messages.append(message)
        return message

    def _update(self, arguments: Json) -> Json:
        channel = self._identified(arguments.get("channel"))
        found = next((each for each in self._at(channel.id, arguments.get("ts")) if not each.deleted), None)
        if found is None:
            raise RefusedError("message_not_found")
        if found.by != "bot":
            raise RefusedError("cant_update_message")
        if not channel.edits:
            raise RefusedError("edit_window_closed")
        refuse_message(arguments)
        kept = {} if arguments.get("metadata") is not None else {"metadata": found.last.metadata}
        found.revisions.append(revision({**arguments, **kept}, time.time()))
        return {"channel": channel.id, "ts": found.ts, "text": found.last.text}

    def _history(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        roots = [each for each in self.messages if each.channel == channel.id and not each.thread and not each.deleted]
        return self._paged(_between(roots, arguments)[::-1], arguments)

    def _replies(self, arguments: Json) -> Json:
        channel = self._readable(arguments)
        thread = str(arguments.get("ts") or "")
        found = [each for each in self.messages if each.channel == channel.id and thread in (each.ts, each.thread)]
        if not any(each.ts == thread for each in found):
            raise RefusedError("thread_not_found")
        return self._paged(_between([each for each in found if not each.deleted], arguments), arguments)

    def _list(self, arguments: Json) -> Json:
        every = [{"id": each.id, "name": each.name, "is_archived": each.archived} for each in self.channels.values()]
        start, size = _window(arguments, self.page)
        return {
            "channels": every[start : start + size],
            "response_metadata": {"next_cursor": _cursor(every, start + size)},
        }

    def _paged(self, messages: list[Message], arguments: Json) -> Json:
        start, size = _window(arguments, self.page)
        every = _flag(arguments, "include_all_metadata")
        cursor = _cursor(messages, start + size)
        page = [public(each, every) for each in messages[start : start + size]]
        return {"messages": page, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}

    def _named(self, name: object) -> Channel:
        found = (each for each in self.channels.values() if name in (each.id, each.name, f"#{each.name}"))
        return _found(next(found, None))

    def _identified(self, name: object) -> Channel:
        return _found(self.channels.get(str(name)))

    def _readable(self, arguments: Json) -> Channel:
        channel = self._identified(arguments.get("channel"))
        if not channel.member:
            raise RefusedError("not_in_channel")
        return channel

    def _at(self, channel: str, ts: object) -> list[Message]:
        return [each for each in self.messages if each.channel == channel and each.ts == ts]


def _found(channel: Channel | None) -> Channel:
    if channel is None:
        raise RefusedError("channel_not_found")
    return channel


def _between(messages: list[Message], arguments: Json) -> list[Message]:
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or math.inf)
    inclusive = _flag(arguments, "inclusive")
    return [
        each
        for each in messages
        if oldest < float(each.ts) < latest or (inclusive and float(each.ts) in (oldest, latest))
    ]


def _flag(arguments: Json, name: str) -> bool:
    return str(arguments.get(name, "0")).lower() in ("1", "true")


def _window(arguments: Json, most: int) -> tuple[int, int]:
    """Where the page starts, and how much it holds."""
    cursor = str(arguments.get("cursor") or "")
    if cursor and not cursor.startswith("next:"):
        raise RefusedError("invalid_cursor")
    limit = int(arguments.get("limit") or _PAGE)
    if not 1 <= limit <= 1000:
        raise RefusedError("invalid_limit")
    return int(cursor.removeprefix("next:") or 0), min(limit, most)


def _cursor(every: list[Any], end: int) -> str:
    return f"next:{end}" if end < len(every) else ""
