"""Objects read from a private clone: those that lie by themselves without a process, all others by one."""

import os
import signal
from pathlib import Path

import pytest

from checkpoint.errors import PublishError
from checkpoint.git.command import Git
from checkpoint.git.objects import read_objects
from checkpoint.process import forked
from tests.helpers.repositories import commit, content_at, git, head, make_repository

PATHS = ("", "docs", "docs/deep/a.md", "b.md", "nowhere", "docs/nowhere", "b.md/below")


class Counting(Git):
    """git in a bare repository, which notes what it starts."""

    def __init__(self, folder: Path, *, packed: bool) -> None:
        work = make_repository(folder / "work", {"docs/deep/a.md": "a" * 100_000, "b.md": "b\n", "1/c": "c\n"})
        self.bare, self.trace = folder / "bare.git", folder / "trace"
        git(folder, "clone", "-q", "--bare", str(work), str(self.bare))
        if packed:
            git(self.bare, "repack", "-adq")
        else:
            pack = next((self.bare / "objects/pack").glob("*.pack"), None)
            if pack:
                pack.rename(folder / "pack")
                git(self.bare, "unpack-objects", "-q", content=(folder / "pack").read_bytes())
        super().__init__(("--git-dir", str(self.bare)), {**os.environ, "GIT_TRACE2_EVENT": str(self.trace)})

    @property
    def starts(self) -> int:
        return self.trace.read_text().count('"event":"start"') if self.trace.exists() else 0


@pytest.mark.parametrize("packed", [True, False])
def test_the_same_by_either_way(tmp_path: Path, packed: bool) -> None:
    counting = Counting(tmp_path, packed=packed)
    tip = head(counting.bare)
    names = [*(f"{tip}:{path}" for path in PATHS), tip, "main:b.md", "f" * 40, "a\nb"]
    slow = Git(("-C", str(counting.bare)), os.environ)
    assert [each and (each.id, each.type, each.content) for each in read_objects(counting, names)] == [
        each and (each.id, each.type, each.content) for each in read_objects(slow, names)
    ]
    counting.close()


@pytest.mark.parametrize(("packed", "expected"), [(True, 1), (False, 0)])
def test_one_process_or_none(tmp_path: Path, packed: bool, expected: int) -> None:
    counting = Counting(tmp_path, packed=packed)
    tip = head(counting.bare)
    for path in PATHS[:4]:
        assert read_objects(counting, [f"{tip}:{path}"])[0] is not None
    assert counting.starts == expected
    counting.close()


def test_many_questions_with_long_answers(tmp_path: Path) -> None:
    counting = Counting(tmp_path, packed=True)
    names = [f"{head(counting.bare)}:docs/deep/a.md", *(f"{number:040x}" for number in range(5000))] * 2
    found = read_objects(counting, names)
    assert [each.content for each in found if each] == [b"a" * 100_000] * 2
    counting.close()


def test_what_is_too_large_is_refused_and_the_next_question_answered(tmp_path: Path) -> None:
    counting = Counting(tmp_path, packed=True)
    name = f"{head(counting.bare)}:docs/deep/a.md"
    with pytest.raises(PublishError, match="cat-file failed"):
        read_objects(counting, [name], limit=50_000)
    assert read_objects(counting, [name])[0] is not None
    counting.close()


def test_one_that_was_killed_is_said_and_replaced(tmp_path: Path) -> None:
    counting = Counting(tmp_path, packed=True)
    name = f"{head(counting.bare)}:b.md"
    read_objects(counting, [name])
    assert counting.reader is not None
    os.kill(counting.reader.pid, signal.SIGKILL)
    with pytest.raises(PublishError, match="cat-file failed"):
        read_objects(counting, [name])
    assert read_objects(counting, [name])[0] is not None
    counting.close()


def test_a_copy_of_the_process_asks_one_of_its_own(tmp_path: Path) -> None:
    counting = Counting(tmp_path, packed=True)
    name = f"{head(counting.bare)}:b.md"
    assert read_objects(counting, [name])[0] is not None

    def content() -> bytes:
        found = read_objects(counting, [name])[0]
        counting.close()
        return found.content if found else b""

    assert forked(content, 20) == b"b\n"
    assert read_objects(counting, [name])[0] is not None
    assert counting.starts == 2
    counting.close()


def test_what_is_published_meanwhile_is_found(tmp_path: Path) -> None:
    counting = Counting(tmp_path, packed=True)
    read_objects(counting, [head(counting.bare)])
    made = commit(tmp_path / "work", {"b.md": "later\n"})
    git(tmp_path / "work", "push", "-q", str(counting.bare), "main")
    found = read_objects(counting, [f"{made}:b.md"])[0]
    assert found is not None
    assert found.content.decode() == content_at(tmp_path / "work", "b.md") + "\n"
    counting.close()
