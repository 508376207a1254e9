"""People hear of trouble, and of its end, through an outbox that may be in trouble itself."""

from pathlib import Path

import pytest

from checkpoint.errors import PlanError, Stalled
from checkpoint.notify.rows import decoded
from checkpoint.store import Store
from checkpoint.triggers.alarm import Alarm


def test_an_outbox_that_cannot_be_used_ends_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    Store(str(folder)).close()
    journal = folder / "journal.db"
    alarm = Alarm(str(folder), "plan.md", ["file"], lambda: 1_800_000_000.0, lambda: None)
    journal.chmod(0o644)  # refused, as on a full disk
    assert alarm.failed(Stalled("the journal cannot be used"), 0.0, "")
    journal.chmod(0o600)
    assert not alarm.failed(Stalled("the journal cannot be used"), 1.0, "")
    journal.chmod(0o644)
    assert alarm.recovered()
    journal.chmod(0o600)
    assert not alarm.recovered()
    with Store(str(folder)) as store:
        keys = store.outbox.keys()
    assert [key.partition(":")[0] for key in keys] == ["over", "trouble"]


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(tmp_path: Path) -> str:
    Store(str(tmp_path / "store")).close()
    return str(tmp_path / "store")


def heard(folder: str, channel: str) -> list[str]:
    """What a channel is to be told, oldest first."""
    with Store(folder) as store:
        return [decoded(each).title for each in store.outbox.unsent(channel)]


BROKEN = "no checkpoint of plan.md: plan.md has 1 error"
OVER = "checkpoints of plan.md are taken again"


def test_what_breaks_again_and_again_is_told_once_a_day_and_so_is_its_end(folder: str) -> None:
    clock = Clock()
    alarm = Alarm(folder, "plan.md", ["file"], clock, lambda: None)
    for errors in (1, 3, 2):
        alarm.failed(PlanError(f"plan.md has {errors} error{'s' * (errors > 1)}"), 0.0, "")
        alarm.recovered()
        clock.now += 60.0
    assert heard(folder, "file") == [BROKEN, OVER]
    clock.now += 86400.0
    alarm.failed(PlanError("plan.md has 1 error"), 0.0, "")
    alarm.recovered()
    assert heard(folder, "file") == [BROKEN, OVER, BROKEN, OVER]


def test_a_trouble_that_was_told_before_does_not_hide_the_end_of_a_new_one(folder: str) -> None:
    alarm = Alarm(folder, "plan.md", ["file"], Clock(), lambda: None)
    broken, protected = PlanError("plan.md has 1 error"), Stalled("the server declines pushes to main")
    alarm.failed(broken, 0.0, "")
    alarm.recovered()
    alarm.failed(protected, 0.0, "")
    alarm.failed(broken, 0.0, "")
    alarm.recovered()
    assert heard(folder, "file") == [BROKEN, OVER, f"no checkpoint of plan.md: {protected.what}", OVER]


def test_what_has_ended_is_trouble_in_another_process_too(folder: str) -> None:
    Alarm(folder, "plan.md", ["file"], Clock(), lambda: None).failed(PlanError("plan.md has 1 error"), 0.0, "")
    assert not Alarm(folder, "plan.md", ["file"], Clock(), lambda: None).recovered()
    assert heard(folder, "file") == [BROKEN, OVER]


def test_a_channel_that_heard_of_no_trouble_hears_of_no_end(folder: str) -> None:
    Alarm(folder, "plan.md", ["file"], Clock(), lambda: None).failed(PlanError("plan.md has 1 error"), 0.0, "")
    Alarm(folder, "plan.md", ["file", "slack"], Clock(), lambda: None).recovered()
    assert (heard(folder, "file"), heard(folder, "slack")) == ([BROKEN, OVER], [])
