"""What every `Tree` promises. A test module of an implementation imports these, and defines the fixture `plant`.

`plant(files, links)` builds a tree: contents by path, and targets of symbolic links by path.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import pytest

from checkpoint.validator import Entry, Tree, Unreadable

Plant: TypeAlias = Callable[[Mapping[str, bytes], Mapping[str, str]], Tree]

FILES = {
    "README.md": b"# Title\n",
    "empty": b"",
    "docs/a.md": b"a",
    "docs/b.txt": b"bb",
    "docs/deep/c.md": b"c",
    ".env": b"hidden",
    ".ci/run": b"run",
    "docs/.draft.md": b"draft",
    "docs/.kept/d.md": b"kept",
    "pages/[id].tsx": b"page",
    "odd/new\nline \u00e9": b"odd",
    "odd/\udcff": b"not UTF-8",
}
LINKS = {"docs/link.md": "a.md", "outside": "/etc", "loop": "loop", "docs/up": ".."}


def paths(entries: tuple[Entry, ...]) -> list[str]:
    return [entry.path for entry in entries]


@pytest.fixture
def tree(plant: Plant) -> Tree:
    return plant(FILES, LINKS)


@pytest.mark.parametrize(
    ("path", "kind", "size"), [("docs/b.txt", "file", 2), ("empty", "file", 0), ("docs/", "folder", 0)]
)
def test_an_entry(tree: Tree, path: str, kind: str, size: int) -> None:
    found = tree.entry(path)
    assert found is not None
    assert (found.path, found.kind, found.size) == (path.rstrip("/"), kind, size)


@pytest.mark.parametrize("path", LINKS)
def test_a_link_is_an_entry_that_is_not_followed(tree: Tree, path: str) -> None:
    found = tree.entry(path)
    assert found is not None
    assert found.kind == "link"
    with pytest.raises(Unreadable, match="a link"):
        tree.read(path)


@pytest.mark.parametrize("path", ["nothing", "docs/nothing", "nothing/at/all", "README.md/x", "a" * 300])
def test_where_nothing_is(tree: Tree, path: str) -> None:
    assert tree.entry(path) is None
    assert tree.find(path) == ()
    with pytest.raises(Unreadable, match="nothing there"):
        tree.read(path)


@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "docs/../../x", "docs//a.md", "a\0b", "../*"])
def test_what_leaves_the_tree_is_refused(tree: Tree, path: str) -> None:
    for ask in (tree.entry, tree.find, tree.below, tree.read):
        with pytest.raises(Unreadable) as caught:
            ask(path)
        assert caught.value.finding.expected == "a path inside the team's folder"


@pytest.mark.parametrize("path", ["outside/hostname", "docs/up/README.md", "outside/*"])
def test_a_path_through_a_link_is_refused_or_finds_nothing(tree: Tree, path: str) -> None:
    for ask in (tree.find, tree.read):
        with pytest.raises(Unreadable) as caught:
            ask(path)
        assert caught.value.finding.where in (path, path.rpartition("/")[0])


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("docs/*.md", ["docs/a.md", "docs/link.md"]),
        ("**/*.md", ["README.md", "docs/a.md", "docs/deep/c.md", "docs/link.md"]),
        ("docs/**", ["docs/a.md", "docs/b.txt", "docs/deep/c.md", "docs/link.md", "docs/up"]),
        ("*", ["README.md", "docs", "empty", "loop", "odd", "outside", "pages"]),
        ("*/", ["docs", "odd", "pages"]),
        (".*", [".ci", ".env"]),
        (".ci/*", [".ci/run"]),
        ("docs/.*.md", ["docs/.draft.md"]),
        ("*/.kept/*", ["docs/.kept/d.md"]),
        ("pages/[id].tsx", ["pages/[id].tsx"]),
        ("outside*", ["outside"]),
        ("odd/*", ["odd/new\nline \u00e9", "odd/\udcff"]),
        ("docs/?.md", ["docs/a.md"]),
        ("nothing/*", []),
        ("README.md/*", []),
        ("README.md", ["README.md"]),
        ("./docs/a.md", ["docs/a.md"]),
    ],
)
def test_what_a_path_or_glob_finds(tree: Tree, pattern: str, expected: list[str]) -> None:
    assert paths(tree.find(pattern)) == expected


def test_what_is_below_a_folder(tree: Tree) -> None:
    assert paths(tree.below("docs")) == sorted(path for path in (*FILES, *LINKS) if path.startswith("docs/"))
    assert paths(tree.below("")) == sorted((*FILES, *LINKS))
    assert tree.below("nothing") == tree.below("README.md") == ()


def test_the_content_of_a_file(tree: Tree) -> None:
    assert {path: tree.read(path) for path in FILES} == FILES


def test_a_file_longer_than_the_limit_is_refused(tree: Tree) -> None:
    assert tree.read("docs/b.txt", limit=2) == b"bb"
    with pytest.raises(Unreadable, match="2 bytes"):
        tree.read("docs/b.txt", limit=1)


def test_a_folder_cannot_be_read(tree: Tree) -> None:
    for path in ("docs", ""):
        with pytest.raises(Unreadable, match="a folder"):
            tree.read(path)


def test_the_whole_tree_is_a_folder(tree: Tree) -> None:
    found = tree.entry("")
    assert found is not None
    assert (found.path, found.kind) == ("", "folder")


def test_an_empty_tree(plant: Plant) -> None:
    tree = plant({}, {})
    assert tree.find("**") == tree.below("") == ()
    assert tree.entry("anything") is None
