import os
from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write


@pytest.mark.parametrize("path", ["a.txt", "docs", "docs/", "**/*.md", "conf.d", "v1.2", "bundle.app/", ".env", "."])
def test_a_file_or_folder_with_content_is_there(tmp_path: Path, path: str) -> None:
    write(
        tmp_path,
        {"a.txt": "x", "docs/deep/b.md": "x", "conf.d/one": "x", "v1.2/one": "x", "bundle.app/one": "x", ".env": "x"},
    )
    assert say("exists", tmp_path, path) == []


@pytest.mark.parametrize("path", ["b.txt", "docs/", "*.md", "a.txt/b"])
def test_nothing_is_there(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"a.txt": "x"})
    assert the(say("exists", tmp_path, path)).found == "nothing there"


@pytest.mark.parametrize(
    ("path", "expected", "found"),
    [
        ("empty.txt", "content", "an empty file"),
        ("model.bin", "the file itself", "a Git LFS pointer"),
        ("folder.txt", "a file", "a folder"),
        ("folder.7z", "a file", "a folder"),
        ("folder", "a folder with content", "no file with content in it"),
        ("hollow/", "a folder with content", "no file with content in it"),
        ("a.txt/", "a folder", "a file"),
        ("link.txt", "a file or folder", "a link"),
        ("pipe", "a file or folder", "a pipe, socket or device"),
    ],
)
def test_what_only_looks_as_if_it_were_there(tmp_path: Path, path: str, expected: str, found: str) -> None:
    write(
        tmp_path,
        {"a.txt": "x", "empty.txt": "", "folder.txt/inside.txt": "x", "folder.7z/inside.txt": "x", "hollow/empty": ""},
    )
    write(tmp_path, {"model.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"})
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.txt").symlink_to("a.txt")
    os.mkfifo(tmp_path / "pipe")
    finding = the(say("exists", tmp_path, path))
    assert (finding.expected, finding.found, finding.where) == (expected, found, path.rstrip("/"))


def test_every_match_of_a_glob_must_have_content(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "x", "b.md": ""})
    assert the(say("exists", tmp_path, "*.md")).where == "b.md"


def test_a_word_too_many(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one word too many"):
        say("exists", tmp_path, "a.txt", "now")
