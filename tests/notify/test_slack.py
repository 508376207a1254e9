"""What arrives in Slack, in which channel, and that nothing of it takes effect there."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.notify import Means, Notice, TeamNotice
from checkpoint.notify.slack import SlackNotifier, SlackWebhook, build
from tests.helpers.slack_answers import Fault
from tests.helpers.slack_scene import NOTICE, PLANS, POST, TEAMS, Clock, a_bot, deliver, failure, told_once
from tests.helpers.slack_server import SlackServer
from tests.helpers.slack_state import Channel


def test_a_checkpoint_is_one_message_with_the_next_actions_in_its_thread(
    bot: SlackNotifier, slack: SlackServer
) -> None:
    receipt = bot.send(NOTICE)
    (root,), (reply,) = slack.roots, slack.replies
    assert receipt == f"{PLANS} {root.ts} {reply.ts}"
    assert (reply.thread, root.last.text) == (root.ts, NOTICE.title)
    assert root.last.shown == "Shop: backend 1/2\nbackend: 1 failing"
    assert reply.last.shown == "Next: backend\n1. B1 Publish the API\nNext: frontend\n1. F1 Show the books"
    assert (root.key, reply.key) == ("r1", "r1")
    assert slack.expansions == []


def test_a_message_is_brought_up_to_date_with_its_thread(bot: SlackNotifier, slack: SlackServer) -> None:
    receipt = bot.send(NOTICE)
    teams = (TeamNotice("backend", "Nothing to do: every task is done."),)
    newer = Notice("r2", "plan.md", "Shop: backend 2/2", "done", teams=teams, earlier=(NOTICE.title,), replaces=receipt)
    assert bot.send(newer) == receipt
    (root,), (reply,) = slack.roots, slack.replies
    assert [each.text for each in root.revisions] == ["Shop: backend 1/2", "Shop: backend 2/2"]
    assert root.last.shown.endswith("1 checkpoint before this one:\n• Shop: backend 1/2")
    assert reply.last.shown == "Next: backend\nNothing to do: every task is done."
    assert (root.key, reply.key) == ("r2", "r2")


def test_thirty_checkpoints_in_a_burst_are_one_message_in_which_all_can_be_read(
    bot: SlackNotifier, slack: SlackServer, clock: Clock
) -> None:
    receipt, titles = "", [f"Shop: backend {n}/30" for n in range(30)]
    for n, title in enumerate(titles):
        notice = Notice(f"r{n}", "plan.md", title, "text", earlier=tuple(titles[:n]), replaces=receipt, teams=TEAMS)
        receipt = deliver(bot, notice, clock)
    assert (len(slack.roots), len(slack.replies)) == (1, 1)
    assert all(title in slack.states()[-1] for title in titles)


def test_a_message_that_somebody_deleted_is_followed_by_a_new_one(
    bot: SlackNotifier, slack: SlackServer, clock: Clock
) -> None:
    first = bot.send(NOTICE)
    for message in slack.messages:
        slack.delete(message)
    clock.wait(1.0)
    second = bot.send(msgspec.structs.replace(NOTICE, key="r2", replaces=first))
    assert [message.deleted for message in slack.messages] == [True, True, False, False]
    assert second == f"{PLANS} {slack.roots[1].ts} {slack.replies[1].ts}"


def test_a_reply_that_somebody_deleted_is_posted_anew(bot: SlackNotifier, slack: SlackServer, clock: Clock) -> None:
    first = bot.send(NOTICE)
    slack.delete(slack.replies[0])
    clock.wait(1.0)
    bot.send(msgspec.structs.replace(NOTICE, key="r2", replaces=first))
    assert [(each.thread, each.deleted) for each in slack.replies] == [
        (slack.roots[0].ts, True),
        (slack.roots[0].ts, False),
    ]


def test_a_thread_whose_message_somebody_deleted_is_let_be(means: Means, slack: SlackServer, clock: Clock) -> None:
    def deleted_meanwhile(seconds: float) -> None:
        clock.wait(seconds)
        slack.delete(slack.roots[0])

    assert a_bot(means, deleted_meanwhile).send(NOTICE) == f"{PLANS} {slack.roots[0].ts}"
    assert slack.replies == []


def test_trouble_is_a_message_without_a_thread(bot: SlackNotifier, slack: SlackServer) -> None:
    trouble = msgspec.structs.replace(NOTICE, kind="trouble", title="slack is degraded", text="why\nand how")
    bot.send(trouble)
    assert [message.last.shown for message in slack.messages] == ["slack is degraded\nwhy\nand how"]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("#plans",), {"slack": ""}),
        (("#plans", "#other"), {"slack": "", "slack:#other": ""}),
        (("#plans", "backend=#pay"), {"slack": "", "slack:backend": "backend"}),
        (("backend=#pay", "backend=#api"), {"slack:backend": "backend", "slack:backend:#api": "backend"}),
        (("#plans", "#plans"), {"slack": ""}),
        ((), {"slack": ""}),
    ],
)
def test_each_channel_has_a_notifier(means: Means, words: tuple[str, ...], names: dict[str, str]) -> None:
    built = build(msgspec.structs.replace(means, slack_channels=words))
    assert {each.name: getattr(each, "team", "") for each in built} == names
    assert all(getattr(each, "edits", False) and hasattr(each, "resend") for each in built)


def test_without_a_bot_there_is_the_webhook(means: Means) -> None:
    (notifier,) = build(msgspec.structs.replace(means, slack_token=""))
    assert notifier.name == "slack"
    assert not hasattr(notifier, "resend")
    assert not getattr(notifier, "edits", False)


def test_a_channel_may_be_named_by_its_id(means: Means, slack: SlackServer, clock: Clock) -> None:
    slack.scopes.remove("channels:read")
    slack.channels["C0000SECRET"] = Channel("C0000SECRET", "secret")
    named = SlackNotifier("slack", "C0000SECRET", "", means, wait=clock.wait)
    slack.fail(Fault("dropped", POST))
    failure(named)
    assert named.resend(NOTICE).startswith("C0000SECRET ")
    assert len(slack.roots) == 1


def test_another_channel_of_the_same_notifier_is_looked_through_anew(
    means: Means, slack: SlackServer, clock: Clock
) -> None:
    a_bot(means, clock.wait).send(NOTICE)
    other = SlackNotifier("slack", "#backend", "", means, wait=clock.wait)
    slack.fail(Fault("dropped", POST))
    newer = msgspec.structs.replace(NOTICE, key="r2")
    failure(other, newer)
    assert other.resend(newer).startswith("C000BACKEND ")
    assert [each.channel for each in slack.roots] == [PLANS, "C000BACKEND"]


def test_marks_that_cannot_be_kept_or_read_only_cost_a_look(means: Means, slack: SlackServer, clock: Clock) -> None:
    folder = Path(means.marks)
    folder.mkdir(mode=0o700)
    (folder / "slack.json").write_text("{")
    (folder / "slack.json").chmod(0o600)
    slack.fail(Fault("none", POST), Fault("dropped", POST))
    failure(a_bot(means, clock.wait))
    (folder / "slack.json").chmod(0o644)
    os.chmod(folder, 0o755)
    told_once(slack, [a_bot(means, clock.wait).resend(NOTICE)])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(), text=st.text(), key=st.uuids())
def test_any_words_arrive_and_make_nothing(
    means: Means, slack: SlackServer, clock: Clock, title: str, text: str, key: object
) -> None:
    notice = Notice(
        str(key), "plan.md", title, text, teams=(TeamNotice(title, text),), earlier=(text,), unsure=(title,)
    )
    deliver(a_bot(means, clock.wait), notice, clock)
    deliver(SlackWebhook(means), notice, clock)
    assert slack.expansions == []
