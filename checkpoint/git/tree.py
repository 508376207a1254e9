"""The files of a commit, for validators to read and for commands to run on: no work tree, no filter, no hook."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator

import msgspec

from checkpoint.errors import PublishError, Stalled
from checkpoint.git.command import Git
from checkpoint.git.objects import read_objects
from checkpoint.globs import escapes, is_glob
from checkpoint.process import MEBIBYTE
from checkpoint.trees import ENTRIES_LIMIT, absent, beneath, by_path, select, too_large, too_many, unreadable
from checkpoint.validator import TEXT_LIMIT, Entry, Kind

_EXECUTABLE = "100755"
_KINDS: dict[str, Kind] = {"040000": "folder", "120000": "link", "160000": "submodule"}
_LISTING_LIMIT = 256 * MEBIBYTE
_AT_ONCE = 32 * MEBIBYTE
"""Bytes of files that one process reads together."""
_READS_ALONE = 3
"""Files read one by one before all of a small tree are read together."""


class Listed(msgspec.Struct, frozen=True):
    """One line of a listing: git's mode with the entry."""

    mode: str
    entry: Entry

    @property
    def is_executable(self) -> bool:
        return self.mode == _EXECUTABLE


class CommitTree:
    """A `Tree` over a folder ("" for all) of a commit; entries carry their blob ids, and the time of none is known.

    A folder that the commit does not have is an empty tree.
    """

    def __init__(self, git: Git, commit: str, folder: str = "", label: str = "") -> None:
        self._git = git
        self._commit = commit
        self._folder = "/".join(beneath(folder))
        self.label = label or f"{folder} of {commit[:10]}"
        self._listed: dict[str, Entry] | None = None
        self._contents: dict[str, bytes] = {}
        self._reads = 0

    def entry(self, path: str) -> Entry | None:
        names = beneath(path)
        self._refuse_link_on(names)
        return self._all().get("/".join(names))

    def find(self, pattern: str) -> tuple[Entry, ...]:
        if not is_glob(pattern):
            found = self.entry(pattern)
            return (found,) if found else ()
        self._refuse_link_on(beneath(pattern))
        return select(pattern, self._searched())

    def below(self, path: str) -> tuple[Entry, ...]:
        name = "/".join(beneath(path))
        prefix = f"{name}/" if name else ""
        found = [e for e in self._searched() if e.kind != "folder" and e.path.startswith(prefix)]
        return tuple(sorted(found, key=by_path))

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        found = self.entry(path)
        if found is None:
            raise absent(path)
        if found.kind != "file":
            raise unreadable(path or self.label, found.kind)
        if found.size > limit:
            raise too_large(path, found.size, limit)
        return self._content(found)

    def _content(self, found: Entry) -> bytes:
        self._reads += 1
        if self._reads == _READS_ALONE + 1:
            self._read_ahead()
        if found.blob in self._contents:
            return self._contents[found.blob]
        return read_blobs(self._git, [found])[found.blob]

    def _read_ahead(self) -> None:
        files = [entry for entry in self._all().values() if entry.kind == "file"]
        if sum(entry.size for entry in files) <= _AT_ONCE:
            self._contents = read_blobs(self._git, files)

    def _refuse_link_on(self, names: tuple[str, ...]) -> None:
        """Raises Unreadable for a path that goes on below a link: it could lead anywhere."""
        for depth in range(1, len(names)):
            path = "/".join(names[:depth])
            found = self._all().get(path)
            if found is not None and found.kind in ("link", "submodule"):
                raise unreadable(path, found.kind)

    def _searched(self) -> list[Entry]:
        entries = [entry for path, entry in self._all().items() if path]
        if len(entries) > ENTRIES_LIMIT:
            raise too_many("", ENTRIES_LIMIT)
        return entries

    def _all(self) -> dict[str, Entry]:
        if self._listed is None:
            entries = (listed.entry for listed in list_files(self._git, self._commit, self._folder))
            self._listed = {"": Entry("", "folder")} | {entry.path: entry for entry in entries}
        return self._listed


