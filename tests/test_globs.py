"""Globs against the standard library's `glob`, and against a plain definition of what they mean."""

import fnmatch
import glob
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.globs import compile_glob, escapes, is_glob, parts, start

NAMES = st.text(alphabet="ab.-]", min_size=1, max_size=4).filter(lambda name: name not in (".", ".."))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
PIECES = st.sampled_from(
    ["a", "b", ".", "-", "*", "?", "[ab]", "[!a]", "[a-b]", "[b-a]", "[]]", "[!]]", "[", "]", "**"]
)
PARTS = st.lists(PIECES, min_size=1, max_size=4).map("".join).filter(lambda name: name not in (".", ".."))
PATTERNS = st.lists(st.one_of(PARTS, st.just("**")), min_size=1, max_size=5).map("/".join)


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("docs/*.md", "docs/a.md", True),
        ("docs/*.md", "docs/sub/a.md", False),
        ("docs/**/*.md", "docs/a.md", True),
        ("docs/**/*.md", "docs/sub/deep/a.md", True),
        ("docs/**", "docs/sub/a.md", True),
        ("docs/**", "docs", False),
        ("docs/**", "docs/.cache/a.md", False),
        ("**", "a/b", True),
        ("*", ".env", False),
        (".*", ".env", True),
        (".github/*.yml", ".github/ci.yml", True),
        ("[.]env", ".env", False),
        ("pages/[id].tsx", "pages/i.tsx", True),
        ("pages/[id].tsx", "pages/[id].tsx", True),
        ("a?c", "a/c", False),
        ("a[+-9]c", "a/c", False),
        ("./docs/*/", "docs/a", True),
        ("*.md", "a.md\n", False),
        ("a//*", "a/b", False),
        ("/*", "a", False),
        ("caf\u00e9/*", "caf\u00e9/\udcff", True),
    ],
)
def test_a_glob_matches(pattern: str, path: str, matches: bool) -> None:
    assert compile_glob(pattern)(path) is matches


@given(PATTERNS, PATHS)
def test_a_glob_means_what_its_definition_says(pattern: str, path: str) -> None:
    expected = _defined(pattern.split("/"), path.split("/")) or pattern == path
    assert compile_glob(pattern)(path) is expected


def _defined(pattern: list[str], names: list[str]) -> bool:
    if not pattern:
        return not names
    if pattern == ["**"]:
        return bool(names) and not any(name.startswith(".") for name in names)
    if pattern[0] == "**":
        folders = next((n for n, name in enumerate(names) if name.startswith(".")), len(names))
        return any(_defined(pattern[1:], names[n:]) for n in range(folders + 1))
    return bool(names) and _name(pattern[0], names[0]) and _defined(pattern[1:], names[1:])


def _name(pattern: str, name: str) -> bool:
    if name.startswith(".") and not pattern.startswith("."):
        return False
    return fnmatch.fnmatchcase(name, pattern)


@given(st.lists(PATHS, max_size=8), PATTERNS.filter(lambda pattern: not pattern.endswith("**")))
def test_the_standard_library_finds_the_same(
    tmp_path_factory: pytest.TempPathFactory, paths: list[str], pattern: str
) -> None:
    root = tmp_path_factory.mktemp("tree")
    there = _make(root, paths)
    found = {path for path in glob.glob(pattern, root_dir=root, recursive=True) if path}
    assert {path for path in there if compile_glob(pattern)(path)} == found | ({pattern} & there)


def _make(root: Path, paths: list[str]) -> set[str]:
    for path in paths:
        if not any(parent.is_file() for parent in (root / path).parents):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            if not (root / path).exists():
                (root / path).touch()
    return {
        os.path.relpath(os.path.join(top, name), root)
        for top, folders, files in os.walk(root)
        for name in folders + files
    }


@pytest.mark.parametrize(
    "pattern", ["a*" * 40 + "b", "**/a/" * 20 + "b", "*a*/" * 20 + "b", "[!b]*" * 30 + "/b", "**/*a*/" * 15 + "b"]
)
def test_a_hostile_pattern_comes_back(pattern: str) -> None:  # a matcher that backtracks never does
    match = compile_glob(pattern)
    assert not match("a" * 4000)
    assert not match("/".join(["a"] * 2000))
    assert not match("/".join(["aaaaaaaa"] * 400))


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../b", "a//b", "a\0b", "//", "/", "a/..", "..", "*/../x"])
def test_a_path_that_escapes(path: str) -> None:
    assert escapes(path)


@pytest.mark.parametrize("path", ["a", "a/b/", "./a", "a/./b", "...", "..a", "", ".", "a b/\n"])
def test_a_path_that_stays(path: str) -> None:
    assert not escapes(path)


def test_the_parts_of_a_path() -> None:
    assert parts("./a/b/") == ("a", "b")
    assert parts(".") == parts("") == ()
    assert [pattern for pattern in ("a*", "a?", "[a]", "a.b-c") if is_glob(pattern)] == ["a*", "a?", "[a]"]


def test_where_the_matches_of_a_glob_begin() -> None:
    assert start("docs/api/*.md") == ("docs", "api")
    assert start("**/x") == start("x") == ()
    assert start("a/b") == ("a",)
