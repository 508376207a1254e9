"""What differs between commits, and what a repository lacks of them, found without git: as git finds it."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint.git import loose
from checkpoint.git.carrying import carry
from checkpoint.git.command import Git
from checkpoint.git.comparing import compare
from checkpoint.git.objects import TreeEntry, build_tree
from tests.git.sourcing import checkout_of
from tests.helpers.repositories import clone, commit, git, head, make_published, make_remote

Files: TypeAlias = Mapping[str, tuple[str, int]]
"""Paths, each with its mode and a number that stands for its content."""

FEW = settings(max_examples=40, deadline=None)  # each starts git
_NAMES = st.sampled_from(["a", "b", "b.c", "ab", "\xe4"])
_PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)
_KINDS = st.sampled_from(["100644", "100644", "100755", "120000", "160000"])
FILES = st.dictionaries(_PATHS, st.tuples(_KINDS, st.integers(0, 2)), max_size=8).map(
    lambda files: {path: each for path, each in files.items() if not _is_within_another(path, files)}
)


def _is_within_another(path: str, files: Files) -> bool:
    names = path.split("/")
    return any("/".join(names[:depth]) in files for depth in range(1, len(names)))


def plant(objects: Path, files: Files) -> str:
    """The id of a tree that holds these."""
    entries: dict[str, TreeEntry] = {}
    for name in {path.partition("/")[0] for path in files}:
        below = {path.removeprefix(f"{name}/"): each for path, each in files.items() if path.startswith(f"{name}/")}
        if below:
            entries[f"{name}/"] = TreeEntry("40000", name.encode(), plant(objects, below))
        else:
            mode, number = files[name]
            made = loose.write(str(objects), "blob", b"%d" % number) if mode != "160000" else f"{number + 1}" * 40
            entries[name] = TreeEntry(mode, name.encode(), made)
    in_order = (entries[name] for name in sorted(entries, key=str.encode))
    return loose.write(str(objects), "tree", build_tree(in_order))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_remote(tmp_path_factory.mktemp("compared") / "bare.git")


@FEW
@given(old=FILES, new=FILES)
def test_trees_differ_as_git_says(bare: Path, old: Files, new: Files) -> None:
    was, now = (plant(bare / "objects", files) for files in (old, new))
    found = compare(Git(("--git-dir", str(bare)), os.environ), was, now)
    said = git(bare, "diff-tree", "-r", "-z", "--name-status", "--no-renames", was, now).split("\0")
    assert found.paths == dict(zip(said[1::2], said[0::2], strict=False))
    first = git(bare, "commit-tree", "-m", "m", was)
    second = git(bare, "commit-tree", "-p", first, "-m", "m", now)
    lacking = git(bare, "rev-list", "--objects-edge", "--no-object-names", second, f"^{first}").split()
    assert set(found.objects) >= {*lacking} - {second, f"-{first}"}


@FEW
@given(states=st.lists(FILES, min_size=2, max_size=5), merges=st.booleans())
def test_all_that_is_lacking_is_carried(
    tmp_path_factory: pytest.TempPathFactory, states: list[Files], merges: bool
) -> None:
    folder = tmp_path_factory.mktemp("carried")
    work, remote = make_published(folder)
    made = [head(work)]
    for number, files in enumerate(states):
        tree = plant(remote / "objects", files)
        parents = made[-2:] if merges and number % 2 else made[-1:]
        words = [word for parent in parents for word in ("-p", parent)]
        made.append(git(remote, "commit-tree", *words, "-m", f"state {number}", tree))
    source = Git(("--git-dir", str(remote)), os.environ)
    assert carry(source, checkout_of(work), made[-1], (made[0], ""))
    git(work, "fsck", "--strict", "--full", "--no-dangling", made[-1])
    assert git(work, "rev-list", "--objects", made[-1]) == git(remote, "rev-list", "--objects", made[-1])


def test_what_lies_in_packs_is_carried_too(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    before = head(work)
    other = clone(remote, tmp_path / "other")
    made = commit(other, {"docs/new.md": "new\n", "plan.md": "changed\n"})
    git(other, "push", "-q")
    git(remote, "repack", "-adq")
    source = Git(("--git-dir", str(remote)), os.environ)
    assert carry(source, checkout_of(work), made, (before,))
    git(work, "fsck", "--strict", "--full", "--no-dangling", made)
    source.close()


def test_more_than_is_carried_one_by_one_is_left_to_git(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    before, checkout = head(work), checkout_of(work)
    source = Git(("--git-dir", str(remote)), os.environ)
    other = clone(remote, tmp_path / "other")
    made = [commit(other, {"a": f"{number}"}) for number in range(51)]
    git(other, "push", "-q")
    assert not carry(source, checkout, made[-1], (before,))
    assert carry(source, checkout, made[-1], (made[0],)) is carry(source, checkout, made[49], (before,)) is True
    many = commit(other, {f"many/{number}": f"{number}" for number in range(1000)})
    git(other, "push", "-q")
    assert not carry(source, checkout, many, (made[-1],))
    source.close()


@pytest.mark.parametrize("known", [(), ("",), ("f" * 40,)])
def test_a_history_that_is_not_met_is_left_to_git(tmp_path: Path, known: tuple[str, ...]) -> None:
    work, remote = make_published(tmp_path)
    assert not carry(Git(("--git-dir", str(remote)), os.environ), checkout_of(work), head(remote, "main"), known)


@pytest.mark.parametrize(
    ("setting", "value"), [("core.sharedRepository", "group"), ("extensions.compatObjectFormat", "sha256")]
)
def test_a_repository_of_its_own_ways_is_left_to_git(tmp_path: Path, setting: str, value: str) -> None:
    work, remote = make_published(tmp_path)
    before = head(work)
    other = clone(remote, tmp_path / "other")
    made = commit(other, {"a": "b"})
    git(other, "push", "-q")
    source = Git(("--git-dir", str(remote)), os.environ)
    git(work, "config", setting, value)
    assert not carry(source, checkout_of(work), made, (before,))
    git(work, "config", "--unset", setting)
    assert carry(source, checkout_of(work), made, (before,))


@pytest.mark.parametrize("damage", [b"", b"x", loose.pack("blob", b"another")])
def test_nothing_damaged_is_carried(tmp_path: Path, damage: bytes) -> None:
    work, remote = make_published(tmp_path)
    before, checkout = head(work), checkout_of(work)
    other = clone(remote, tmp_path / "other")
    made = commit(other, {"docs/new.md": "new\n", "other.md": "other\n"})
    git(other, "push", "-q")
    blob = git(remote, "rev-parse", f"{made}:other.md")
    path = remote / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(damage)
    objects = [*(work / ".git/objects").rglob("*")]
    assert not carry(Git(("--git-dir", str(remote)), os.environ), checkout, made, (before,))
    assert [path for path in (work / ".git/objects").rglob("*") if path not in objects and path.is_file()] == []


def test_a_damaged_clone_is_left_to_git(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    before = head(work)
    other = clone(remote, tmp_path / "other")
    made = commit(other, {"docs/new.md": "new\n"})
    git(other, "push", "-q")
    tree = git(remote, "rev-parse", f"{made}:docs")
    (remote / "objects" / tree[:2] / tree[2:]).unlink()
    source = Git(("--git-dir", str(remote)), os.environ)
    assert not carry(source, checkout_of(work), made, (before,))
    source.close()
