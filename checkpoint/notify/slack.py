"""Tells Slack channels: by a bot, whose messages are brought up to date and have threads, or by an incoming webhook."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from checkpoint import credentials
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier, NotifyError
from checkpoint.notify.slack_api import NO_PREVIEWS, QUIET, SECONDS, SlackApi, silence
from checkpoint.notify.slack_blocks import bare, fallback, whole
from checkpoint.notify.slack_errors import CannotLook, SlackError, expected, failed, load_library, refused, retry_after
from checkpoint.notify.slack_message import PACE, REFUSED_BLOCKS, MarkFile, SlackMessage


class SlackNotifier:
    """One channel, told by a bot: a message a checkpoint, and what is to be done next in its thread."""

    template = "slack"
    pace = PACE
    edits = True

    def __init__(
        self,
        name: str,
        channel: str,
        team: str,
        means: Means,
        *,
        seconds: float = SECONDS,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        """`seconds` is how long an answer is waited for, `wait` what passes the time between two messages."""
        self.name = name
        self.team = team
        self._channel = channel
        self._means = means
        self._seconds = seconds
        self._wait = wait

    def send(self, notice: Notice) -> str:
        return self._message(notice, look=False).carry()

    def resend(self, notice: Notice) -> str:
        """Raises NotifyError; a lasting one only where nobody can find out what has arrived."""
        try:
            return self._message(notice, look=True).carry()
        except CannotLook:
            raise
        except NotifyError as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend, after=error.after, doubtful=True) from None

    def _message(self, notice: Notice, *, look: bool) -> SlackMessage:
        if not self._channel:
            raise NotifyError(
                "no Slack channel is named", mend='set `slack-channel`, as in `slack-channel = "#plans"`', lasting=True
            )
        token = _secret(self._means.slack_token, "slack-token", self._means)
        api = SlackApi(token, _address(self._means.slack_api, "slack-api"), self._seconds)
        marks = MarkFile(self._means.marks, self.name)
        return SlackMessage(api, marks, self._channel, notice, self._wait, look=look)


class SlackWebhook:
    """The channel of an incoming webhook: a message cannot be edited, have a thread, or be looked for."""

    name = "slack"
    template = "slack"
    pace = PACE

    def __init__(self, means: Means, *, seconds: float = SECONDS) -> None:
        self._means = means
        self._seconds = seconds

    def send(self, notice: Notice) -> None:
        address = _address(_secret(self._means.slack_webhook, "slack-webhook", self._means), "slack-webhook")
        try:
            self._post(address, notice, whole(notice))
        except SlackError as error:
            if error.code not in REFUSED_BLOCKS:
                raise
            self._post(address, notice, bare(notice))

    def _post(self, address: str, notice: Notice, blocks: list[dict[str, Any]]) -> None:
        load_library()
        client = load("slack_sdk.webhook.client").WebhookClient(
            address, timeout=self._seconds, retry_handlers=[], logger=silence()
        )
        try:
            answer = client.send_dict({"text": fallback(notice), "blocks": blocks, **QUIET, **NO_PREVIEWS})
        except expected() as error:
            raise failed(error) from None  # its words may hold the address, which is a secret
        if answer.status_code != 200 or answer.body.strip() != "ok":
            word = answer.body.strip() if answer.status_code != 200 else None
            raise refused(word, answer.status_code, retry_after(answer.headers))


def _secret(reference: str, option: str, means: Means) -> str:
    """Read anew for each notice, so that one that was mended is used without a restart."""
    if not reference:
        mend = f"set `{option}` to where it is, as `file:PATH` or `env:NAME`"
        raise NotifyError("there is no way into Slack", why=f"`{option}` is not set", mend=mend, lasting=True)
    try:
        secret = credentials.read(reference, means.environ)
    except ConfigurationError as error:
        raise NotifyError(error.what, why=error.why, mend=error.mend, lasting=True) from error
    if not secret.isascii() or len(secret.split()) > 1:
        raise NotifyError(
            f"{reference} is not what `{option}` needs", mend="put it there, and nothing else", lasting=True
        )
    return secret


def _address(address: str, option: str) -> str:
    if not address.startswith(("https://", "http://")):
        raise NotifyError(f"`{option}` leads to no address", mend="it begins with `https://`", lasting=True)
    return address


def build(means: Means) -> tuple[Notifier, ...]:
    """A notifier for each channel: `slack` for the first, `slack:TEAM` for a team's own, else `slack:CHANNEL`."""
    if means.slack_webhook and not means.slack_token:
        return (SlackWebhook(means),)
    return tuple(
        SlackNotifier(name, channel, team, means) for name, (team, channel) in _named(means.slack_channels or ("",))
    )


def _named(words: Iterable[str]) -> Iterable[tuple[str, tuple[str, str]]]:
    named: dict[str, tuple[str, str]] = {}
    for word in dict.fromkeys(words):
        team, _, channel = word.rpartition("=")
        name = f"slack:{team}" if team else "slack"
        named[f"{name}:{channel}" if name in named else name] = (team, channel)
    return named.items()
