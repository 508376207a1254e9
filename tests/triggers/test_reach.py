"""Which folders are watched for which changes."""

import os
from pathlib import Path

import pytest

from checkpoint.triggers.reach import Reach, reach
from tests.helpers.repositories import write


def of(*folders: Path, files: tuple[Path, ...] = (), roots: tuple[Path, ...] = ()) -> Reach:
    return reach(map(str, folders), map(str, files), [str(root) for root in roots])


def watched(top: Path, found: Reach) -> set[str]:
    return {os.path.relpath(path, top) for path in found.folders}


def test_every_folder_is_watched_by_itself_without_noise_and_links(tmp_path: Path) -> None:
    write(tmp_path, {"team/a/b/c": "", "team/node_modules/x/y": "", "team/.git/z": "", "else/where/x": ""})
    (tmp_path / "team/link").symlink_to(tmp_path / "else")
    assert watched(tmp_path, of(tmp_path / "team")) == {"team", "team/a", "team/a/b"}


def test_upper_folders_come_first(tmp_path: Path) -> None:
    write(tmp_path, {"one/a/b/c/x": "", "two/x": ""})
    order = list(of(tmp_path / "one", tmp_path / "two").folders)
    assert {os.path.basename(path) for path in order[:2]} == {"one", "two"}


def test_changes_below_a_folder_concern_it_unless_they_are_noise(tmp_path: Path) -> None:
    write(tmp_path, {"team/a/b": ""})
    found = of(tmp_path / "team")
    for path in ("team", "team/new", "team/a", "team/a/b"):
        assert found.concerns(f"{tmp_path}/{path}")
    for path in ("team/.b.swp", "team/a/.git", "team/m.pyc", "team/unwatched/x", "other", "", "/"):
        assert not found.concerns(f"{tmp_path}/{path}")


def test_a_file_is_watched_within_its_folder_and_alone(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": "", "deep/er/x": ""})
    found = of(files=(tmp_path / "plan.md", tmp_path / "checkpoint.toml"))
    assert watched(tmp_path, found) == {"."}
    assert found.concerns(f"{tmp_path}/plan.md")
    assert found.concerns(f"{tmp_path}/checkpoint.toml")
    assert not found.concerns(f"{tmp_path}/deep")


def test_what_is_missing_is_watched_for_where_it_would_appear(tmp_path: Path) -> None:
    found = of(tmp_path / "out/backend", files=(tmp_path / "etc/x/y.toml",))
    assert watched(tmp_path, found) == {"."}
    assert found.concerns(f"{tmp_path}/out")
    assert found.concerns(f"{tmp_path}/etc")
    assert not found.concerns(f"{tmp_path}/x")


def test_a_folder_outgrows_the_reach_when_it_appears_goes_or_is_replaced(tmp_path: Path) -> None:
    write(tmp_path, {"team/a/b": "", "team/file": ""})
    found = of(tmp_path / "team")
    assert not found.is_outgrown_by(f"{tmp_path}/team/file")
    assert not found.is_outgrown_by(f"{tmp_path}/team/a")
    (tmp_path / "team/a").rename(tmp_path / "team/c")
    assert found.is_outgrown_by(f"{tmp_path}/team/a")
    assert found.is_outgrown_by(f"{tmp_path}/team/c")
    (tmp_path / "team/a").mkdir()
    assert found.is_outgrown_by(f"{tmp_path}/team/a")


def test_the_reach_is_the_same_until_a_folder_changes(tmp_path: Path) -> None:
    write(tmp_path, {"team/a/b": "", "new": ""})
    before = of(tmp_path / "team", tmp_path / "missing")
    write(tmp_path, {"team/a/c": ""})
    assert of(tmp_path / "team", tmp_path / "missing") == before
    (tmp_path / "team/a").rename(tmp_path / "old")
    write(tmp_path, {"team/a/b": ""})
    assert of(tmp_path / "team", tmp_path / "missing") != before


@pytest.mark.parametrize("path", ["link", "link/x", "link/x/y", "link/missing/z"])
def test_below_a_root_a_link_is_only_watched_for_being_one(tmp_path: Path, path: str) -> None:
    write(tmp_path, {"real/x/y/z": ""})
    (tmp_path / "link").symlink_to("real")
    for found in (of(tmp_path / path, roots=(tmp_path,)), of(files=(tmp_path / path,), roots=(tmp_path,))):
        assert watched(tmp_path, found) == {"."}
        assert found.concerns(f"{tmp_path}/link")
        assert not found.concerns(f"{tmp_path}/real")


def test_elsewhere_a_folder_is_watched_as_it_stands(tmp_path: Path) -> None:
    write(tmp_path, {"real/x/y": "", "else/z": ""})
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "real/x/out").symlink_to(tmp_path / "else")
    assert watched(tmp_path, of(tmp_path / "link")) == {"link", "link/x"}


def test_a_folder_with_one_in_it_whose_name_is_no_text_is_not_watched(tmp_path: Path) -> None:
    write(tmp_path, {"team/a/b/x": "", os.fsdecode(b"team/a/\xff/c/x"): "", os.fsdecode(b"team/\xff"): ""})
    assert watched(tmp_path, of(tmp_path / "team")) == {"team", "team/a/b"}
