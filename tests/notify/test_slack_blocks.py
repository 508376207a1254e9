"""What Slack is shown: made by the template, harmless whatever stands in it, and never more than Slack takes."""

import json
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.notify import Notice, TeamNotice
from checkpoint.notify.slack_blocks import bare, fallback, reply, root, whole
from checkpoint.notify.slack_limits import BLOCKS, TOTAL, Block
from checkpoint.report import Report, Trigger, Weakened
from checkpoint.summaries import Summaries
from checkpoint.validator import Finding
from checkpoint.verdicts import State, TaskReport, TeamReport, Verdict, count
from tests.helpers.slack_expansions import expansions, shown
from tests.helpers.slack_rules import length, refuse_blocks, refuse_message

HOSTILE = {
    "channel": "<!channel> <!here|here>",
    "person": "<@U1> <@W1|ada>",
    "room": "<#C1> <#C1|general>",
    "link": "<http://x|y> <mailto:a@b.c|d>",
    "bare link": "see https://evil.example/?q=1 and www.evil.example",
    "names": "@here @channel @everyone @ada #general",
    "emoji": ":rotating_light: :x::skin-tone-2:",
    "entities": "&lt;!channel&gt; &amp;lt;@U1&amp;gt;",
    "formatting": "*bold* _it_ ~s~ `c` > quote",
    "date": "<!date^1392734382^{date}^https://x|y>",
    "long": "x" * 40_001,
    "long in emoji": "😀" * 40_001,
    "many lines": "y\n" * 40_001,
    "ampersands": "&" * 5000,
    "a block": '[{"type": "image", "image_url": "https://evil.example/a.png", "alt_text": "a"}]',
    "controls": "\x1b]0;owned\x07\x00\x9b31m\u202egpj\udcff",
    "blank": " \u3000\n\t\n",
    "nothing": "",
}


def verdict(task: str, outcome: str, found: str = "nothing") -> Verdict:
    findings = () if outcome == "passed" else (Finding("`paths`", found, "api.json"),)
    text = "`api.json` contains `paths`"
    return msgspec.convert(
        {"team": "t", "task": task, "expectation": text, "artifact": "api.json", "validator": "contains"}
        | {"outcome": outcome, "findings": findings},
        Verdict,
    )


def task(name: str, state: State, *, false_claim: bool = False, found: str = "nothing") -> TaskReport:
    outcome = {"verified": "passed", "missing": "missing"}.get(state, "failed")
    return TaskReport(
        name, "Title", 1, state, False, false_claim=false_claim, verdicts=(verdict(name, outcome, found),)
    )


def team(name: str, *tasks: TaskReport) -> TeamReport:
    return TeamReport(name, "", f"out/{name}", count(tasks), tasks)


def report(*teams: TeamReport, trigger: Trigger = "cron", title: str = "Shop") -> Report:
    return Report(
        *("r1", "cron:1", trigger, "2026-11-21T10:00:03Z", "plan.md", title, "main", "3f2a9c1d7eaa", "medium"),
        teams,
        {},
    )


BACKEND = team("backend", task("B1", "failing", false_claim=True), task("B2", "verified"))
FRONTEND = team("frontend", task("F1", "verified"))
SHOP = report(FRONTEND, BACKEND)


def rendered(made: Report, **notice: object) -> list[Block]:
    return root(msgspec.structs.replace(NOTICE, text=Summaries({}).notice(made, "slack"), **notice))


NOTICE = Notice("r1", "plan.md", "Shop: backend 1/2", "backend: 1 failing", "bad", at=1.0)


def lines(blocks: Sequence[Block]) -> list[str]:
    return "\n".join(shown(list(blocks))).splitlines()


def test_a_checkpoint_is_short_and_what_is_wrong_comes_first() -> None:
    assert lines(rendered(SHOP)) == [
        "Shop: 2 of 3 tasks done",
        "main · 3f2a9c1d7e · 2026-11-21 10:00 UTC · by schedule",
        "🔴  *backend*  1 of 2 done · 1 failing · 1 false claim",
        "B1 FALSE CLAIM: api.json: expected `paths`, found nothing",
        "🟢  *frontend*  1 of 1 done",
    ]


def test_high_transparency_shows_each_verdict() -> None:
    found = lines(rendered(msgspec.structs.replace(SHOP, transparency="high")))
    assert "B2 passed: `api.json` contains `paths`" in found
    assert "F1 passed: `api.json` contains `paths`" in found


