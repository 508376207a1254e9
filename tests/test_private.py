"""Private folders and files: nobody else's, and whole."""

import os
from pathlib import Path

import pytest

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.snapshot import read_snapshot, write_snapshot


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
    for document in ({"a": [1, None]}, {"b": "ü"}, {}):
        write_snapshot(folder, document)
        assert read_snapshot(folder) == document


def test_a_snapshot_of_another_version_or_cut_off_is_none(tmp_path: Path) -> None:
    folder = str(tmp_path / "store")
    write_snapshot(folder, {"a": "b" * 100})
    file = tmp_path / "store" / "status.marshal"
    for content in (b"", file.read_bytes()[:20], b"\xffnonsense"):
        file.write_bytes(content)
        assert read_snapshot(folder) is None


def test_no_path_is_no_folder() -> None:
    with pytest.raises(Stalled):
        private.make_folder("")
