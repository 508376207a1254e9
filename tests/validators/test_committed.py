"""`committed`: in git, exactly as it stands."""

from pathlib import Path

import pytest

from tests.helpers.artifacts import say, the
from tests.helpers.repositories import commit, git, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A team's folder in a repository with one commit, and another file that is in none."""
    repository = tmp_path / "repository"
    repository.mkdir()
    git(repository, "init", "-q")
    commit(repository, {"out/a.txt": "a\n", "out/src/b.txt": "b\n", "elsewhere.txt": "x\n"})
    write(repository, {"out/new.txt": "new\n"})
    return repository / "out"


@pytest.mark.parametrize("path", ["a.txt", "src", "src/", "src/*.txt"])
def test_what_is_committed(folder: Path, path: str) -> None:
    assert say("committed", folder, path) == []


@pytest.mark.parametrize(("path", "where"), [("new.txt", "new.txt"), ("*.txt", "new.txt"), (".", "new.txt")])
def test_what_is_not_committed(folder: Path, path: str, where: str) -> None:
    finding = the(say("committed", folder, path))
    assert (finding.expected, finding.found, finding.where) == (f"`{where}` as it is in `HEAD`", "not committed", where)
    assert finding.action == f"commit `{where}`"


def test_what_was_staged_only_is_not_committed(folder: Path) -> None:
    git(folder, "add", "new.txt")
    assert the(say("committed", folder, "new.txt")).found == "not committed"


def test_what_was_changed_or_deleted_since(folder: Path) -> None:
    write(folder, {"a.txt": "other\n"})
    (folder / "src/b.txt").rename(folder / "src/c.txt")
    assert the(say("committed", folder, "a.txt")).found == "changed since the commit"
    assert [each.found for each in say("committed", folder, "src")] == ["not committed", "deleted since the commit"]


def test_several_are_named_in_one_finding(folder: Path) -> None:
    write(folder, {"src/1.txt": "1", "src/2.txt": "2"})
    finding = the(say("committed", folder, "src"))
    assert (finding.found, finding.action) == ("not committed, and 1 more", "commit `src/1.txt`, and 1 more")


def test_at_another_ref(folder: Path) -> None:
    git(folder, "branch", "release")
    commit(folder, {"later.txt": "x\n"})
    assert say("committed", folder, "a.txt", "at", "release") == say("committed", folder, "later.txt") == []
    finding = the(say("committed", folder, "later.txt", "at", "release"))
    assert (finding.expected, finding.found) == ("`later.txt` as it is in `release`", "not committed")


def test_pushed(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    finding = the(say("committed", folder, "a.txt", "pushed"))
    assert (finding.expected, finding.found) == ("`HEAD` pushed", "no remote has it")
    git(folder, "push", "-q", "origin", "HEAD:main")
    assert say("committed", folder, "a.txt", "pushed") == []


def test_a_link_is_committed_as_a_link(folder: Path) -> None:
    (folder / "link").symlink_to("a.txt")
    assert the(say("committed", folder, "link")).found == "not committed"
    git(folder, "add", "link")
    git(folder, "commit", "-q", "-m", "Link")
    assert say("committed", folder, "link") == []


def test_nothing_there(folder: Path) -> None:
    assert the(say("committed", folder, "nothing")).found == "nothing there"


@pytest.mark.parametrize("words", [["at", ""], ["at", "--output=x"], ["at"], ["upstream"]])
def test_words_that_mean_nothing_are_refused(folder: Path, words: list[str]) -> None:
    with pytest.raises(ValueError, match=r"is no ref|missing|too many"):
        say("committed", folder, "a.txt", *words)