def test_high_transparency_has_room_for_many_verdicts() -> None:
    teams = (team("backend", *(task(f"B{n}", "missing", found="x" * 20) for n in range(40))),)
    medium, high = (rendered(msgspec.structs.replace(report(*teams), transparency=t)) for t in ("medium", "high"))
    assert len(lines(high)) > len(lines(medium))
    assert high[-1]["type"] == "section"


def test_what_asks_for_less_is_named() -> None:
    less = Weakened("backend", "B1", "removed", "`a` exists", "`b` exists", "Eve", "abcdef0123456", counts=False)
    found = lines(rendered(msgspec.structs.replace(SHOP, weakened=(less,))))
    said = "⚠ B1 asks for less (removed): `a` exists → `b` exists, by Eve in abcdef0123; does not count until approved"
    assert found[-1] == said


def test_a_long_title_leaves_room_for_the_counts() -> None:
    assert lines(rendered(report(BACKEND, title="t" * 200)))[0].endswith("…: 1 of 2 tasks done")


def test_sixty_teams_are_cut_to_what_slack_takes_and_the_rest_is_counted() -> None:
    teams = [team(f"team-{n}", task(f"A{n}", "missing" if n % 3 == 0 else "verified")) for n in range(60)]
    blocks = rendered(report(*teams), earlier=("one", "two"))
    refuse_blocks(blocks)
    found = lines(blocks)
    there = [line for line in found if "*team-" in line]
    assert len(blocks) <= BLOCKS
    assert f"… and {60 - len(there)} more teams: `checkpoint status`" in found
    assert all("missing" in line for line in there[:20]), "what is wrong comes before what is done"
    assert found[-2:] == ["• one", "• two"]


def test_a_team_is_left_out_as_a_whole() -> None:
    teams = [team(f"team-{n}", task(f"A{n}", "missing", found="x" * 700)) for n in range(30)]
    found = lines(rendered(report(*teams)))
    there = [line for line in found if "*team-" in line]
    assert len([line for line in found if "x" * 700 in line]) == len(there) < 30


def test_many_verdicts_are_cut_by_the_line_and_counted() -> None:
    many = team("backend", *(task(f"B{n}", "missing", found="x" * 100) for n in range(40)))
    found = lines(rendered(report(many)))
    there = [line for line in found if "x" * 100 in line]
    assert f"… and {40 - len(there)} more lines: `checkpoint status`" in found


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_takes_effect(text: str) -> None:
    teams = (TeamNotice("backend", text), TeamNotice(text, text))
    notice = Notice("k", "plan.md", text, text, teams=teams, earlier=(text,) * 40, unsure=(text,) * 40)
    made = report(team("backend", task("B1", "failing", found=text)), title=text)
    for each in (notice, msgspec.structs.replace(notice, text=Summaries({}).notice(made, "slack"))):
        check(each)
        check(msgspec.structs.replace(each, kind="trouble"))
        check(msgspec.structs.replace(each, kind="test"))


def check(notice: Notice) -> None:
    """Slack takes each form of the notice, and makes nothing of it but text."""
    for blocks in (root(notice), reply(notice), whole(notice), bare(notice)):
        if blocks:
            arguments = {"text": fallback(notice), "blocks": blocks, "parse": "none", "unfurl_media": False}
            refuse_message(arguments)
            assert expansions(arguments) == []
            assert len(blocks) <= BLOCKS
            assert length(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) <= TOTAL


texts = st.text(st.characters(), max_size=60) | st.sampled_from(list(HOSTILE.values()))


@given(st.tuples(texts, texts, texts, texts, texts), st.integers(0, 60))
def test_any_words_are_taken_and_make_nothing(words: tuple[str, ...], number: int) -> None:
    title, text, name, earlier, unsure = words
    teams = tuple(TeamNotice(f"{name}{n}", text) for n in range(number))
    check(Notice("k", "plan.md", title, text, teams=teams, earlier=(earlier,) * number, unsure=(unsure,) * number))


keys = st.sampled_from(
    ["type", "text", "elements", "fields", "block_id", "emoji", "verbatim", "accessory", "image_url", "url", "user_id"]
)
kinds = st.sampled_from(
    [
        *("header", "section", "context", "divider", "image", "actions", "rich_text", "markdown", "button", "link"),
        *("plain_text", "mrkdwn", "broadcast", "user", "team:a", "team:b"),
        *("<!channel>", "https://x.example", "<@U1>", ":x:"),
    ]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | kinds | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=12) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=40,
)
text_objects = st.fixed_dictionaries({"type": kinds, "text": kinds | texts}, optional={"emoji": json_values})
block_values = st.fixed_dictionaries(
    {"type": kinds},
    optional={
        "text": text_objects | json_values,
        "elements": st.lists(text_objects, max_size=14) | json_values,
        "fields": st.lists(text_objects, max_size=14) | json_values,
        "block_id": kinds,
        "accessory": json_values,
    },
)


