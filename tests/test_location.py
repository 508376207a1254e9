"""Repositories found by their files alone, held against what git says."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint import location
from checkpoint.errors import Stalled, UsageError
from tests.helpers.repositories import commit, git, head, make_remote, make_repository


@pytest.mark.parametrize("below", ["", "a", "a/b"])
def test_found_from_any_folder(tmp_path: Path, below: str) -> None:
    work = make_repository(tmp_path / "work", {"a/b/c": "x"})
    found = location.find(str(work / below))
    assert found == location.Location(str(work), str(work / ".git"), str(work / ".git"))


def test_a_linked_worktree_shares_its_common_folder(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    found = location.find(str(tmp_path / "side"))
    assert (found.top, found.common_folder) == (str(tmp_path / "side"), str(work / ".git"))
    assert location.read_head(found) == location.Head("side", head(work))


def test_a_submodule(tmp_path: Path) -> None:
    inner, outer = make_repository(tmp_path / "inner"), make_repository(tmp_path / "outer")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "sub")
    found = location.find(str(outer / "sub"))
    assert found.common_folder == git(outer / "sub", "rev-parse", "--absolute-git-dir")


def test_a_link_to_a_repository_is_the_repository(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    (tmp_path / "alias").symlink_to(work)
    assert location.find(str(tmp_path / "alias")).top == str(work)


def test_no_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        location.find(str(tmp_path))
    assert "git init" in caught.value.mend


@pytest.mark.parametrize("inside", ["", "objects"])
def test_a_bare_repository_has_no_work_tree(tmp_path: Path, inside: str) -> None:
    make_remote(tmp_path / "bare.git")
    with pytest.raises(UsageError, match="no work tree"):
        location.find(str(tmp_path / "bare.git" / inside))


def test_an_empty_git_folder_is_passed_over(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    (work / "inner/.git").mkdir(parents=True)
    assert location.find(str(work / "inner")).top == str(work)


def test_refs_loose_packed_and_missing(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "branch", "old")
    git(work, "pack-refs", "--all")
    newer = commit(work, {"a": "b"})
    common = str(work / ".git")
    assert location.read_ref(common, "refs/heads/old") == head(work, "old")
    assert location.read_ref(common, "refs/heads/main") == newer
    assert location.read_ref(common, "refs/heads/none") == location.read_ref(common, "refs/heads/ol") == ""


def test_a_symbolic_ref_is_followed_and_a_loop_is_not(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    (work / ".git/refs/heads/loop").write_text("ref: refs/heads/loop\n")
    assert location.read_ref(str(work / ".git"), "refs/heads/alias") == head(work)
    assert location.read_ref(str(work / ".git"), "refs/heads/loop") == ""


def test_only_a_commit_id_is_read_as_one(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work", {"secret": "hush"})
    assert location.read_ref(str(work / ".git"), "refs/heads/../../../secret") == ""


def test_head_detached_and_unborn(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "checkout", "-q", "--detach")
    assert location.read_head(location.find(str(work))) == location.Head("", head(work))
    git(tmp_path, "init", "-q", "new")
    assert location.read_head(location.find(str(tmp_path / "new"))) == location.Head("main", "")


def test_state_and_data_are_private(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_STATE_HOME": "relative/is/ignored"}
    state = location.state_folder("/srv/api/.git", environ)
    assert state == str(tmp_path / ".local/state/checkpoint/srv+api")
    assert stat.S_IMODE(os.stat(state).st_mode) == 0o700
    assert location.data_folder("/srv/api/.git", environ) == str(tmp_path / "data/checkpoint/srv+api")


def test_a_state_folder_that_others_may_read_is_refused(tmp_path: Path) -> None:
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    os.chmod(location.state_folder("/srv/api/.git", environ), 0o755)
    with pytest.raises(Stalled, match="open to others"):
        location.state_folder("/srv/api/.git", environ)


PATHS = st.text(st.sampled_from("ab+%/2FB5é"), min_size=1, max_size=12).map(lambda text: os.path.normpath(f"/{text}"))


@given(PATHS, PATHS)
def test_each_path_has_a_name_of_its_own(one: str, other: str) -> None:
    same = one.lstrip("/") == other.lstrip("/")
    assert (location.name_of(one) == location.name_of(other)) == same
    assert "/" not in location.name_of(one)


@pytest.mark.parametrize("other", ["/a+b", "/a%2Bb", "/a%2Fb", "/a/b/c", "/a++b"])
def test_a_name_is_not_that_of_a_path_spelt_like_it(other: str) -> None:
    assert location.name_of(other) != location.name_of("/a/b") == "a+b"


def test_a_long_path_has_a_short_name_of_its_own() -> None:
    long = "/é" * 300
    name, other = location.name_of(long + "/a/.git"), location.name_of("/x" + long + "/a/.git")
    assert len(os.fsencode(name)) < 255
    assert name != other
    assert name.startswith("+") or "+a%" in name
