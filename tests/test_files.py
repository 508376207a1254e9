"""Folders on disk: the contract of every tree, and what only a disk can do to its reader."""

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from checkpoint import trees
from checkpoint.files import Folder
from checkpoint.validator import Tree, Unreadable
from tests.tree_contract import *  # noqa: F403 - the contract's tests, run here with this module's `plant`
from tests.tree_contract import Plant


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    opened: list[Folder] = []

    def build(files: Mapping[str, bytes], links: Mapping[str, str]) -> Tree:
        root = tmp_path / "root"
        root.mkdir()
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        for path, target in links.items():
            (root / path).symlink_to(target)
        opened.append(Folder(str(root), "out/backend"))
        return opened[-1]

    yield build
    for folder in opened:
        folder.close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    root.mkdir()
    return root


@pytest.fixture
def folder(root: Path) -> Iterator[Folder]:
    with Folder(str(root), "out/backend") as folder:
        yield folder


def test_a_pipe_a_socket_and_a_device_are_not_read(root: Path, folder: Folder) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "socket"))
        for path in ("pipe", "socket"):
            assert [entry.kind for entry in folder.find(path)] == ["other"]
            with pytest.raises(Unreadable, match="a pipe, socket or device"):
                folder.read(path)


def test_a_device_is_not_read() -> None:
    with Folder("/dev", "dev") as folder, pytest.raises(Unreadable, match="a pipe, socket or device"):
        folder.read("zero")


def test_a_huge_sparse_file_is_refused_by_its_size(root: Path, folder: Folder) -> None:
    with (root / "huge").open("wb") as file:
        file.truncate(200 * 2**30)
    with pytest.raises(Unreadable, match="214,748,364,800 bytes"):
        folder.read("huge")


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="needs a file that says it is shorter than it is")
def test_a_file_that_grows_is_cut_at_the_limit() -> None:
    with Folder("/proc/self", "proc") as proc, pytest.raises(Unreadable, match="bytes"):
        proc.read("maps", limit=100)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs a file that opens, but cannot be read")
def test_a_file_that_cannot_be_read_says_why() -> None:
    with Folder("/proc/self", "proc") as proc, pytest.raises(Unreadable, match="Input/output error") as caught:
        proc.read("mem")
    assert caught.value.finding.action == "make `mem` readable"


def test_a_folder_that_does_not_exist_is_empty_until_it_does(root: Path) -> None:
    with Folder(str(root), "out", "later/on") as folder:
        assert folder.entry("a") is None
        assert folder.find("**") == ()
        (root / "later/on").mkdir(parents=True)
        (root / "later/on/a").write_text("now")
        assert folder.read("a") == b"now"


