"""People hear of trouble, and of its end, through an outbox that may be in trouble itself."""

from pathlib import Path

from checkpoint.errors import Stalled
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
