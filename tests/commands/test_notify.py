"""`checkpoint notify`: a test notice through each notifier, and how the channels do."""

from pathlib import Path

import pytest

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
    row, problem = scene.run("notify").out.splitlines()
    assert row.split()[:2] == ["degraded", "slack"]
    assert "since 20" in row
    assert "1 to be sent, next try 20" in row
    assert problem.strip()


def test_what_fails_is_said_without_its_own_words(scene: Scene) -> None:
    ran = scene.run("notify", "test")
    assert ran.status == 6
    assert "failed with RuntimeError" in ran.out
    assert "secret" not in ran.out + ran.err


def test_the_list_says_what_was_told_and_what_may_not_have_arrived(scene: Scene) -> None:
    assert [line.split() for line in scene.run("notify").out.splitlines()] == [["unused", "frail"], ["unused", "file"]]
    scene.now()
    frail, file = scene.run("notify", "list").out.splitlines()
    assert frail.endswith("1 may not have arrived")
    assert file.split()[:4] == ["ok", "file", "last", "told"]
