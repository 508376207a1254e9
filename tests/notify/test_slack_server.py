"""The tests' own Slack refuses what Slack refuses, so that what it accepts means something. Asked through slack-sdk."""

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError

from tests.helpers.slack_answers import Fault
from tests.helpers.slack_server import SlackServer

ROOT = Path(__file__).parents[2]
PLANS = "C0000PLANS"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """slack-sdk warns of each message without a text."""
    monkeypatch.setenv("SKIP_SLACK_SDK_WARNING", "1")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(pace=0.0) as server:
        yield server


def client(slack: SlackServer, token: str = "") -> WebClient:
    return WebClient(token or slack.token, base_url=slack.url, retry_handlers=[], timeout=10)


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": plain(text)}


def test_a_message_is_kept_with_all_that_it_said(slack: SlackServer) -> None:
    posted = client(slack).chat_postMessage(channel="#plans", text="one", unfurl_media=False)
    client(slack).chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    client(slack).chat_postMessage(channel=PLANS, text="below", thread_ts=posted["ts"], unfurl_media=False)
    (root,), (below,) = slack.roots, slack.replies
    assert [each.text for each in root.revisions] == ["one", "two"]
    assert (below.thread, below.last.text) == (root.ts, "below")
    assert slack.states() == ["one", "two"]
    assert slack.expansions == []


def test_the_token_is_asked_for(slack: SlackServer) -> None:
    slack.tokens["xoxb-old"] = "token_revoked"
    assert client(slack).auth_test()["team"] == "Example"
    for token, word in {"xoxb-wrong": "invalid_auth", "xoxb-old": "token_revoked", " ": "not_authed"}.items():
        with pytest.raises(SlackApiError) as caught:
            client(slack, token).chat_postMessage(channel=PLANS, text="x")
        assert caught.value.response["error"] == word


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"member": False}, "not_in_channel"),
        ({"archived": True}, "is_archived"),
        ({"refusal": "restricted_action"}, "restricted_action"),
    ],
)
def test_a_channel_may_be_closed(slack: SlackServer, change: dict[str, object], word: str) -> None:
    vars(slack.channels[PLANS]).update(change)
    assert refusal(slack, channel="#plans", text="x") == word


