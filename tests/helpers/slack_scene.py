"""Slack notifiers beside a Slack of the tests' own, and time that passes only where somebody waits."""

from collections.abc import Callable
from typing import Any, get_args

import pytest

from checkpoint.notify import Means, Notice, NotifyError, TeamNotice
from checkpoint.notify.slack import SlackNotifier
from tests.helpers.slack_answers import Kind
from tests.helpers.slack_server import SlackServer

PLANS = "C0000PLANS"
POST = "chat.postMessage"
FAULTS = sorted({*get_args(Kind)} - {"none", "refused"})
TEAMS = (TeamNotice("backend", "1. B1 Publish the API"), TeamNotice("frontend", "1. F1 Show the books"))
NOTICE = Notice("r1", "plan.md", "Shop: backend 1/2", "backend: 1 failing", "bad", at=1_000_000_000.0, teams=TEAMS)
HASTY = 0.2
"""Seconds of patience for an answer, where the test makes Slack slow."""


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def a_bot(means: Means, wait: Callable[[float], object], seconds: float = 10.0) -> SlackNotifier:
    return SlackNotifier("slack", "#plans", "", means, seconds=seconds, wait=wait)


def deliver(notifier: Any, notice: Notice, clock: Clock) -> str:
    """As couriers do: sent again until it stands, and looked for first where it may."""
    in_doubt = False
    for _ in range(20):
        clock.wait(notifier.pace)
        try:
            return str((notifier.resend if in_doubt else notifier.send)(notice))
        except NotifyError as error:
            if error.doubtful and not hasattr(notifier, "resend"):
                return "in doubt"
            in_doubt = in_doubt or error.doubtful
            clock.wait(error.after or 5.0)
    raise AssertionError("it never arrived")


def failure(notifier: Any, notice: Notice = NOTICE, how: str = "send") -> NotifyError:
    with pytest.raises(NotifyError) as caught:
        getattr(notifier, how)(notice)
    return caught.value


def told_once(slack: SlackServer, receipts: list[str]) -> None:
    """Each notice is one message and one reply, and each receipt says where."""
    assert sorted(f"{PLANS} {each.thread} {each.ts}" for each in slack.replies) == sorted(receipts)
    assert len(slack.roots) == len(receipts) == len({each.key for each in slack.roots})