@given(st.lists(block_values | json_values, max_size=70))
def test_whatever_a_template_makes_is_taken_and_makes_nothing(made: list[object]) -> None:
    check(msgspec.structs.replace(NOTICE, text=json.dumps(made)))


def test_of_a_template_only_texts_pass() -> None:
    link = {"type": "button", "text": {"type": "plain_text", "text": "go"}, "url": "https://evil.example"}
    made = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a* <http://x|y> & b"}, "accessory": link},
        {"type": "image", "image_url": "https://evil.example/a.png", "alt_text": "a"},
        {"type": "actions", "elements": [link]},
        {"type": "markdown", "text": "[a](https://evil.example)"},
        {"type": "header", "text": {"type": "mrkdwn", "text": f"head\n{'x' * 200}"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a* :x:"}},
    ]
    assert root(msgspec.structs.replace(NOTICE, text=json.dumps(made))) == [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*a* &lt;http://x|y&gt; &amp; b", "verbatim": True}},
        {"type": "header", "text": {"type": "plain_text", "text": f"head {'x' * 144}…", "emoji": False}},
        {"type": "section", "text": {"type": "plain_text", "text": "*a* :x:", "emoji": False}},
    ]


@pytest.mark.parametrize("text", ["words", "{}", "[1]", "[]", '[{"type": "section"', "[" * 5000])
def test_what_is_no_list_of_blocks_is_shown_as_it_is(text: str) -> None:
    assert (
        lines(root(msgspec.structs.replace(NOTICE, text=text)))[:2] == [NOTICE.title, text[:3000]][:2] or len(text) > 99
    )


def test_secrets_do_not_leave() -> None:
    text = json.dumps([{"type": "section", "text": {"type": "plain_text", "text": "password=hunter2hunter2"}}])
    token = "xoxb-1234567890-abcdefghijklmnop"
    notice = Notice("k", "plan.md", f"token {token}", text, teams=(TeamNotice("a", token),), earlier=(token,))
    said = json.dumps([root(notice), reply(notice), whole(notice), fallback(notice)])
    assert "hunter2" not in said
    assert "abcdefgh" not in said


def test_earlier_checkpoints_are_named_as_far_as_there_is_room() -> None:
    found = lines(root(msgspec.structs.replace(NOTICE, earlier=tuple(f"state {n}" for n in range(29)))))
    assert found[-30:] == ["29 checkpoints before this one:", *(f"• state {n}" for n in range(29))]
    found = lines(root(msgspec.structs.replace(NOTICE, earlier=tuple(f"state {n} {'x' * 100}" for n in range(100)))))
    left = next(line for line in found if line.startswith("… "))
    assert left == f"… {100 - sum(line.startswith('• ') for line in found)} more, and then"
    assert found[-1].startswith("• state 99")


def test_what_may_not_have_arrived_is_named() -> None:
    found = lines(root(msgspec.structs.replace(NOTICE, unsure=("Shop: 1/3",))))
    assert found[-2:] == ["These may not have arrived:", "• Shop: 1/3"]


def test_a_test_says_that_it_is_one() -> None:
    notice = Notice("k", "plan.md", "Hello", "words", kind="test")
    assert lines(root(notice)) == ["Hello", "words", "A test: nothing has happened."]


def test_next_actions_are_cut_by_the_line_for_each_team() -> None:
    text = "\n".join(f"{n}. {'x' * 60}" for n in range(80))
    found = lines(
        reply(msgspec.structs.replace(NOTICE, teams=(TeamNotice("backend", text), TeamNotice("web", "done"))))
    )
    there = sum("xxx" in line for line in found)
    assert f"… and {80 - there} more lines: `checkpoint next backend`" in found
    assert found[-2:] == ["Next: web", "done"]


def test_where_nobody_is_to_do_anything_there_is_no_reply() -> None:
    assert reply(NOTICE) == []


def test_one_message_holds_the_next_actions_too() -> None:
    found = lines(whole(msgspec.structs.replace(NOTICE, teams=(TeamNotice("backend", "1. B1"),))))
    assert found == ["Shop: backend 1/2", "backend: 1 failing", "Next: backend", "1. B1"]
