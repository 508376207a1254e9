"""Raw texts: read back as they were, or with a note of what was left out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.errors import Stalled
from checkpoint.store.raw import RawFiles, cut


def raw(folder: Path) -> RawFiles:
    return RawFiles(str(folder / "raw"))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    files = raw(tmp_path_factory.mktemp("store"))
    digest, size = files.add(text)
    assert files.read(digest) == text
    assert size == len(text.encode())


def test_what_has_no_utf8_is_kept_escaped(tmp_path: Path) -> None:
    digest, _ = raw(tmp_path).add("a\udcffb\ud800")
    assert raw(tmp_path).read(digest) == "a\\udcffb\\ud800"


def test_the_same_text_is_kept_once(tmp_path: Path) -> None:
    added = raw(tmp_path).add("text")
    (file,) = (tmp_path / "raw").iterdir()
    before = file.stat().st_ino
    assert raw(tmp_path).add("text") == added
    assert [each.stat().st_ino for each in (tmp_path / "raw").iterdir()] == [before]


def test_a_long_text_keeps_its_head_and_its_tail(tmp_path: Path) -> None:
    digest, size = raw(tmp_path).add("head" + "x" * 1_000_000 + "tail", limit=1000)
    text = raw(tmp_path).read(digest)
    assert text
    assert (text[:4], text[-4:]) == ("head", "tail")
    assert "\n[999008 bytes left out]\n" in text
    assert size == len(text) == 1025


def test_a_cut_inside_a_character_is_still_read(tmp_path: Path) -> None:
    digest, _ = raw(tmp_path).add("é" * 1000, limit=502)
    assert "bytes left out" in (raw(tmp_path).read(digest) or "")


@given(st.binary(max_size=200), st.integers(0, 100))
def test_no_more_than_the_limit_and_a_note_is_kept(content: bytes, limit: int) -> None:
    kept = cut(content, limit)
    assert kept == content if len(content) <= limit else len(kept) <= limit + 40


def test_what_was_never_kept_is_nothing(tmp_path: Path) -> None:
    assert raw(tmp_path).read("0" * 64) is None


def test_a_link_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(0o700)
    (tmp_path / "raw").symlink_to("elsewhere")
    with pytest.raises(Stalled, match="is a link"):
        raw(tmp_path).add("text")
