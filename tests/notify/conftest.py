"""Slack's part of a test: the server, time, and a bot's notifier."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.notify import Means
from checkpoint.notify.slack import SlackNotifier
from tests.helpers.slack_scene import HASTY, Clock, a_bot
from tests.helpers.slack_server import SlackServer


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy between a test and the loopback."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[SlackServer]:
    with SlackServer(pace=1.0, clock=clock) as server:
        yield server


@pytest.fixture
def means(slack: SlackServer, tmp_path: Path) -> Means:
    return Means(
        str(tmp_path),
        marks=str(tmp_path / "marks"),
        slack_channels=("#plans",),
        slack_token="env:SLACK_TOKEN",
        slack_webhook="env:SLACK_WEBHOOK",
        slack_api=slack.url,
        environ={"SLACK_TOKEN": slack.token, "SLACK_WEBHOOK": slack.hook_url},
    )


@pytest.fixture
def bot(means: Means, clock: Clock) -> SlackNotifier:
    return a_bot(means, clock.wait)


@pytest.fixture
def hasty(means: Means, clock: Clock) -> SlackNotifier:
    return a_bot(means, clock.wait, HASTY)
