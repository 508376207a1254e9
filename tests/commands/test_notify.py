"""`checkpoint notify`: a test notice through each notifier, and how the channels do."""

from pathlib import Path

import pytest

from checkpoint.notify import Notice
from checkpoint.notify.rows import row
from checkpoint.place import Place
from checkpoint.store import Store
from tests.helpers.distributions import install
from tests.helpers.scenes import Scene, published

FRAIL = """
class Frail:
    name = "frail"
    def __init__(self, means):
        pass
    def send(self, notice):
        raise RuntimeError("https://example.org/the-secret")
"""

BUSY = """
from checkpoint.notify import NotifyError
class Busy:
    name = "busy"
    tries = 0
    def __init__(self, means):
        pass
    def send(self, notice):
        self.tries += 1
        if self.tries == 1:
            raise NotifyError("slow down", after=AFTER)
        return "the second time"
"""


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """The notifiers are one that fails in its own way, and the file."""
    install(tmp_path, "frail", "frail_post", FRAIL, "frail = frail_post:Frail")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "frail, file")
    return published(tmp_path / "repositories")


def test_a_notifier_that_fails_in_its_own_way_keeps_no_other_from_its_test(scene: Scene) -> None:
    frail, file = scene.json("notify", "test", status=6).channels
    assert (frail.name, frail.state, frail.problem) == ("frail", "failed", "failed with RuntimeError")
    assert (file.name, file.state) == ("file", "sent")
    assert "test notice of plan.md" in Path(file.receipt).read_text()


def test_a_test_of_nothing_says_so(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "")
    ran = scene.run("notify", "test")
    assert (ran.status, "no notifier is configured" in ran.err) == (64, True)


def test_what_waits_is_listed_with_why_and_since_when(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "slack")
    scene.now()
    row, problem, mend = scene.run("notify", "list", "slack").out.splitlines()
    assert row.split()[:2] == ["degraded", "slack"]
    assert "since 20" in row
    assert "1 to be sent, next try 20" in row
    assert problem.strip()
    assert mend.startswith("  → set `slack-channel`")


def test_what_fails_is_said_without_its_own_words(scene: Scene) -> None:
    ran = scene.run("notify", "test")
    assert ran.status == 6
    assert "failed with RuntimeError" in ran.out
    assert "secret" not in ran.out + ran.err


def test_the_list_says_what_was_told_and_what_may_not_have_arrived(scene: Scene) -> None:
    assert [line.split() for line in scene.run("notify").out.splitlines()] == [["unused", "frail"], ["unused", "file"]]
    scene.now()
    frail, file = scene.run("notify", "list").out.splitlines()
    assert frail.split()[:2] == ["unsure", "frail"]
    assert frail.endswith("1 may not have arrived")
    assert file.split()[:4] == ["ok", "file", "last", "told"]


def test_what_is_due_is_tried_now(scene: Scene) -> None:
    scene.now()
    with Store(Place(str(scene.work), None).store_folder) as store:
        store.outbox.add(1.0, [row("file", Notice("left", "plan.md", "left over", ""))])
    assert scene.run("notify", "list", "file").out.rstrip().endswith("1 to be sent, next try now")


def test_a_channel_that_is_not_configured_any_more_is_listed_as_that(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.now()
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "file")
    file, frail = scene.json("notify").channels
    assert (file.name, file.state) == ("file", "ok")
    assert (frail.name, frail.state, frail.unsure, frail.due) == ("frail", "not configured", 1, "")
    assert scene.run("notify").status == 0


@pytest.fixture
def slack_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_SLACK_CHANNEL", "#plans, backend=#payments")


@pytest.mark.usefixtures("slack_channels")
def test_one_channel_is_tested_by_its_name(scene: Scene) -> None:
    every = scene.json("notify", "test", "slack", status=6).channels
    assert [each.name for each in every] == ["slack", "slack:backend"]
    (only,) = scene.json("notify", "test", "slack:backend", status=6).channels
    assert only.name == "slack:backend"


@pytest.mark.usefixtures("slack_channels")
def test_a_channel_that_is_not_there_is_named_with_those_that_are(scene: Scene) -> None:
    ran = scene.run("notify", "test", "slack:nowhere")
    assert (ran.status, "slack, slack:backend" in ran.err) == (64, True)


@pytest.mark.parametrize(("after", "status"), [(0.01, 0), (60.0, 6)])
def test_a_service_that_asks_for_a_moment_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: float, status: int
) -> None:
    module = f"busy_post_{status}"  # each is imported once
    install(tmp_path, "busy", module, BUSY.replace("AFTER", str(after)), f"busy = {module}:Busy")
    monkeypatch.syspath_prepend(str(tmp_path))
    scene = published(tmp_path / "repositories")
    (tested,) = scene.json("notify", "test", "busy", status=status).channels
    assert (tested.state, tested.receipt) == (("sent", "the second time") if status == 0 else ("failed", ""))
