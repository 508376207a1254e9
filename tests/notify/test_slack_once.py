"""Nothing is lost in Slack and nothing told twice, where slack-sdk alone does both: faults, kills, missing scopes."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler, ServerErrorRetryHandler
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator

from checkpoint.notify import Means
from checkpoint.notify.slack import SlackNotifier, SlackWebhook
from checkpoint.notify.slack_message import MARGIN
from tests.helpers.slack_answers import Fault, Kind
from tests.helpers.slack_scene import (
    FAULTS,
    HASTY,
    NOTICE,
    PLANS,
    POST,
    Clock,
    a_bot,
    deliver,
    failure,
    told_once,
)
from tests.helpers.slack_server import SlackServer


class Waiting(RateLimitErrorRetryHandler):
    """slack-sdk's own handler, which waits on the test's clock."""

    def __init__(self, clock: Clock, tries: int) -> None:
        super().__init__(max_retry_count=tries)
        self._clock = clock

    def prepare_for_next_attempt(self, *, state: Any, request: Any, response: Any = None, error: Any = None) -> None:
        state.next_attempt_requested = True
        self._clock.wait(float(response.headers["Retry-After"][0]))
        state.increment_current_attempt()


def by_the_library(slack: SlackServer, number: int = 1, **arguments: Any) -> tuple[int, int]:
    """How many of these messages slack-sdk brought into Slack, and of how many it says that it did not."""
    silent = logging.Logger("silent", logging.CRITICAL)
    web = WebClient(slack.token, base_url=slack.url, timeout=1, logger=silent, **arguments)
    failures = 0
    for n in range(number):
        try:
            web.chat_postMessage(channel="#plans", text=f"message {n}")
        except (SlackApiError, OSError):
            failures += 1
    return len(slack.messages), failures


AT_ONCE = FixedValueRetryIntervalCalculator(fixed_internal=0.0)

ROWS: dict[str, tuple[tuple[Any, ...], int, Callable[[Clock], dict[str, Any]], tuple[int, int]]] = {
    "limited twice": (("limited", "limited"), 1, lambda clock: {}, (0, 1)),
    "limited twice, its handler": (
        ("limited", "limited"),
        1,
        lambda clock: {"retry_handlers": [Waiting(clock, 3)]},
        (1, 0),
    ),
    "burst of 10": ((), 10, lambda clock: {}, (1, 9)),
    "burst of 10, its handler": ((), 10, lambda clock: {"retry_handlers": [Waiting(clock, 1)]}, (10, 0)),
    "accepted, then dropped": (("dropped",), 1, lambda clock: {}, (2, 0)),
    "accepted, then dropped, no handlers": (("dropped",), 1, lambda clock: {"retry_handlers": []}, (1, 1)),
    "slow": (("slow",), 1, lambda clock: {}, (1, 1)),
    "accepted, then 500, its handler": (
        ("failed",),
        1,
        lambda clock: {"retry_handlers": [ServerErrorRetryHandler(1, AT_ONCE)]},
        (2, 0),
    ),
    "503 in HTML": (("html",), 1, lambda clock: {}, (0, 1)),
}


@pytest.mark.parametrize(("faults", "number", "handlers", "measured"), ROWS.values(), ids=ROWS.keys())
def test_where_slack_sdk_loses_or_doubles_the_notifier_does_not(
    hasty: SlackNotifier,
    slack: SlackServer,
    clock: Clock,
    faults: tuple[Any, ...],
    number: int,
    handlers: Callable[[Clock], dict[str, Any]],
    measured: tuple[int, int],
) -> None:
    slack.limit.pace = 1.0 if number > 1 else 0.0
    slack.fail(*faults)
    assert by_the_library(slack, number, **handlers(clock)) == measured
    slack.messages.clear()
    slack.limit.pace = 1.0
    slack.fail(*faults)
    told_once(slack, [deliver(hasty, msgspec.structs.replace(NOTICE, key=f"r{n}"), clock) for n in range(number)])


@pytest.mark.parametrize(
    ("faults", "number", "seen"), [(("limited",), 1, (0, 0)), ((), 10, (1, 0))], ids=["429", "burst"]
)
def test_where_the_webhook_of_slack_sdk_says_nothing_the_notifier_does(
    means: Means, slack: SlackServer, clock: Clock, faults: tuple[Any, ...], number: int, seen: tuple[int, int]
) -> None:
    slack.fail(*faults)
    hook = WebhookClient(slack.hook_url)
    for n in range(number):
        hook.send(text=f"message {n}")
    assert (len(slack.messages), 0) == seen
    slack.messages.clear()
    slack.fail(*faults)
    for n in range(number):
        deliver(SlackWebhook(means), msgspec.structs.replace(NOTICE, key=f"r{n}"), clock)
    assert len(slack.messages) == number


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("before", [0, 1], ids=["message", "reply"])
def test_whatever_goes_wrong_with_message_or_reply_both_are_there_once(
    hasty: SlackNotifier, slack: SlackServer, clock: Clock, fault: Kind, before: int
) -> None:
    slack.fail(*[Fault("none", POST)] * before, Fault(fault, POST))
    told_once(slack, [deliver(hasty, NOTICE, clock)])


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("method", "before"),
    [
        *(("chat.update", 0), ("chat.update", 1)),
        *((f"conversations.{what}", 0) for what in ("history", "replies", "list")),
    ],
)
def test_whatever_goes_wrong_with_an_edit_or_a_look_both_are_there_once(
    means: Means, slack: SlackServer, clock: Clock, fault: Kind, method: str, before: int
) -> None:
    forgetful = a_bot(msgspec.structs.replace(means, marks=""), clock.wait, HASTY)
    faults = (*[Fault("none", method)] * before, Fault(fault, method))
    slack.fail(Fault("dropped", POST), Fault("dropped", POST), *faults)
    receipt = deliver(forgetful, NOTICE, clock)
    slack.fail(*faults)
    assert deliver(forgetful, msgspec.structs.replace(NOTICE, key="r2", replaces=receipt), clock) == receipt
    told_once(slack, [receipt])
    assert {each.key for each in slack.messages} == {"r2"}


def test_while_slack_is_down_nothing_is_in_doubt(bot: SlackNotifier, slack: SlackServer, clock: Clock) -> None:
    with slack.down():
        error = failure(bot)
    assert (error.what, error.why, error.doubtful) == ("Slack cannot be reached", "Connection refused", False)
    told_once(slack, [deliver(bot, NOTICE, clock)])


def test_a_host_that_nobody_knows_leaves_no_doubt(means: Means, clock: Clock) -> None:
    error = failure(a_bot(msgspec.structs.replace(means, slack_api="http://slack.invalid/api/"), clock.wait))
    assert (error.what, error.doubtful, error.lasting) == ("Slack cannot be reached", False, False)


@pytest.mark.parametrize(("after", "seconds"), [(42, 42.0), (0, 0.0), ("soon", 30.0), (10**9, 3600.0)])
def test_slack_says_how_long_to_wait(bot: SlackNotifier, slack: SlackServer, after: Any, seconds: float) -> None:
    slack.fail(Fault("limited", "", after))
    error = failure(bot)
    assert (error.after, error.doubtful) == (seconds, False)


# A kill: between message and reply, or after one of them was accepted and before anybody knew.


class KilledError(BaseException):
    """The process ends here."""


def killed(seconds: float) -> None:
    raise KilledError


KEEPS = pytest.mark.parametrize("marks", [True, False], ids=["marks", "no marks"])


@KEEPS
def test_after_a_kill_between_message_and_reply_the_reply_is_what_is_missing(
    means: Means, slack: SlackServer, clock: Clock, marks: bool
) -> None:
    kept = means if marks else msgspec.structs.replace(means, marks="")
    with pytest.raises(KilledError):
        a_bot(kept, killed).send(NOTICE)
    told_once(slack, [a_bot(kept, clock.wait).resend(NOTICE)])
    assert slack.requests.count("conversations.history") == (0 if marks else 1)


@KEEPS
@pytest.mark.parametrize("before", [0, 1], ids=["message", "reply"])
def test_after_a_kill_before_the_answer_nothing_is_told_twice(
    means: Means, slack: SlackServer, clock: Clock, marks: bool, before: int
) -> None:
    kept = means if marks else msgspec.structs.replace(means, marks="")
    slack.fail(*[Fault("none", POST)] * before, Fault("slow", POST))
    failure(a_bot(kept, clock.wait, HASTY))
    clock.wait(5.0)
    told_once(slack, [a_bot(kept, clock.wait).resend(NOTICE)])


def test_what_was_carried_whole_is_not_touched_again(means: Means, slack: SlackServer, clock: Clock) -> None:
    receipt = a_bot(means, clock.wait).send(NOTICE)
    asked = len(slack.requests)
    assert a_bot(means, clock.wait).resend(NOTICE) == receipt
    assert slack.requests[asked:] == []


def test_a_message_that_was_to_replace_a_deleted_one_is_found_again(
    means: Means, slack: SlackServer, clock: Clock
) -> None:
    first = a_bot(means, clock.wait).send(NOTICE)
    for message in slack.messages:
        slack.delete(message)
    clock.wait(1.0)
    slack.fail(Fault("dropped", POST))
    newer = msgspec.structs.replace(NOTICE, key="r2", replaces=first)
    failure(a_bot(means, clock.wait), newer)
    second = a_bot(means, clock.wait).resend(newer)
    assert [(each.key, each.deleted) for each in slack.roots] == [("r1", True), ("r2", False)]
    assert second == f"{PLANS} {slack.roots[1].ts} {slack.replies[-1].ts}"


def test_the_message_is_found_among_many_pages_of_others(means: Means, slack: SlackServer, clock: Clock) -> None:
    slack.limit.pace, slack.page = 0.0, 2
    slack.fail(Fault("dropped", POST))
    failure(a_bot(means, clock.wait))
    others = WebClient(slack.token, base_url=slack.url)
    for kind, key in [("x", "r1"), ("checkpoint", "r0")] * 4:
        metadata = {"event_type": kind, "event_payload": {"key": key}}
        others.chat_postMessage(channel=PLANS, text="another", metadata=metadata)
    receipt = a_bot(means, clock.wait).resend(NOTICE)
    assert receipt == f"{PLANS} {slack.roots[0].ts} {slack.replies[0].ts}"
    assert [each.last.text for each in slack.roots[1:]] == ["another"] * 8


def test_a_first_reply_to_an_edited_message_is_found_again(means: Means, slack: SlackServer, clock: Clock) -> None:
    forgetful = a_bot(msgspec.structs.replace(means, marks=""), clock.wait)
    receipt = forgetful.send(msgspec.structs.replace(NOTICE, teams=()))
    slack.fail(Fault("dropped", POST))
    newer = msgspec.structs.replace(NOTICE, key="r2", replaces=receipt)
    failure(forgetful, newer)
    told_once(slack, [forgetful.resend(newer)])


def test_only_what_was_posted_since_is_looked_at(means: Means, slack: SlackServer, clock: Clock) -> None:
    slack.fail(Fault("dropped", POST))
    failure(a_bot(means, clock.wait))
    clock.wait(5.0)
    posted = slack.roots[0].last.at
    later = msgspec.structs.replace(NOTICE, at=posted + MARGIN + 5.0)
    a_bot(means, clock.wait).resend(later)
    assert len(slack.roots) == 2
    clock.wait(5.0)
    a_bot(msgspec.structs.replace(means, marks=""), clock.wait).resend(msgspec.structs.replace(NOTICE, at=posted + 5.0))
    assert len(slack.roots) == 2


# Where Slack does not let the bot look.


@pytest.mark.parametrize("scope", ["channels:history", "channels:read"])
def test_without_the_scope_to_look_nothing_is_sent_again(
    means: Means, slack: SlackServer, clock: Clock, scope: str
) -> None:
    slack.scopes.remove(scope)
    slack.fail(Fault("dropped", POST))
    failure(a_bot(means, clock.wait))
    error = failure(a_bot(means, clock.wait), how="resend")
    assert (error.lasting, error.doubtful) == (True, True)
    assert scope in error.mend
    assert scope in error.why
    assert len(slack.messages) == 1


def test_without_any_scope_to_look_what_is_known_is_enough(means: Means, slack: SlackServer, clock: Clock) -> None:
    slack.scopes = {"chat:write"}
    slack.fail(Fault("none", POST), Fault("limited", POST, 3))
    error = failure(a_bot(means, clock.wait))
    assert (error.after, error.doubtful) == (3.0, True)
    clock.wait(3.0)
    receipt = a_bot(means, clock.wait).resend(NOTICE)
    told_once(slack, [receipt])
    slack.fail(Fault("dropped", "chat.update"))
    newer = msgspec.structs.replace(NOTICE, key="r2", replaces=receipt)
    failure(a_bot(means, clock.wait), newer)
    assert a_bot(means, clock.wait).resend(newer) == receipt
    told_once(slack, [receipt])


@pytest.mark.parametrize("word", ["invalid_auth", "is_archived", "restricted_action"])
def test_in_doubt_a_person_may_mend_what_is_wrong_and_it_is_found_then(
    means: Means, slack: SlackServer, clock: Clock, word: str
) -> None:
    slack.fail(Fault("dropped", POST))
    failure(a_bot(means, clock.wait))
    slack.fail(Fault("refused", "", word))
    error = failure(a_bot(means, clock.wait), how="resend")
    assert (error.lasting, error.doubtful) == (False, True), "a lasting one would mean that nobody can look"
    told_once(slack, [a_bot(means, clock.wait).resend(NOTICE)])
