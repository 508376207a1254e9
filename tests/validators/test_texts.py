"""`contains`, `lacks`, `matches`, `sha256`: what is written there."""

import hashlib
from pathlib import Path

import pytest

from tests.helpers.artifacts import REGISTRY, say, the
from tests.helpers.repositories import write

LOGIN = '"""Logs people in."""\n\n\ndef login(name: str) -> None:\n    raise NotImplementedError\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, {"login.py": LOGIN, "latin.txt": "caf\u00e9".encode("latin-1"), "bom.txt": b"\xef\xbb\xbfstart"})
    return tmp_path


def test_contains_holds(folder: Path) -> None:
    assert say("contains", folder, "login.py", "def login(") == []
    assert say("contains", folder, "login.py", "n", "at-least", "3") == []


def test_contains_says_what_to_add(folder: Path) -> None:
    finding = the(say("contains", folder, "login.py", "def logout("))
    assert (finding.expected, finding.found, finding.where) == ("`def logout(`", "no such text", "login.py")
    assert finding.action == "add a line with `def logout(` to `login.py`"


def test_contains_says_how_often_more(folder: Path) -> None:
    finding = the(say("contains", folder, "login.py", "def ", "at-least", "3"))
    assert (finding.expected, finding.found) == ("`def ` at least 3 times", "1")
    assert finding.action == "add `def ` to `login.py`, 2 more"


@pytest.mark.parametrize("words", [[], [""], ["x", "at-least", "0"], ["x", "y"]])
def test_contains_refuses_words_that_mean_nothing(folder: Path, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"missing|empty|always holds|too many"):
        say("contains", folder, "login.py", *words)


def test_text_that_is_not_utf_8_is_a_finding(folder: Path) -> None:
    finding = the(say("contains", folder, "latin.txt", "caf"))
    assert (finding.expected, finding.found) == ("text in UTF-8", "byte 3 is not")


def test_lacks_holds(folder: Path) -> None:
    assert say("lacks", folder, "login.py", "TODO") == []


def test_lacks_names_the_line(folder: Path) -> None:
    finding = the(say("lacks", folder, "login.py", "NotImplementedError"))
    assert (finding.expected, finding.found, finding.where) == ("no `NotImplementedError`", "it is there", "login.py:5")
    assert finding.action == "finish the work at `login.py:5`, so that `NotImplementedError` can go"


def test_lacks_looks_from_the_first_letter_on(folder: Path) -> None:
    assert the(say("lacks", folder, "bom.txt", "start")).where == "bom.txt:1"


def test_lacks_counts(folder: Path) -> None:
    assert the(say("lacks", folder, "login.py", "n")).found == f"it is there {LOGIN.count('n')} times"


def test_lacks_of_a_missing_file_does_not_hold(folder: Path) -> None:
    assert the(say("lacks", folder, "logout.py", "TODO")).found == "nothing there"


def test_lacks_refuses_an_empty_text(folder: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        say("lacks", folder, "login.py", "")


@pytest.mark.parametrize("pattern", ["^def login", r"\braise\s+\w+$", "(?i)LOGS", "a|^def", r"^\s+raise"])
def test_matches_holds(folder: Path, pattern: str) -> None:
    assert say("matches", folder, "login.py", pattern) == []


def test_matches_says_what_is_expected(folder: Path) -> None:
    finding = the(say("matches", folder, "login.py", "^def logout"))
    assert (finding.expected, finding.found, finding.where) == ("a match of `^def logout`", "none", "login.py")
    assert finding.action == "complete `login.py` so that `^def logout` describes a line"


def test_matches_counts(folder: Path) -> None:
    assert say("matches", folder, "login.py", "^.+$", "at-least", "3") == []
    finding = the(say("matches", folder, "login.py", "^.+$", "at-least", "4"))
    assert (finding.expected, finding.found) == ("at least 4 matches of `^.+$`", "3")


def test_matches_takes_letters_of_any_script(folder: Path) -> None:
    write(folder, {"names.txt": "Zo\u00eb\n"})
    assert say("matches", folder, "names.txt", "^Zo.$") == []
    assert say("matches", folder, "names.txt", r"^\pL+$") == []


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)", "(?<!a)b", "[z-a]", "a{2000}", ".*", "^"])
def test_a_pattern_that_means_nothing_is_refused(folder: Path, pattern: str, capfd: pytest.CaptureFixture[str]) -> None:
    lint = REGISTRY.find("matches").lint
    assert lint is not None
    with pytest.raises(ValueError, match=r"not a regular expression of RE2|matches even nothing"):
        lint(pattern)
    with pytest.raises(ValueError, match=r"not a regular expression of RE2|matches even nothing"):
        say("matches", folder, "login.py", pattern)
    assert capfd.readouterr() == ("", "")


def test_matches_refuses_to_ask_for_nothing(folder: Path) -> None:
    with pytest.raises(ValueError, match="always holds"):
        say("matches", folder, "login.py", "def", "at-least", "0")


def test_no_pattern_hangs(folder: Path) -> None:
    write(folder, {"a.txt": "a" * 100_000 + "!"})
    assert the(say("matches", folder, "a.txt", "^(a+)+$")).found == "none"


def test_sha256_holds(folder: Path) -> None:
    digest = hashlib.sha256(LOGIN.encode()).hexdigest()
    assert say("sha256", folder, "login.py", digest) == say("sha256", folder, "login.py", digest.upper()) == []


def test_sha256_says_which_it_is(folder: Path) -> None:
    finding = the(say("sha256", folder, "login.py", "0" * 64))
    assert finding.expected == "sha256 " + "0" * 64
    assert finding.found == "sha256 " + hashlib.sha256(LOGIN.encode()).hexdigest()


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "0" * 63])
def test_sha256_refuses_what_is_no_digest(folder: Path, digest: str) -> None:
    with pytest.raises(ValueError, match="is not a sha256"):
        say("sha256", folder, "login.py", digest)