def refusal(slack: SlackServer, method: str = "chat_postMessage", **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        getattr(client(slack), method)(**arguments)
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"channel": "#nowhere"}, "channel_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"blocks": [section("x")] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"blocks": [section("😀" * 1501)]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{**section("x"), "color": "red"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": plain("x" * 151)}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": [plain("x")] * 11}]}, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": []}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "fields": [plain("x" * 2001)]}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {**plain("x"), "verbatim": True}}]}, "invalid_blocks"),
        ({"blocks": [{**section("x"), "block_id": "a"}] * 2}, "invalid_blocks"),
        ({"blocks": [{"type": "secret"}]}, "invalid_blocks"),
        ({"blocks": "[]"}, "invalid_blocks_format"),
        ({"blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
        ({"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_format"),
        ({"text": "x", "metadata": {"event_type": "a b", "event_payload": {}}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": "k"}}, "invalid_metadata_schema"),
        ({"text": "x", "metadata": {"event_type": "a", "event_payload": {"k": "x" * 20_000}}}, "metadata_too_large"),
        ({"text": "\ud800"}, "invalid_json"),
    ],
)
def test_a_message_may_be_refused(slack: SlackServer, arguments: dict[str, Any], word: str) -> None:
    assert refusal(slack, **{"channel": PLANS, "text": "x", **arguments}) == word
    assert slack.messages == []


def test_a_text_is_cut_at_forty_thousand(slack: SlackServer) -> None:
    client(slack).chat_postMessage(channel=PLANS, text="x" * 40_001)
    assert len(slack.roots[0].last.text) == 40_000


def test_what_cannot_be_edited_says_why(slack: SlackServer) -> None:
    posted = client(slack).chat_postMessage(channel=PLANS, text="x")
    update = {"method": "chat_update", "ts": posted["ts"], "text": "y"}
    assert refusal(slack, channel="#plans", **update) == "channel_not_found"
    assert refusal(slack, channel=PLANS, **{**update, "ts": "1.000001"}) == "message_not_found"
    slack.channels[PLANS].edits = False
    assert refusal(slack, channel=PLANS, **update) == "edit_window_closed"
    slack.roots[0].by = "ada"
    assert refusal(slack, channel=PLANS, **update) == "cant_update_message"
    slack.delete(slack.roots[0])
    assert refusal(slack, channel=PLANS, **update) == "message_not_found"


def test_a_history_is_newest_first_in_pages_without_replies(slack: SlackServer) -> None:
    metadata = {"event_type": "t", "event_payload": {"key": "k"}}
    times = [client(slack).chat_postMessage(channel=PLANS, text=str(n), metadata=metadata)["ts"] for n in range(5)]
    client(slack).chat_postMessage(channel=PLANS, text="below", thread_ts=times[0])
    client(slack).chat_postMessage(channel="#backend", text="elsewhere")
    pages = client(slack).conversations_history(channel=PLANS, limit=2, oldest=times[0])
    assert [[each["text"] for each in page["messages"]] for page in pages] == [["4", "3"], ["2", "1"]]
    assert "metadata" not in client(slack).conversations_history(channel=PLANS)["messages"][0]
    whole = client(slack).conversations_history(channel=PLANS, include_all_metadata=True)
    assert whole["messages"][0]["metadata"] == metadata
    slack.page = 1
    assert len(client(slack).conversations_history(channel=PLANS, limit=100)["messages"]) == 1


def test_replies_come_after_their_root(slack: SlackServer) -> None:
    root = client(slack).chat_postMessage(channel=PLANS, text="root")["ts"]
    client(slack).chat_postMessage(channel=PLANS, text="below", thread_ts=root)
    found = client(slack).conversations_replies(channel=PLANS, ts=root)
    assert [each["text"] for each in found["messages"]] == ["root", "below"]
    assert refusal(slack, "conversations_replies", channel=PLANS, ts="1.000001") == "thread_not_found"


def test_reading_wants_an_id_and_a_scope(slack: SlackServer) -> None:
    assert [each["name"] for each in client(slack).conversations_list()["channels"]] == ["plans", "backend"]
    assert refusal(slack, "conversations_history", channel="#plans") == "channel_not_found"
    slack.scopes.remove("channels:history")
    with pytest.raises(SlackApiError) as caught:
        client(slack).conversations_history(channel=PLANS)
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "channels:history"


def test_a_channel_takes_a_message_a_second_after_a_burst() -> None:
    now = [0.0]
    with SlackServer(pace=1.0, burst=2, clock=lambda: now[0]) as slack:
        for text in ("1", "2"):
            client(slack).chat_postMessage(channel=PLANS, text=text)
        with pytest.raises(SlackApiError) as caught:
            client(slack).chat_postMessage(channel=PLANS, text="3")
        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        assert WebhookClient(slack.hook_url).send(text="3").status_code == 429
        client(slack).chat_postMessage(channel="#backend", text="elsewhere")
        now[0] = 1.0
        client(slack).chat_postMessage(channel=PLANS, text="3")


@pytest.mark.parametrize(
    ("fault", "seen", "accepted"),
    [
        ("limited", SlackApiError, 0),
        ("dropped", ConnectionError, 1),
        ("cut", ConnectionError, 0),
        ("slow", TimeoutError, 1),
        ("html", SlackApiError, 0),
        ("failed", SlackApiError, 1),
        ("garbage", SlackApiError, 1),
        (Fault("refused", "chat.postMessage", "team_added_to_org"), SlackApiError, 0),
    ],
)
def test_it_fails_once_as_it_was_told(slack: SlackServer, fault: Any, seen: type[Exception], accepted: int) -> None:
    slack.fail(fault)
    impatient = WebClient(slack.token, base_url=slack.url, retry_handlers=[], timeout=1)
    with pytest.raises(seen):
        impatient.chat_postMessage(channel=PLANS, text="x")
    assert len(slack.messages) == accepted
    assert impatient.chat_postMessage(channel=PLANS, text="x")["ok"]


def test_it_can_be_down(slack: SlackServer) -> None:
    with slack.down(), pytest.raises(urllib.error.URLError, match="refused"):
        client(slack).chat_postMessage(channel=PLANS, text="x")
    assert client(slack).chat_postMessage(channel=PLANS, text="x")["ok"]


def test_a_webhook_says_ok_or_why_not(slack: SlackServer) -> None:
    assert WebhookClient(slack.hook_url).send(text="x").body == "ok"
    answer = WebhookClient(slack.hook_url + "x").send(text="x")
    assert (answer.status_code, answer.body) == (404, "no_service")
    answer = WebhookClient(slack.hook_url).send(blocks=[{"type": "secret"}])
    assert (answer.status_code, answer.body) == (400, "invalid_blocks")
    slack.channels[PLANS].archived = True
    assert WebhookClient(slack.hook_url).send(text="x").status_code == 410


MRKDWN = {"type": "mrkdwn", "text": "see https://x.example @here"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"text": "<!channel>"},
        {"text": "<@U1>"},
        {"text": "see <http://x|y>"},
        {"text": "see https://x.example", "parse": "full"},
        {"text": "@here"},
        {"link_names": True},
        {"unfurl_links": True},
        {"unfurl_media": True},
        {"attachments": [{"text": "x"}]},
        {"blocks": [{"type": "section", "text": MRKDWN}]},
        {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "verbatim": True, "text": "<#C1>"}}]},
        {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "a :x: b"}}]},
        {"blocks": [{"type": "section", "text": {"type": "plain_text", "text": "a :x: b", "emoji": True}}]},
        {"blocks": [{"type": "image", "image_url": "https://x.example/a.png", "alt_text": "a"}]},
        {"blocks": [{"type": "rich_text", "elements": [{"type": "broadcast", "range": "here"}]}]},
    ],
    ids=str,
)
def test_what_would_be_expanded_is_seen(slack: SlackServer, arguments: dict[str, Any]) -> None:
    quiet = {"unfurl_media": False, "unfurl_links": False, "link_names": False}
    client(slack).chat_postMessage(**{"channel": PLANS, "text": "x", **quiet, **arguments})
    assert slack.expansions


