"""What Slack, or a person's configuration, refuses: said so that somebody can mend it, and without a secret."""

import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpoint.notify import Means, NotifyError
from checkpoint.notify.slack import SlackNotifier, SlackWebhook, build
from tests.helpers.receiver import nowhere
from tests.helpers.slack_answers import Fault
from tests.helpers.slack_scene import (
    FAULTS,
    HASTY,
    NOTICE,
    POST,
    Clock,
    a_bot,
    failure,
)
from tests.helpers.slack_server import SlackServer


@pytest.mark.parametrize(
    ("word", "mend"),
    [
        ("not_authed", "slack-token"),
        ("invalid_auth", "slack-token"),
        ("token_revoked", "slack-token"),
        ("account_inactive", "slack-token"),
        ("channel_not_found", "slack-channel"),
        ("not_in_channel", "/invite @bot"),
        ("is_archived", "slack-channel"),
        ("missing_scope", "scope"),
        ("restricted_action", "administrator"),
        ("restricted_action_read_only_channel", "administrator"),
    ],
)
def test_what_a_person_must_mend_says_how(bot: SlackNotifier, slack: SlackServer, word: str, mend: str) -> None:
    slack.fail(Fault("refused", "", word))
    error = failure(bot)
    assert (error.what, error.why) == ("Slack refuses", word)
    assert (error.lasting, error.doubtful) == (True, False)
    assert mend in error.mend


def test_the_scope_that_is_missing_is_named(bot: SlackNotifier, slack: SlackServer) -> None:
    slack.scopes.clear()
    assert failure(bot).why == "missing_scope `chat:write`"


def test_what_slack_may_mend_itself_is_tried_again(bot: SlackNotifier, slack: SlackServer) -> None:
    slack.fail(Fault("refused", "", "team_added_to_org"), Fault("refused", "", "fatal_error"))
    assert (failure(bot).lasting, failure(bot).doubtful) == (False, True)


def test_words_of_a_foreign_server_are_not_repeated(bot: SlackNotifier, slack: SlackServer) -> None:
    slack.fail(Fault("refused", "", "<b>xoxb-1-good</b>"))
    assert "xoxb" not in said(failure(bot))


def said(error: NotifyError) -> str:
    return " ".join((error.what, error.why, error.mend, str(error), repr(error.__cause__)))


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no channel": ({"slack_channels": ()}, "slack-channel"),
    "no token": ({"slack_token": "", "slack_webhook": ""}, "slack-token"),
    "a token that is not there": ({"slack_token": "env:NOTHING"}, "env:NOTHING is empty"),
    "a file that is not there": ({"slack_token": "file:/nowhere/token"}, "/nowhere/token cannot be read"),
    "no token at all": ({"environ": {"SLACK_TOKEN": "xoxb 1\nhush"}}, "slack-token"),
    "no ASCII": ({"environ": {"SLACK_TOKEN": "húsh hush"}}, "slack-token"),
    "no port": ({"slack_token": "", "environ": {"SLACK_WEBHOOK": "http://hush:x/T1"}}, "slack-webhook"),
    "no address of Slack": ({"slack_api": "slack.com/api"}, "slack-api"),
    "no address": ({"slack_token": "", "environ": {"SLACK_WEBHOOK": "hush.example/T1"}}, "slack-webhook"),
}


@pytest.mark.parametrize(("change", "named"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_not_set_is_said_when_something_is_to_be_sent(means: Means, change: dict[str, Any], named: str) -> None:
    (notifier,) = build(msgspec.structs.replace(means, **change))
    error = failure(notifier)
    assert error.lasting
    assert not error.doubtful
    assert named in said(error)
    assert "hush" not in said(error)
    assert error.mend


def test_a_token_that_was_mended_is_used_at_once(
    means: Means, slack: SlackServer, clock: Clock, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("xoxb-wrong\n")
    file.chmod(0o600)
    bot = a_bot(msgspec.structs.replace(means, slack_token=f"file:{file}"), clock.wait)
    assert failure(bot).why == "invalid_auth"
    file.write_text(f"{slack.token}\n")
    assert bot.send(NOTICE)


@pytest.mark.parametrize("fault", [*FAULTS, Fault("refused", "", "no_service")])
def test_a_webhook_gives_nothing_of_its_address_away(means: Means, slack: SlackServer, fault: Any) -> None:
    slack.fail(fault)
    error = failure(SlackWebhook(means, seconds=HASTY))
    assert "T1/B1" not in said(error)


@pytest.mark.parametrize("kind", ["no_service", "action_prohibited", "channel_is_archived"])
def test_what_a_webhook_is_refused_for_says_how_to_mend_it(means: Means, slack: SlackServer, kind: str) -> None:
    slack.fail(Fault("refused", "", kind))
    error = failure(SlackWebhook(means))
    assert (error.why, error.lasting) == (kind, True)
    assert error.mend


@pytest.mark.parametrize("fault", FAULTS)
def test_a_webhook_knows_what_it_cannot_know(means: Means, slack: SlackServer, fault: Any) -> None:
    slack.fail(fault)
    error = failure(SlackWebhook(means, seconds=HASTY))
    assert error.doubtful == (fault != "limited"), "it cannot be looked for, so that nothing is sent again"


def test_a_webhook_says_all_of_it_in_one_message(means: Means, slack: SlackServer) -> None:
    notice = msgspec.structs.replace(NOTICE, earlier=("Shop: backend 0/2",))
    SlackWebhook(means).send(notice)
    (message,) = slack.messages
    assert "Next: frontend\n1. F1 Show the books" in message.last.shown
    assert "• Shop: backend 0/2" in message.last.shown
    assert slack.expansions == []


@pytest.mark.parametrize("words", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_does_not_take_do_not_keep_the_title_from_people(
    bot: SlackNotifier, slack: SlackServer, words: str
) -> None:
    slack.fail(Fault("refused", POST, words))
    bot.send(NOTICE)
    assert slack.roots[0].last.shown.splitlines()[0] == NOTICE.title
    assert "checkpoint status" in slack.roots[0].last.shown
    assert len(slack.replies) == 1


def test_slack_sdk_logs_nothing(
    bot: SlackNotifier, means: Means, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    """It would log a webhook's address, and print each failure where nobody has set up logging."""
    caplog.set_level(logging.DEBUG)
    slack.fail("dropped", "html", "dropped")
    for notifier in (bot, bot, SlackWebhook(means)):
        failure(notifier)
    assert caplog.records == []


AT_ONCE = """
import sys, threading
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.slack import SlackNotifier
sys.setswitchinterval(1e-6)
means = Means("", slack_token="env:TOKEN", slack_api=sys.argv[1], environ={"TOKEN": "xoxb-1"})
begin = threading.Barrier(4)
said = []

def tell(name):
    begin.wait()
    try:
        SlackNotifier(name, "#plans", "", means).send(Notice("key", "plan.md", "title", ""))
    except NotifyError as error:
        said.append(error.what)

threads = [threading.Thread(target=tell, args=(f"slack:{number}",)) for number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
for line in said:
    print(line)
"""


def test_channels_may_begin_at_once() -> None:
    words = [sys.executable, "-c", AT_ONCE, f"http://{nowhere()}/"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60)
    assert (done.stdout.split("\n"), done.stderr) == ([*4 * ["Slack cannot be reached"], ""], "")
