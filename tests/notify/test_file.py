"""The file notifier: one file for all, one a team, always the latest."""

import os
from pathlib import Path

import msgspec
import pytest

from checkpoint.notify import Notice, NotifyError, TeamNotice
from checkpoint.notify.file import FileNotifier

NOTICE = Notice("r1", "plan.md", "title", "text")


def test_everybody_and_each_team_have_a_file(tmp_path: Path) -> None:
    notifier = FileNotifier(str(tmp_path / "a" / "b"))
    notifier.send(msgspec.structs.replace(NOTICE, teams=(TeamNotice("api", "do this"), TeamNotice("all", "do that"))))
    found = {str(path.relative_to(tmp_path / "a" / "b")): path.read_text() for path in tmp_path.rglob("*.txt")}
    assert found == {
        "all.txt": "title\ntext\n",
        "teams/api.txt": "title\ndo this\n",
        "teams/all.txt": "title\ndo that\n",
    }


def test_the_latest_notice_replaces_the_one_before(tmp_path: Path) -> None:
    notifier = FileNotifier(str(tmp_path))
    notifier.send(msgspec.structs.replace(NOTICE, text="first\n" * 50))
    notifier.send(msgspec.structs.replace(NOTICE, text="second"))
    assert (tmp_path / "all.txt").read_text() == "title\nsecond\n"
    assert os.listdir(tmp_path) == ["all.txt"]


def test_a_text_that_was_cut_says_so(tmp_path: Path) -> None:
    FileNotifier(str(tmp_path)).send(msgspec.structs.replace(NOTICE, text=f"{'x' * 900}\n" * 100))
    lines = (tmp_path / "all.txt").read_text().splitlines()
    assert lines[-1] == "…"
    assert len(lines) < 100


def test_the_files_are_private(tmp_path: Path) -> None:
    FileNotifier(str(tmp_path / "notices")).send(msgspec.structs.replace(NOTICE, teams=(TeamNotice("api", ""),)))
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes == {"notices": 0o700, "teams": 0o700, "api.txt": 0o600, "all.txt": 0o600}


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "all.txt").symlink_to("precious")
    FileNotifier(str(tmp_path)).send(NOTICE)
    assert (tmp_path / "precious").read_text() == "kept"
    assert (tmp_path / "all.txt").read_text() == "title\ntext\n"


@pytest.mark.parametrize("team", ["../up", "a/b", "..", ".hidden", "a\0b", "a\nb", "x" * 300])
def test_a_name_that_is_none_of_a_file_is_refused(tmp_path: Path, team: str) -> None:
    with pytest.raises(NotifyError):
        FileNotifier(str(tmp_path / "notices")).send(msgspec.structs.replace(NOTICE, teams=(TeamNotice(team, ""),)))
    assert os.listdir(tmp_path) == []


def test_trouble_has_a_file_of_its_own_until_it_is_over(tmp_path: Path) -> None:
    notifier = FileNotifier(str(tmp_path))
    notifier.send(NOTICE)
    trouble = msgspec.structs.replace(NOTICE, kind="trouble", title="slack is degraded", level="bad")
    notifier.send(trouble)
    assert (tmp_path / "trouble.txt").read_text() == "slack is degraded\ntext\n"
    notifier.send(msgspec.structs.replace(trouble, level="good"))
    assert sorted(os.listdir(tmp_path)) == ["all.txt", "trouble"]
    assert os.listdir(tmp_path / "trouble") == []
    assert (tmp_path / "all.txt").read_text() == "title\ntext\n"


def test_the_end_of_one_trouble_leaves_the_others(tmp_path: Path) -> None:
    notifier = FileNotifier(str(tmp_path))
    shown = tmp_path / "trouble.txt"
    slack = Notice("d1", "plan.md", "slack is degraded", "401", "bad", "trouble", about="the channel slack")
    stuck = Notice("t1", "plan.md", "no checkpoint", "why", "bad", "trouble", about="checkpoints")
    for each in (slack, stuck, msgspec.structs.replace(stuck, key="t2", title="still none")):
        notifier.send(each)
    assert shown.read_text() == "still none\nwhy\n\nslack is degraded\n401\n"
    notifier.send(msgspec.structs.replace(stuck, key="o1", level="good"))
    assert shown.read_text() == "slack is degraded\n401\n"
    notifier.send(msgspec.structs.replace(slack, key="r1", level="good"))
    assert not shown.exists()
