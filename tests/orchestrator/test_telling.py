"""Who is told what: by the user's choice of notifiers, the plan's and the teams' `notify`, and transparency."""

from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest

from checkpoint.notify import Notice
from checkpoint.notify.rows import TEXT
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse
from checkpoint.summaries import Summaries
from checkpoint.telling import Notices
from tests.helpers.scenes import API, PLAN, local


class Channel:
    template = "terminal"

    def __init__(self, name: str, team: str = "") -> None:
        self.name = name
        self.team = team

    def send(self, notice: Notice) -> None:
        raise NotImplementedError


class ToSlack(Channel):
    template = "slack"


CHANNELS = (Channel("terminal"), Channel("slack"), Channel("slack:frontend", "frontend"))
BACKEND = "- folder: `out/backend`\n"


def told(folder: Path, text: str, *channels: Channel, templates: Mapping[str, str] | None = None) -> dict[str, Notice]:
    """What each channel is told of a first checkpoint of this plan, in which the API is there."""
    scene = local(folder, text)
    scene.deliver(API)
    report = scene.now().report
    plan: Plan = parse(text.encode())
    rows = Notices(plan, report, Summaries(templates or {}), 0.0).to(channels or CHANNELS)
    return {channel: msgspec.json.decode(notice, type=Notice) for channel, *_, notice in rows}


def teams(notice: Notice) -> list[str]:
    return [each.team for each in notice.teams]


def test_unless_the_plan_says_otherwise_everybody_is_told_of_every_team(tmp_path: Path) -> None:
    notices = told(tmp_path, PLAN)
    assert {name: teams(notice) for name, notice in notices.items()} == {
        "terminal": ["backend", "frontend"],
        "slack": ["backend", "frontend"],
        "slack:frontend": ["frontend"],
    }
    assert {each.key for each in notices.values()} == {notices["terminal"].key}


def test_a_plan_narrows_who_is_told(tmp_path: Path) -> None:
    assert list(told(tmp_path, PLAN.replace("checkpoint: 1", "checkpoint: 1\nnotify: [terminal]"))) == ["terminal"]


def test_a_teams_own_word_goes_before_the_plans(tmp_path: Path) -> None:
    text = PLAN.replace("checkpoint: 1", "checkpoint: 1\nnotify: [terminal]").replace(
        BACKEND, f"{BACKEND}- notify: `slack`\n"
    )
    notices = told(tmp_path, text)
    assert {name: teams(notice) for name, notice in notices.items()} == {"terminal": ["frontend"], "slack": ["backend"]}
    assert "frontend" not in notices["slack"].text
    assert "backend" not in notices["terminal"].text


def test_a_plan_cannot_bring_a_notifier_in(tmp_path: Path) -> None:
    assert told(tmp_path, PLAN.replace("checkpoint: 1", "checkpoint: 1\nnotify: [pigeon]")) == {}


def test_a_teams_channel_hears_of_that_team_alone(tmp_path: Path) -> None:
    notice = told(tmp_path, PLAN)["slack:frontend"]
    assert notice.title == "Shop: frontend 0/2, 1 missing"
    assert "backend" not in notice.text


@pytest.mark.parametrize(("transparency", "says"), [("high", True), ("medium", False)])
def test_at_high_transparency_each_verdict_is_told(tmp_path: Path, transparency: str, says: bool) -> None:
    text = PLAN.replace("checkpoint: 1", f"checkpoint: 1\ntransparency: {transparency}")
    assert ("B1 passed: `api.json` contains paths" in told(tmp_path, text)["terminal"].text) is says


def test_at_low_transparency_what_was_to_be_expected_is_kept_quiet(tmp_path: Path) -> None:
    assert told(tmp_path, PLAN.replace("checkpoint: 1", "checkpoint: 1\ntransparency: low")) == {}


def test_a_document_too_large_to_be_kept_is_told_as_plain_text(tmp_path: Path) -> None:
    def kept(length: int) -> str:
        """What is kept of a document that says so much."""
        template = f'[{{"type": "section", "text": {{"type": "plain_text", "text": "{"y" * length}"}}}}]'
        where = tmp_path / str(length)
        return told(where, PLAN, ToSlack("slack"), templates={"slack.json.j2": template})["slack"].text

    assert msgspec.json.decode(kept(TEXT // 2))
    assert kept(TEXT).startswith("backend: 1/2 tasks done")
