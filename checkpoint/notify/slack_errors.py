"""What Slack's refusals and a network's failures mean: try again, wait, look whether it arrived, or call a person."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from typing import Any

from checkpoint.lazy import load
from checkpoint.notify import NotifyError

_WAIT = 30.0
"""Seconds to wait where Slack does not say how many."""
_LONGEST = 3600.0
_LIMITED = ("ratelimited", "rate_limited")
_MAYBE_DONE = ("internal_error", "fatal_error", "service_unavailable", "rollup_error")
"""Errors by which Slack says that it may have done a part of the work, or all of it."""

_BOT = "put a valid bot token where `slack-token` says"
_HOOK = "make a new webhook, and put its address where `slack-webhook` says"
_ADDRESS = "mend what stands where `slack-webhook` says, or `slack-api`"
_ADMIN = "ask an administrator of the workspace to let the bot post there"
_MENDS = {
    "not_authed": _BOT,
    "invalid_auth": _BOT,
    "account_inactive": _BOT,
    "token_revoked": _BOT,
    "token_expired": _BOT,
    "not_allowed_token_type": _BOT,
    "missing_scope": "add the scope to the app (OAuth & Permissions), and install it again",
    "channel_not_found": "mend `slack-channel`; into a private channel, call the bot by `/invite @bot`",
    "not_in_channel": "call the bot into the channel: `/invite @bot`",
    "is_archived": "unarchive the channel, or name another: `slack-channel`",
    "channel_is_archived": "unarchive the channel, or name another: `slack-channel`",
    "no_permission": _ADMIN,
    "ekm_access_denied": _ADMIN,
    "access_denied": _ADMIN,
    "action_prohibited": _ADMIN,
    "posting_to_general_channel_denied": _ADMIN,
    "invalid_token": _HOOK,
    "no_service": _HOOK,
    "no_service_id": _HOOK,
    "no_team": _HOOK,
    "team_disabled": _HOOK,
}
_CODE = re.compile(r"[a-z_:,.]{1,80}")
_LOADING = threading.Lock()


class SlackError(NotifyError):
    """A notice that Slack did not take. `code` is Slack's word for why, "" where it said none."""

    code = ""


class CannotLook(SlackError):
    """Nobody can find out whether a notice arrived."""


def load_library() -> None:
    """Imports slack-sdk, whose modules import each other: two threads at once would each find half of it."""
    with _LOADING:
        load("slack_sdk")


def expected() -> tuple[type[Exception], ...]:
    """What slack-sdk raises where a call comes to nothing; `failed` says what it means."""
    return (load("slack_sdk.errors").SlackClientError, load("http.client").HTTPException, OSError, ValueError)


def refused(code: object, status: int, after: object = "", needed: object = "") -> SlackError:
    """What an answer of Slack's means; `after` is its Retry-After, in seconds, `needed` the scope that is missing."""
    word = code if isinstance(code, str) and _CODE.fullmatch(code) else ""
    if status == 429 or word in _LIMITED:
        error = SlackError("Slack asks for patience", why="too many messages", after=seconds(after))
    elif status >= 500 or word in _MAYBE_DONE or (not word and status < 400):
        why = word or f"its answer is not what Slack answers (status {status})"
        error = SlackError("Slack failed", why=why, doubtful=True)
    else:
        error = _said_no(word or f"status {status}", needed)
    error.code = word
    return error


def _said_no(code: str, needed: object) -> SlackError:
    scope = f" `{needed}`" if isinstance(needed, str) and _CODE.fullmatch(needed) else ""
    mend = _MENDS.get(code, _ADMIN if code.startswith("restricted_action") else "")
    return SlackError("Slack refuses", why=code + scope, mend=mend, lasting=bool(mend))


def retry_after(headers: Mapping[str, object]) -> object:
    """The header of that name, however it is written; "" where there is none."""
    return {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "")


def seconds(after: object) -> float:
    """A Retry-After as seconds, within reason."""
    word = str(after).strip()
    return min(float(word), _LONGEST) if word.isascii() and word.isdigit() else _WAIT


def failed(error: Exception) -> SlackError:
    """What slack-sdk's exception means. Its own words are not used: they may hold a token, or a webhook's address."""
    if isinstance(error, load("slack_sdk.errors").SlackApiError):
        return _answered(error)
    if isinstance(error, (load("slack_sdk.errors").SlackRequestError, load("http.client").InvalidURL)):
        return SlackError("Slack's address is none", why=type(error).__name__, mend=_ADDRESS, lasting=True)
    if isinstance(error, load("urllib.error").URLError):
        # urllib raises it where the request was not sent to its end, so that nobody can have accepted it.
        return SlackError("Slack cannot be reached", why=_reason(error))
    return SlackError("Slack did not answer", why=type(error).__name__, doubtful=True)


def _answered(error: Any) -> SlackError:
    answer = error.response
    data = answer.data if isinstance(answer.data, Mapping) else {}
    return refused(data.get("error"), answer.status_code, retry_after(answer.headers), data.get("needed"))


def _reason(error: Any) -> str:
    reason = error.reason
    return (reason.strerror if isinstance(reason, OSError) else "") or type(reason).__name__