def list_files(git: Git, commit: str, folder: str) -> Iterator[Listed]:
    """What is below a folder of a commit, paths relative to it. Raises Unreadable where it is a link or submodule."""
    paths = ("--", folder) if folder else ()
    listing = ("ls-tree", "-r", "-t", "-z", "-l", "--full-tree", "--end-of-options", commit, *paths)
    prefix = f"{folder}/" if folder else ""
    for listed in parse_listing(git.run(*listing, limit=_LISTING_LIMIT)):
        path, kind = listed.entry.path, listed.entry.kind
        if folder and path == folder and kind != "folder":
            raise unreadable(folder, kind)
        if path.startswith(prefix):
            yield Listed(listed.mode, msgspec.structs.replace(listed.entry, path=path[len(prefix) :]))


def parse_listing(data: bytes) -> Iterator[Listed]:
    """What `ls-tree -r -t -z -l` printed."""
    for line in os.fsdecode(data).split("\0")[:-1]:
        words, _, path = line.partition("\t")
        mode, _, blob, size = words.split()
        kind = _KINDS.get(mode, "file")
        many = int(size) if size.isdigit() else 0
        yield Listed(mode, Entry(path, kind, many, 0, "" if kind == "folder" else blob, mode == _EXECUTABLE))


def read_blobs(git: Git, entries: Collection[Entry]) -> dict[str, bytes]:
    """The contents of files by their blob ids, read by one process."""
    sizes = {entry.blob: entry.size for entry in entries}
    found = read_objects(git, list(sizes), limit=2 * sum(sizes.values()) + MEBIBYTE + 200 * len(sizes))
    contents = {each.id: each.content for each in found if each is not None}
    for entry in entries:
        if entry.blob not in contents:
            raise PublishError(f"the content of {entry.path} is missing", why=f"object {entry.blob}", mend="git fsck")
    return contents


def export(git: Git, commit: str, folder: str, target: str) -> tuple[str, ...]:
    """Writes the files of a commit's folder into the empty folder `target`, as they are in git.

    Returns the paths that were left out: links that lead out of the folder, submodules, and names that would.
    Raises Stalled where they cannot be written.
    """
    listed = list(list_files(git, commit, folder.strip("/")))
    safe = [each for each in listed if not _is_unsafe(each.entry.path)]
    links = [each for each in safe if each.entry.kind == "link"]
    left_out = [each.entry.path for each in listed if each.entry.kind == "submodule" or _is_unsafe(each.entry.path)]
    try:
        for batch in _batches([each for each in safe if each.entry.kind == "file"]):
            _write_files(git, batch, target)
        left_out += _write_links(git, links, target)  # last, so that no file is written through one
    except OSError as error:
        raise Stalled(f"{target} cannot be written", why=error.strerror or "", mend="free some space") from error
    return tuple(left_out)


def _is_unsafe(path: str) -> bool:
    return escapes(path) or any(name.lower() in (".", ".git") for name in path.split("/"))


def _batches(files: list[Listed]) -> Iterator[list[Listed]]:
    batch: list[Listed] = []
    size = 0
    for each in files:
        if batch and size + each.entry.size > _AT_ONCE:
            yield batch
            batch, size = [], 0
        batch.append(each)
        size += each.entry.size
    if batch:
        yield batch


def _write_files(git: Git, files: list[Listed], target: str) -> None:
    contents = read_blobs(git, [each.entry for each in files])
    for each in files:
        path = os.path.join(target, each.entry.path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(path, flags, 0o755 if each.is_executable else 0o644), "wb") as file:
            file.write(contents[each.entry.blob])


def _write_links(git: Git, links: list[Listed], target: str) -> list[str]:
    contents = read_blobs(git, [each.entry for each in links]) if links else {}
    left_out = []
    for each in links:
        path, leads_to = each.entry.path, os.fsdecode(contents[each.entry.blob])
        if leads_outside(path, leads_to):
            left_out.append(path)
        else:
            os.makedirs(os.path.dirname(os.path.join(target, path)), exist_ok=True)
            os.symlink(leads_to, os.path.join(target, path))
    return left_out


def leads_outside(path: str, leads_to: str) -> bool:
    """Whether a link at that path, read by its words alone, leaves the tree."""
    end = posixpath.normpath(posixpath.join(posixpath.dirname(path), leads_to))
    return leads_to.startswith("/") or end == ".." or end.startswith("../") or "\0" in leads_to
