"""The tree of a commit: the contract of every tree, and what only git can hold."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.errors import PublishError
from checkpoint.git.batch import parse_batch
from checkpoint.git.command import Git
from checkpoint.git.objects import TreeEntry, build_tree, parse_tree, replace_entry
from checkpoint.git.tree import CommitTree, export, leads_outside
from checkpoint.validator import Tree, Unreadable
from tests.git.sourcing import checkout_of
from tests.helpers.repositories import commit, git, head, make_repository
from tests.tree_contract import *  # noqa: F403 - the contract's tests, run here with this module's `plant`
from tests.tree_contract import FILES, LINKS, Plant


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    def build(files: Mapping[str, bytes], links: Mapping[str, str]) -> Tree:
        work = repository(tmp_path / "work", files, links)
        return CommitTree(git_in(work), head(work), "out/backend")

    return build


def repository(work: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> Path:
    make_repository(work, {"out/backend.txt": "beside it"})
    for path, target in links.items():
        (work / "out/backend" / path).parent.mkdir(parents=True, exist_ok=True)
        (work / "out/backend" / path).symlink_to(target)
    for path, content in files.items():
        (work / "out/backend" / path).parent.mkdir(parents=True, exist_ok=True)
        (work / "out/backend" / path).write_bytes(content)
    git(work, "add", "-A")
    commit(work, {"other": "x"})
    return work


def git_in(work: Path) -> Git:
    return checkout_of(work).git


def blob(work: Path, content: str) -> str:
    return git(work, "hash-object", "-w", "--stdin", content=content)


def planted(work: Path, *lines: str) -> str:
    """A commit whose tree has these lines of mktree, also ones that git itself would never write."""
    tree = git(work, "mktree", "--missing", content="".join(f"{line}\n" for line in lines))
    return git(work, "commit-tree", "-m", "planted", tree)


def test_entries_carry_the_ids_of_their_blobs(plant: Plant, tmp_path: Path) -> None:
    found = plant({"a": b"x"}, {}).entry("a")
    assert found is not None
    assert found.blob == blob(tmp_path / "work", "x")


def test_many_files_are_read_like_few(plant: Plant) -> None:
    files = {f"d{n % 3}/{n}": os.urandom(n) for n in range(40)}
    tree = plant(files, {})
    assert {path: tree.read(path) for path in files} == files


def test_a_folder_that_is_a_link_or_submodule_is_not_taken_for_empty(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    link, target = blob(work, "elsewhere"), "1" * 40
    made = planted(work, f"120000 blob {link}\tlinked", f"160000 commit {target}\tmodule")
    for folder, word in (("linked", "a link"), ("module", "a submodule that is not checked out")):
        with pytest.raises(Unreadable, match=word):
            CommitTree(git_in(work), made, folder).find("*")


def test_a_submodule_is_an_entry_that_cannot_be_read(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    tree = CommitTree(git_in(work), planted(work, f"160000 commit {'1' * 40}\tmodule"))
    assert [entry.kind for entry in tree.find("*")] == ["submodule"]
    for path in ("module", "module/x"):
        with pytest.raises(Unreadable, match="submodule"):
            tree.read(path)


def test_the_whole_tree_of_a_commit(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work", {"a/b": "x", "c": "y"})
    assert [entry.path for entry in CommitTree(git_in(work), head(work)).below("")] == ["a/b", "c"]


def test_a_missing_object_is_an_error_not_an_absence(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work", {"a": "x"})
    tree = CommitTree(git_in(work), head(work))
    found = tree.entry("a")
    assert found is not None
    (work / ".git/objects" / found.blob[:2] / found.blob[2:]).unlink()
    with pytest.raises(PublishError, match="missing"):
        tree.read("a")


def test_an_export_holds_the_files_as_they_are_in_git(tmp_path: Path) -> None:
    work = repository(tmp_path / "work", FILES | {".gitattributes": b"* filter=bad eol=crlf export-ignore\n"}, LINKS)
    git(work, "config", "filter.bad.smudge", f"touch {tmp_path}/ran")
    target = tmp_path / "target"
    target.mkdir()
    left_out = export(git_in(work), head(work), "out/backend", str(target))
    written = {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}
    assert {path: content for path, content in FILES.items() if written.get(path) != content} == {}
    assert set(left_out) == {"outside"}
    assert os.readlink(target / "docs/link.md") == "a.md"
    assert not (tmp_path / "ran").exists()


def test_an_export_keeps_what_is_executable(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    made = planted(work, f"100755 blob {blob(work, 'x')}\trun", f"100644 blob {blob(work, 'y')}\tread")
    (tmp_path / "target").mkdir()
    export(git_in(work), made, "", str(tmp_path / "target"))
    assert os.access(tmp_path / "target/run", os.X_OK)
    assert not (tmp_path / "target/read").stat().st_mode & 0o111


@pytest.mark.parametrize("name", ["..", ".git", ".GIT", "."])
def test_an_export_writes_nothing_outside_or_into_git(tmp_path: Path, name: str) -> None:
    work = make_repository(tmp_path / "work")
    content = blob(work, "escaped")
    inner = build_tree([TreeEntry("100644", b"x", content)])
    made = git(work, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", content=inner)
    outer = build_tree([TreeEntry("40000", name.encode(), made)])
    tree = git(work, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", content=outer)
    (tmp_path / "target/in").mkdir(parents=True)
    left_out = export(git_in(work), git(work, "commit-tree", "-m", "m", tree), "", str(tmp_path / "target/in"))
    assert f"{name}/x" in left_out
    assert [path.name for path in (tmp_path / "target").rglob("*")] == ["in"]


@pytest.mark.parametrize(
    ("path", "target", "expected"),
    [
        ("a/b", "../c", False),
        ("a/b", "../../c", True),
        ("a", "..", True),
        ("a", "/etc", True),
        ("a", "b/../../c", True),
        ("a/b/c", "../..", False),
    ],
)
def test_links_that_lead_outside(path: str, target: str, expected: bool) -> None:
    assert leads_outside(path, target) is expected


NAMES = st.binary(min_size=1, max_size=8).filter(lambda name: not {0, 47} & set(name))
IDS = st.binary(min_size=20, max_size=20).map(bytes.hex)
ENTRIES = st.builds(TreeEntry, st.sampled_from(["100644", "100755", "40000", "120000", "160000"]), NAMES, IDS)


@given(st.lists(ENTRIES, min_size=1, unique_by=lambda entry: entry.name), st.data(), IDS)
def test_a_tree_with_one_entry_replaced(entries: list[TreeEntry], data: st.DataObject, new: str) -> None:
    raw, chosen = build_tree(entries), data.draw(st.sampled_from(entries))
    assert list(parse_tree(raw)) == entries
    changed = [TreeEntry(e.mode, e.name, new if e is chosen else e.id) for e in entries]
    assert list(parse_tree(replace_entry(raw, chosen.name, new))) == changed


@given(st.lists(st.none() | st.binary(max_size=80), max_size=6))
def test_a_batch_of_objects_with_any_content(contents: list[bytes | None]) -> None:
    printed = b"".join(
        b"main:a b missing\n" if content is None else b"%040d blob %d\n%s\n" % (1, len(content), content)
        for content in contents
    )
    assert [found and found.content for found in parse_batch(printed)] == contents
