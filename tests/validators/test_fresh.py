"""`fresh`: made after its sources, or lately."""

import os
from pathlib import Path

import pytest

from tests.helpers.artifacts import NOW, judge, say, the
from tests.helpers.repositories import commit, git, write

HOUR = 3600.0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Sources changed 5 and 3 hours ago; a page 2, and a report 4 hours ago."""
    ages = {"src/a.py": 5, "src/deep/b.py": 3, "site/index.html": 2, "site/old.html": 9, "report.pdf": 4, "same.txt": 4}
    write(tmp_path, dict.fromkeys(ages, "x"))
    for path, hours in ages.items():
        age(tmp_path / path, hours)
    return tmp_path


def age(path: Path, hours: float) -> None:
    os.utime(path, (NOW - hours * HOUR,) * 2)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("site/", "than src/**"),
        ("site/index.html", "than src/**"),
        ("report.pdf", "than src/a.py"),
        ("report.pdf", "within 5h"),
        ("report.pdf", "within 4h"),
        ("report.pdf", "than same.txt"),
        ("site", "within 3h"),
        ("report.pdf", "than src/a.py within 1d"),
    ],
)
def test_what_is_fresh(folder: Path, path: str, words: str) -> None:
    assert say("fresh", folder, path, *words.split()) == []


@pytest.mark.parametrize(
    ("path", "words", "expected", "found"),
    [
        ("report.pdf", "than src/**", "newer than `src/deep/b.py`", "1h older"),
        ("report.pdf", "than src", "newer than `src/deep/b.py`", "1h older"),
        ("site/old.html", "than src/a.py", "newer than `src/a.py`", "4h older"),
        ("site/old.html", "than src/**", "newer than `src/deep/b.py`", "6h older"),
        ("report.pdf", "within 30m", "changed within 30m", "changed 4h ago"),
    ],
)
def test_what_is_stale(folder: Path, path: str, words: str, expected: str, found: str) -> None:
    finding = the(say("fresh", folder, path, *words.split()))
    assert (finding.expected, finding.found, finding.where) == (expected, found, path)
    assert finding.action.startswith(f"make `{path}` anew")


def test_each_file_of_a_glob_must_be_fresh(folder: Path) -> None:
    assert the(say("fresh", folder, "site/*", "than", "src/**")).where == "site/old.html"


def test_sources_may_be_the_repository_s(folder: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    write(repository, {"schema/a.json": "x"})
    age(repository / "schema/a.json", 3)
    finding = the(say("fresh", folder, "report.pdf", "than", "schema/*", references=repository))
    assert finding.expected == "newer than `schema/a.json`"


def test_a_time_of_change_ahead_of_the_clock_proves_nothing(folder: Path) -> None:
    age(folder / "report.pdf", -24 * 365)
    finding = the(say("fresh", folder, "report.pdf", "within", "1d"))
    assert (finding.expected, finding.found) == ("a time of change in the past", "365d ahead")


def test_nothing_there(folder: Path) -> None:
    assert the(say("fresh", folder, "nothing", "within", "1d")).found == "nothing there"


@pytest.mark.parametrize("words", ["", "within 0s", "within soon", "than", "than lib/**"])
def test_words_that_mean_nothing_are_refused(folder: Path, words: str) -> None:
    with pytest.raises(ValueError, match=r"say what|not a duration|missing|no sources"):
        say("fresh", folder, "report.pdf", *words.split())


def test_a_tree_without_times_is_refused(folder: Path) -> None:
    os.utime(folder / "report.pdf", (0, 0))
    with pytest.raises(ValueError, match="a commit keeps no times of change"):
        judge("fresh", folder, "report.pdf", "within", "1d")


def in_git(folder: Path, versions: list[dict[str, str]]) -> None:
    git(folder, "init", "-q")
    for files in versions:
        commit(folder, files)


V1, V2 = ({"src/a.txt": f"source {n}", "page.html": f"page {n}"} for n in (1, 2))


@pytest.mark.parametrize("files", [V1, V1 | {"src/a.txt": "source 2"}, V1 | {"src/a.txt": "source 3"}])
@pytest.mark.parametrize("again", [False, True], ids=["checked out", "committed"])
def test_an_earlier_version_is_fresh_only_beside_the_sources_of_then(
    tmp_path: Path, files: dict[str, str], again: bool
) -> None:
    in_git(tmp_path, [V1, V2])
    write(tmp_path, files)
    if again:
        commit(tmp_path, {"page.html": "page 1"})
    age(tmp_path / "src/a.txt", 1)
    age(tmp_path / "page.html", 0)
    found = say("fresh", tmp_path, "page.html", "than", "src/*")
    first = git(tmp_path, "rev-list", "--max-parents=0", "HEAD")
    assert [each.found for each in found] == (
        [] if files == V1 else [f"as it was in {first[:10]}, made from other sources"]
    )


def test_the_version_of_now_is_fresh_whatever_its_sources(tmp_path: Path) -> None:
    in_git(tmp_path, [V1, V2])
    write(tmp_path, {"src/a.txt": "source 3"})
    age(tmp_path / "src/a.txt", 1)
    age(tmp_path / "page.html", 0)
    assert say("fresh", tmp_path, "page.html", "than", "src/*") == []