def test_a_preview_is_seen_that_was_not_turned_off(slack: SlackServer) -> None:
    client(slack).chat_postMessage(channel=PLANS, text="x")
    assert slack.expansions == ["unfurl_media is not off"]


def test_it_is_a_process_of_its_own_too(tmp_path: Path) -> None:
    journal = tmp_path / "slack.jsonl"
    argv = [sys.executable, "-m", "tests.helpers.slack_server", "0", str(journal)]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[1]
        urllib.request.urlopen(url.replace("/api/", "/faults"), data=b'[["limited", "", 7]]').close()
        web = WebClient("xoxb-1-good", base_url=url, retry_handlers=[])
        with pytest.raises(SlackApiError):
            web.chat_postMessage(channel="#plans", text="one")
        posted = web.chat_postMessage(channel="#plans", text="one")
        web.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
        with urllib.request.urlopen(url.replace("/api/", "/messages")) as answer:
            assert [each["text"] for each in json.load(answer)] == ["two"]
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    written = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [(each["text"], each["edits"]) for each in written] == [("one", 0), ("two", 1)]


def test_what_is_broken_in_it_is_not_passed_over() -> None:
    slack = SlackServer()
    slack.limit.take = threading.Lock  # type: ignore[assignment, method-assign]
    with pytest.raises(AssertionError), slack, pytest.raises(ConnectionError):
        client(slack).chat_postMessage(channel=PLANS, text="x")
