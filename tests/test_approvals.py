"""Approvals: exactly what was read, for this repository, kept where nobody else can write."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.approvals import Approvals, Change, Item, item
from checkpoint.errors import Stalled

PYTEST = item("command", "B2", b"pytest -q")
PLUGIN = item("plugin", "validators/shouts.py", b"print('!')\n")


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "approvals" / "project.json")


def approve(file: str, *items: Item, repository: str = "/srv/project", by: str = "ada") -> Approvals:
    approvals = Approvals(file, repository)
    approvals.approve(items, by, 0.0)
    return approvals


def test_nothing_is_approved_at_first(file: str) -> None:
    assert not Approvals(file, "/srv/project").is_approved(PYTEST)


def test_what_was_approved_is_so_for_the_next_process(file: str) -> None:
    approve(file, PYTEST, PLUGIN)
    read_back = Approvals(file, "/srv/project")
    assert read_back.is_approved(PYTEST)
    assert read_back.is_approved(PLUGIN)


@given(content=st.binary(max_size=20), other=st.binary(max_size=20))
def test_one_other_byte_is_not_approved(tmp_path_factory: pytest.TempPathFactory, content: bytes, other: bytes) -> None:
    file = str(tmp_path_factory.mktemp("a") / "b" / "c.json")
    approve(file, item("plugin", "p", content))
    assert Approvals(file, "/srv/project").is_approved(item("plugin", "p", other)) == (content == other)


@pytest.mark.parametrize("other", [item("plugin", "B2", b"pytest -q"), item("command", "B3", b"pytest -q")])
def test_an_approval_is_of_its_kind_and_name(file: str, other: Item) -> None:
    assert not approve(file, PYTEST).is_approved(other)


def test_an_approval_is_of_its_repository(file: str) -> None:
    approve(file, PYTEST)
    assert not Approvals(file, "/srv/copy").is_approved(PYTEST)
    assert Approvals(file, "/srv/copy").text("command", "B2") is None


def test_a_repository_is_known_by_its_real_path(file: str, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    approve(file, PYTEST, repository=str(tmp_path / "link"))
    assert Approvals(file, str(tmp_path / "real")).is_approved(PYTEST)


def test_what_is_not_approved_again_is_approved_no_longer(file: str) -> None:
    approve(file, PYTEST, PLUGIN)
    assert not approve(file, PLUGIN).is_approved(PYTEST)


def test_changes_name_what_is_new_other_and_gone(file: str) -> None:
    approvals = approve(file, PYTEST, PLUGIN, item("folder", "gone", b"../gone"))
    wanted = [PYTEST, item("plugin", "validators/shouts.py", b"print('?')\n"), item("template", "t", b"new")]
    assert approvals.changes(wanted) == (
        Change("folder", "gone", "../gone", None),
        Change("plugin", "validators/shouts.py", "print('!')\n", "print('?')\n"),
        Change("template", "t", None, "new"),
    )


def test_a_change_that_reads_the_same_is_still_a_change(file: str) -> None:
    approvals = approve(file, item("plugin", "p", b"\xff"))
    assert [change.name for change in approvals.changes([item("plugin", "p", b"\\xff")])] == ["p"]


def test_who_and_when_stay_with_what_stays(file: str) -> None:
    approve(file, PYTEST, by="ada")
    Approvals(file, "/srv/project").approve([PYTEST, PLUGIN], "bob", 86400.0)
    lines = [line.strip() for line in Path(file).read_text().splitlines()]
    assert [line for line in lines if '"by"' in line] == ['"by": "ada",', '"by": "bob",']
    assert '"at": "1970-01-02T00:00:00Z"' in lines


def test_what_is_approved_already_is_not_written_again(file: str) -> None:
    approve(file, PYTEST)
    before = os.stat(file)
    approve(file, PYTEST, by="bob")
    assert (os.stat(file).st_ino, os.stat(file).st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_an_approved_text_is_there_to_be_compared_with(file: str) -> None:
    approve(file, item("baseline", "plan.md", b"# Plan\n"))
    assert Approvals(file, "/srv/project").text("baseline", "plan.md") == "# Plan\n"


def test_the_file_is_private(file: str) -> None:
    approve(file, PYTEST)
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert os.stat(os.path.dirname(file)).st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o640, 0o620])
def test_a_file_that_others_may_touch_is_refused(file: str, mode: int) -> None:
    approve(file, PYTEST)
    os.chmod(file, mode)
    with pytest.raises(Stalled, match="open to others"):
        Approvals(file, "/srv/project")


def test_a_link_is_refused(file: str) -> None:
    approve(file, PYTEST)
    os.rename(file, file + ".real")
    os.symlink(file + ".real", file)
    with pytest.raises(Stalled, match="cannot be used"):
        Approvals(file, "/srv/project")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"repository": "/srv/project"}', b"\xff"])
def test_a_damaged_file_is_refused_and_left_as_it_is(file: str, content: bytes) -> None:
    approve(file, PYTEST)
    Path(file).write_bytes(content)
    with pytest.raises(Stalled, match="cannot be read"):
        Approvals(file, "/srv/project")
    assert Path(file).read_bytes() == content
