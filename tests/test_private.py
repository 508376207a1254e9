"""Private folders and files: nobody else's, and whole."""

import os
from pathlib import Path

import pytest

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.snapshot import open_snapshot, read_snapshot, write_snapshot


def mode(path: Path) -> int:
    return os.stat(path).st_mode & 0o777


def test_a_folder_is_made_for_the_user_alone(tmp_path: Path) -> None:
    private.make_folder(str(tmp_path / "a" / "b" / "c"))
    for folder in ("a", "a/b", "a/b/c"):
        assert mode(tmp_path / folder) == 0o700
        private.make_folder(str(tmp_path / folder))


@pytest.mark.parametrize("open_to", [0o750, 0o705, 0o702, 0o720])
def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path, open_to: int) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store").chmod(open_to)
    with pytest.raises(Stalled, match="open to others") as caught:
        private.make_folder(str(tmp_path / "store"))
    assert "chmod go= " in caught.value.mend


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    private.make_folder(str(tmp_path / "real"))
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(Stalled, match="is a link"):
        private.make_folder(str(tmp_path / "link"))


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for path in ("file", "file/below"):
        with pytest.raises(Stalled, match="cannot be used"):
            private.make_folder(str(tmp_path / path))
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(tmp_path: Path) -> None:
    private.make_folder(str(tmp_path / "store"))
    os.chown(tmp_path / "store", 12345, -1)
    with pytest.raises(Stalled, match="somebody else"):
        private.make_folder(str(tmp_path / "store"))


def test_a_file_is_replaced_at_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "file"
    private.write(str(path), b"old")
    before = path.stat().st_ino
    private.write(str(path), b"new")
    assert (private.read(str(path)), mode(path)) == (b"new", 0o600)
    assert path.stat().st_ino != before
    assert os.listdir(tmp_path) == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    with pytest.raises(Stalled, match="cannot be used"):
        private.write(str(tmp_path / "target"), b"new")
    assert os.listdir(tmp_path) == ["target"]


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(Stalled, match="no regular file"):
        private.read(str(tmp_path / "pipe"))


def test_a_snapshot_is_read_as_it_was_written(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    assert read_snapshot(folder) is None
    old = None
    for number, name in enumerate(("a", "ü", "a")):
        teams = [{"name": name}, {"name": "other"}]
        document = {"report": {"teams": teams, "actions": {}}, "number": number}
        other = None if old else {"tasks": ["first"], "actions": [1]}
        write_snapshot(folder, document, [{"tasks": [number], "actions": []}, other], old)
        old, found = open_snapshot(folder), read_snapshot(folder)
        assert found
        assert found["number"] == number
        assert [team["tasks"] for team in found["report"]["teams"]] == [[number], ["first"]]
        assert found["report"]["actions"] == {name: [], "other": [1]}


def test_a_snapshot_is_made_anew_where_most_of_it_is_old(tmp_path: Path) -> None:
    folder, old = str(tmp_path / "store"), None
    for number in range(5):
        document = {"report": {"teams": [{"name": "a"}, {"name": "b"}], "actions": {}}}
        body = {"tasks": ["x" * 1_000_000], "actions": [number]}
        write_snapshot(folder, document, [body, None if old else {"tasks": ["first"], "actions": []}], old)
        old, found = open_snapshot(folder), read_snapshot(folder)
        assert found
        assert found["report"]["actions"] == {"a": [number], "b": []}
        assert found["report"]["teams"][1]["tasks"] == ["first"]
    assert sum(file.stat().st_size for file in (tmp_path / "store").iterdir()) < 3_500_000


def test_who_reads_a_snapshot_while_it_is_made_anew_reads_the_newer_one(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    document = {"report": {"teams": [{"name": "a"}], "actions": {}}}
    write_snapshot(folder, document, [{"tasks": [1], "actions": []}], None)
    early = open_snapshot(folder)
    write_snapshot(folder, document, [{"tasks": [2], "actions": []}], None)
    assert early
    assert early.body("a") is None
    found = read_snapshot(folder)
    assert found
    assert found["report"]["teams"][0]["tasks"] == [2]


def test_a_snapshot_of_another_version_or_cut_off_is_none(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    write_snapshot(folder, {"report": {"teams": [{"name": "a" * 100}], "actions": {}}}, [None], None)
    file = tmp_path / "store" / "status.marshal"
    for content in (b"", file.read_bytes()[:20], b"\xffnonsense"):
        file.write_bytes(content)
        assert read_snapshot(folder) is None


def test_no_path_is_no_folder() -> None:
    with pytest.raises(Stalled):
        private.make_folder("")
