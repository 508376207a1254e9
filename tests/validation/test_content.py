"""What findings show of what was found, and what is read of a team's files."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.files import Folder
from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.registry import Registry
from checkpoint.validation.content import Content, shown
from checkpoint.validation.engine import Job, TeamFiles, validate
from checkpoint.validator import TEXT_LIMIT, Finding, Tree, Validator
from checkpoint.verdicts import Verdict
from tests.helpers.artifacts import LocalServices

PASSWORD = "hunter2-of-1984"


@pytest.mark.parametrize("name", ["password", "db.Password", "api-key.old", "secretoken", "a.key.b_TOKEN"])
def test_what_was_found_under_the_name_of_a_secret_is_not_shown(name: str) -> None:
    assert PASSWORD not in shown(Finding(f"{name} to be set", PASSWORD)).found


def test_what_was_found_under_another_name_is_shown() -> None:
    assert shown(Finding("colour to be set", PASSWORD)).found == PASSWORD


def test_a_word_without_end_is_looked_through_in_no_time() -> None:
    word = "x" * 200_000
    began = time.process_time()
    assert shown(Finding(word, PASSWORD, "a.txt")).expected == word
    assert time.process_time() - began < 10  # 0.1 s; the time that a backtracking pattern takes is in hours


class Counting:
    """A tree that counts how often each file is read (`Tree`)."""

    def __init__(self, tree: Tree) -> None:
        self.entry, self.find, self.below = tree.entry, tree.find, tree.below
        self._tree = tree
        self.reads: list[str] = []

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        self.reads.append(path)
        return self._tree.read(path, limit)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Counting]:
    for name, text in (("small.txt", "see"), ("big.txt", "see " * 1000), ("d/e.txt", "e" * 2000)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    with Folder(str(tmp_path), "top") as folder:
        yield Counting(folder)


def judged(tree: Counting, *lines: str, copies: bool) -> list[Verdict]:
    task = Task("A", "a", ticked=False)
    words = (line.split() for line in lines)
    work = [Job(Team("t"), task, Expectation(artifact, name, tuple(rest))) for artifact, name, *rest in words]
    files = TeamFiles(tree, tree, LocalServices(Path()), "out")
    return validate(work, lambda team: files, ApprovingRules(), lambda *_: (), copies=copies)


class ApprovingRules:
    def find(self, name: str) -> Validator:
        return Registry().find(name)

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return True


@pytest.mark.parametrize(
    ("line", "refused", "allowed"),
    [
        ("big.txt exists", ["big.txt"], []),
        ("small.txt exists", ["small.txt"], ["small.txt"]),  # it could be a Git LFS pointer
        ("d/ exists", ["d/e.txt"], []),
        ("big.txt size at-least 1kB", ["big.txt"], []),
        ("big.txt contains see", ["big.txt"], ["big.txt"]),
        ("small.txt contains see", ["small.txt"], ["small.txt"]),
        ("big.txt json-schema big.txt", ["big.txt"], ["big.txt"]),  # judged by another process, which reads it again
    ],
)
def test_a_file_is_read_once_and_only_by_whom_it_concerns(
    tree: Counting, line: str, refused: list[str], allowed: list[str]
) -> None:
    judged(tree, line, copies=False)
    assert tree.reads == refused
    del tree.reads[:]
    judged(tree, line, copies=True)
    assert tree.reads == allowed


def test_a_verdict_is_bound_to_the_content_that_its_validator_read(tree: Counting) -> None:
    exists, contains, apart = judged(
        tree, "big.txt exists", "big.txt contains see", "big.txt json-schema big.txt", copies=True
    )
    digest = hashlib.sha256(b"see " * 1000).hexdigest()
    assert [each.seen[0].digest for each in (exists, contains, apart)] == ["", digest, digest]
    assert {each.seen[0].size for each in (exists, contains, apart)} == {4000}
    assert exists.seen[0].modified
    assert exists.digest != contains.digest


def test_what_was_read_once_is_read_again_where_it_has_changed(tree: Counting, tmp_path: Path) -> None:
    content = Content(tree)
    before = tree.entry("big.txt")
    assert before
    seen = content.seen(before)
    content.begin()
    assert content.seen(before) == seen
    (tmp_path / "big.txt").write_text("other")
    after = tree.entry("big.txt")
    assert after
    assert content.seen(after).digest == hashlib.sha256(b"other").hexdigest()
    assert content.read("big.txt") == b"other"