def test_a_folder_behind_a_link_is_refused(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (root / "out").symlink_to(tmp_path / "elsewhere")
    with Folder(str(root), "out", "out") as folder, pytest.raises(Unreadable, match="a link") as caught:
        folder.entry("a")
    assert caught.value.finding.where == "out"


def test_a_folder_outside_of_the_root_is_refused(root: Path) -> None:
    with pytest.raises(Unreadable, match=r"\.\."):
        Folder(str(root), "out", "../elsewhere")


def test_no_descriptor_is_left_open(root: Path) -> None:
    (root / "a/b").mkdir(parents=True)
    (root / "a/link").symlink_to("b")
    before = os.listdir("/dev/fd")
    with Folder(str(root), "out", "a") as folder:
        for ask in (folder.find, folder.below, folder.read):
            for path in ("**", "b", "b/x", "link/x", "../x", "nothing/at/all"):
                try:
                    ask(path)
                except Unreadable:
                    continue
    assert os.listdir("/dev/fd") == before


def test_more_entries_than_the_limit_are_refused(root: Path) -> None:
    for path in ("many/0", "many/1", "few/0"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).touch()
    with Folder(str(root), "out", limit=4) as folder:
        assert [entry.path for entry in folder.find("few/*")] == ["few/0"]
        for pattern in ("**", "**/0"):
            with pytest.raises(Unreadable) as caught:
                folder.find(pattern)
            assert caught.value.finding.expected == "at most 4 files and folders"
        assert [entry.path for entry in folder.find("many/*")] == ["many/0", "many/1"]
    with Folder(str(root), "out", limit=1) as folder, pytest.raises(Unreadable, match="more"):
        folder.find("many/*")
    with Folder(str(root), "out", limit=5) as folder:
        assert len(folder.below("")) == 3


@pytest.fixture(params=[trees.DEPTH_LIMIT + 1, 3000])
def deep(root: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """That many folders within each other; taken down again, since pytest's own cleaning is recursive."""
    at = os.open(root, os.O_RDONLY)
    for _ in range(request.param):
        os.mkdir("d", dir_fd=at)
        at = _step("d", at)
    yield
    for _ in range(request.param):
        at = _step("..", at)
        os.rmdir("d", dir_fd=at)
    os.close(at)


def _step(name: str, folder: int) -> int:
    there = os.open(name, os.O_RDONLY, dir_fd=folder)
    os.close(folder)
    return there


@pytest.mark.usefixtures("deep")
def test_folders_too_deep_within_each_other_are_refused(folder: Folder) -> None:
    for ask in (folder.find, folder.below):
        with pytest.raises(Unreadable, match="more"):
            ask("**" if ask == folder.find else "")
    assert folder.find("*/*/*.md") == ()


def test_what_git_keeps_for_itself_is_not_listed(root: Path, folder: Folder) -> None:
    for path in (".git/config", "sub/.git/config", "sub/a"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    assert [entry.path for entry in folder.below("")] == ["sub/a"]


@pytest.mark.parametrize("swapped", ["file", "folder"])
def test_a_link_swapped_in_is_never_followed(root: Path, tmp_path: Path, swapped: str) -> None:
    for place in ("elsewhere", "root/sub"):
        (tmp_path / place).mkdir()
    (tmp_path / "elsewhere/a").write_bytes(b"secret")
    (root / "sub/a").write_bytes(b"own")
    target = root / ("sub" if swapped == "folder" else "sub/a")
    stop = threading.Event()
    swapper = threading.Thread(target=_swap, args=(target, tmp_path / "elsewhere" / target.name, stop))
    swapper.start()
    try:
        read = {_read_once(root) for _ in range(1500)}
        while len(read) < 2:  # until the link was met, so that the test says something
            read.add(_read_once(root))
    finally:
        stop.set()
        swapper.join()
    assert read == {b"own", None}


def _swap(target: Path, outside: Path, stop: threading.Event) -> None:
    aside, link = target.with_suffix(".aside"), target.with_suffix(".link")
    link.symlink_to(outside.parent if target.is_dir() else outside)
    while not stop.is_set():
        target.rename(aside)
        link.rename(target)
        target.rename(link)
        aside.rename(target)


def _read_once(root: Path) -> bytes | None:
    with Folder(str(root), "out") as folder:
        try:
            return folder.read("sub/a")
        except Unreadable:
            return None


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open descriptors are counted where Linux lists them")
def test_a_few_inner_folders_are_held_open_and_given_back(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"{number}").mkdir()
        (tmp_path / f"{number}" / "a.txt").write_text("x")
    before = len(os.listdir("/proc/self/fd"))
    with Folder(str(tmp_path), "top") as tree:
        assert all(tree.read(f"{number}/a.txt") == b"x" for number in (*range(30), *range(30)))
        assert len(os.listdir("/proc/self/fd")) <= before + 10
    assert len(os.listdir("/proc/self/fd")) == before


def test_what_was_put_in_the_place_of_a_folder_is_found_once_it_is_closed(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    tree = Folder(str(tmp_path), "top")
    assert tree.entry("sub/a.txt") is None
    (tmp_path / "sub").rmdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.txt").write_text("new")
    tree.close()
    assert tree.read("sub/a.txt") == b"new"
    tree.close()
