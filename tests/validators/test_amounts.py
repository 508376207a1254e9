"""`absent`, `count`, `size`, `lines`: how much there is."""

from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import write


def test_absent_holds_where_nothing_is(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "x"})
    assert say("absent", tmp_path, "*.tmp") == say("absent", tmp_path, "old/") == []


@pytest.mark.parametrize(
    ("path", "found"), [("a.tmp", "a file"), ("old/", "a folder"), ("link", "a link"), ("empty", "a file")]
)
def test_absent_names_what_is_there(tmp_path: Path, path: str, found: str) -> None:
    write(tmp_path, {"a.tmp": "x", "old/b": "x", "empty": ""})
    (tmp_path / "link").symlink_to("nowhere")
    finding = the(say("absent", tmp_path, path))
    assert (finding.found, finding.where) == (found, path.rstrip("/"))
    assert finding.action == f"remove `{path.rstrip('/')}`"


def test_absent_names_all_of_a_few(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.tmp": "x" for number in range(5)})
    assert the(say("absent", tmp_path, "*.tmp")).action == "remove `0.tmp`, `1.tmp`, `2.tmp`, `3.tmp`, `4.tmp`"


def test_absent_names_the_first_of_many(tmp_path: Path) -> None:
    write(tmp_path, {f"{number}.tmp": "x" for number in range(7)})
    finding = the(say("absent", tmp_path, "*.tmp"))
    assert finding.found == "7 of them"
    assert finding.action == "remove `0.tmp`, `1.tmp`, `2.tmp`, `3.tmp`, `4.tmp` and 2 more"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("docs/*.md", "at-least 2"),
        ("docs/*.md", "at-least 1 at-most 2"),
        ("docs/*.md", "exactly 2"),
        ("docs", "exactly 3"),
        ("docs/", "exactly 3"),
        ("*/", "exactly 1"),
        ("nothing/*", "exactly 0"),
        ("nothing/*", "at-most 3"),
    ],
)
def test_count_holds(tmp_path: Path, path: str, words: str) -> None:
    write(
        tmp_path, {"docs/a.md": "x", "docs/b.md": "x", "docs/empty.md": "", "docs/deep/c.txt": "x", "hollow/empty": ""}
    )
    assert say("count", tmp_path, path, *words.split()) == []


@pytest.mark.parametrize(
    ("words", "expected", "action"),
    [
        ("at-least 3", "at least 3 files", "add 1 file at `*.md`"),
        ("at-least 9", "at least 9 files", "add 7 files at `*.md`"),
        ("exactly 3", "exactly 3 files", "add 1 file at `*.md`"),
        ("at-most 1", "at most 1 file", "remove what is superfluous at `*.md`, 1 in all"),
        ("exactly 0", "exactly 0 files", "remove what is superfluous at `*.md`, 2 in all"),
    ],
)
def test_count_says_how_many_are_there(tmp_path: Path, words: str, expected: str, action: str) -> None:
    write(tmp_path, {"a.md": "x", "b.md": "x", "empty.md": ""})
    finding = the(say("count", tmp_path, "*.md", *words.split()))
    assert (finding.expected, finding.found, finding.action) == (expected, "2", action)


def test_count_of_nothing_is_missing(tmp_path: Path) -> None:
    assert the(say("count", tmp_path, "*.md", "at-least", "1")).found == "nothing there"


@pytest.mark.parametrize(
    "words",
    [
        "",
        "at-least 3 at-most 2",
        "exactly 1 at-least 1",
        "exactly 0 at-most 0",
        "at-least 1 at-most 0",
        "at-least 0",
        "at-least many",
        "at-least",
        "3",
        "at-least -1",
    ],
)
def test_count_refuses_words_that_mean_nothing(tmp_path: Path, words: str) -> None:
    with pytest.raises(
        ValueError, match=r"say how many|no number|drop|always holds|not a whole number|missing|too many"
    ):
        say("count", tmp_path, "*.md", *words.split())


@pytest.mark.parametrize(
    "words", ["at-least 2kB", "at-least 2048 at-most 2048", "at-least 1KiB at-most 2KiB", "at-most 0.1MB"]
)
def test_size_holds(tmp_path: Path, words: str) -> None:
    write(tmp_path, {"a.bin": b"x" * 2048})
    assert say("size", tmp_path, "a.bin", *words.split()) == []


@pytest.mark.parametrize(
    ("words", "expected", "action"),
    [
        ("at-least 3kB", "at least 3,000 bytes", "complete `a.bin`"),
        ("at-most 2kB", "at most 2,000 bytes", "make `a.bin` smaller"),
    ],
)
def test_size_says_how_large_the_file_is(tmp_path: Path, words: str, expected: str, action: str) -> None:
    write(tmp_path, {"a.bin": b"x" * 2048})
    finding = the(say("size", tmp_path, "a.bin", *words.split()))
    assert (finding.expected, finding.found, finding.where, finding.action) == (
        expected,
        "2,048 bytes",
        "a.bin",
        action,
    )


@pytest.mark.parametrize(
    "words", ["", "at-least 0", "at-least 2kB at-most 1kB", "at-least 1 at-most 0", "at-least big", "at-least 3parsecs"]
)
def test_size_refuses_words_that_mean_nothing(tmp_path: Path, words: str) -> None:
    write(tmp_path, {"a.bin": b"x"})
    with pytest.raises(ValueError, match=r"say how large|no size|always holds|is not a size"):
        say("size", tmp_path, "a.bin", *words.split())


@pytest.mark.parametrize("text", ["one\ntwo\nthree", "one\r\n\r\ntwo\r\n\n \t\nthree\n", "\n\n one\n two\n three\n"])
def test_lines_counts_those_that_are_not_blank(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.txt": text})
    assert say("lines", tmp_path, "a.txt", "at-least", "3", "at-most", "3") == []


@pytest.mark.parametrize(
    ("words", "expected", "action"),
    [
        ("at-least 3", "at least 3 lines that are not blank", "write the rest of `a.txt`"),
        ("at-most 1", "at most 1 lines that are not blank", "shorten `a.txt`"),
        ("at-most 0", "at most 0 lines that are not blank", "shorten `a.txt`"),
    ],
)
def test_lines_says_how_many_there_are(tmp_path: Path, words: str, expected: str, action: str) -> None:
    write(tmp_path, {"a.txt": "one\n\n\n\ntwo\n"})
    finding = the(say("lines", tmp_path, "a.txt", *words.split()))
    assert (finding.expected, finding.found, finding.where, finding.action) == (expected, "2", "a.txt", action)


@pytest.mark.parametrize("words", ["", "at-least 3 at-most 2", "at-least 1 at-most 0", "at-least 0", "at-least few"])
def test_lines_refuses_words_that_mean_nothing(tmp_path: Path, words: str) -> None:
    write(tmp_path, {"a.txt": "x"})
    with pytest.raises(ValueError, match=r"say how many|no number|always holds|not a whole number"):
        say("lines", tmp_path, "a.txt", *words.split())


def test_lines_of_a_large_blank_file(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b"\n" * 8_000_000})
    assert the(say("lines", tmp_path, "a.txt", "at-least", "1")).found == "0"
