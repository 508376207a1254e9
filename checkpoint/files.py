"""The files of a team, read where nothing outside of its folder can be reached.

Each folder of a path is opened within the one before, and no link is ever followed, so that what is swapped between
a look and the reading cannot lead elsewhere. Nothing is read but regular files.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from itertools import islice
from types import TracebackType
from typing import TypeVar

import msgspec

from checkpoint.globs import is_glob, parts, start
from checkpoint.trees import (
    DEPTH_LIMIT,
    ENTRIES_LIMIT,
    absent,
    beneath,
    by_path,
    is_name,
    select,
    too_deep,
    too_large,
    too_many,
    unreadable,
)
from checkpoint.validator import TEXT_LIMIT, Entry, Finding, Kind, Unreadable

E = TypeVar("E", Entry, Entry | None)

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
_KEPT_OPEN = 8
_NOT_THERE = (errno.ENOENT, errno.ENAMETOOLONG)
_NOT_A_FOLDER = (errno.ENOTDIR, errno.ELOOP)
_FORMAT = 0o170000  # what `stat.S_IFMT` masks
_MAY_RUN = 0o100
_KINDS: dict[int, Kind] = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}


class Folder:
    """A `Tree` over `folder` below `root`. The root is taken as it stands; below it no link is followed.

    A folder that does not exist is an empty tree. Listings are kept, so that a run looks at each folder once:
    make a new one for each run. Inner folders are kept open, up to a few: call `close` where somebody may have put
    another in the place of one. `label` names the folder in findings, `limit` is the most entries that one question
    may look at. `absent` are paths in it of submodules that are not checked out, which look like empty folders.
    Close it, or use it as a context.
    """

    def __init__(
        self,
        root: str,
        label: str,
        folder: str = "",
        *,
        limit: int = ENTRIES_LIMIT,
        absent: frozenset[str] = frozenset(),
    ) -> None:
        self.root = root
        self.label = label
        self.limit = limit
        self._absent = absent
        self._base = beneath(folder)
        self._listed: dict[str, tuple[Entry, ...]] = {}
        self._descriptor: int | None = None
        self._inner: dict[tuple[str, ...], int] = {}
        self._looked: Entry | None = None

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Gives the descriptors of folders back; the next question opens them again."""
        self._looked = None
        self._close_inner()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def entry(self, path: str) -> Entry | None:
        if self._descriptor is not None and "/" not in path and not self._absent and is_name(path):
            self._looked = _look(path, path, self._descriptor)
            return self._looked
        names = beneath(path)
        folder = self._open(names[:-1])
        if folder is None:
            return None
        if not names:
            return _entry("", os.fstat(folder))
        found = _look("/".join(names), names[-1], folder)
        self._looked = self._told(found) if self._absent else found
        return self._looked

    def find(self, pattern: str) -> tuple[Entry, ...]:
        names = beneath(pattern)
        if not is_glob(pattern):
            found = self.entry(pattern)
            return (found,) if found else ()
        first = start(pattern)
        rest = names[len(first) :]
        depth = DEPTH_LIMIT if "**" in rest else min(len(rest), DEPTH_LIMIT)
        hidden = any(name.startswith(".") for name in rest)
        return select(pattern, self._walk("/".join(first), depth, hidden=hidden))

    def below(self, path: str) -> tuple[Entry, ...]:
        top = "/".join(beneath(path))
        entries = [entry for entry in self._walk(top, DEPTH_LIMIT, hidden=True) if entry.kind != "folder"]
        return tuple(sorted(entries, key=by_path))

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        names = beneath(path)
        if not names:
            raise unreadable(self.label, "folder")
        folder = self._open(names[:-1])
        found = None if folder is None else self._known(path, names[-1], folder)
        if folder is None or found is None:
            raise absent(path)
        if found.kind != "file":
            raise unreadable(path, found.kind)
        return _read(path, names[-1], folder, limit)

    def _known(self, path: str, name: str, folder: int) -> Entry | None:
        """What stands there, not looked at again where that was the last question: the open file tells in the end."""
        if self._looked is not None and self._looked.path == path:
            return self._looked
        return _look(path, name, folder)

    def _walk(self, top: str, depth: int, *, hidden: bool) -> Iterator[Entry]:
        """Everything below a folder, `depth` names deep at most, without what git keeps for itself."""
        waiting = [(top, 1)]
        count = 0
        while waiting:
            folder, level = waiting.pop()
            entries = self._list(folder)
            count += len(entries)
            if count > self.limit:
                raise too_many(top, self.limit)
            yield from entries
            inner = [entry.path for entry in entries if entry.kind == "folder" and (hidden or not _is_hidden(entry))]
            if level < depth:
                waiting += [(path, level + 1) for path in inner]
            elif inner and level == DEPTH_LIMIT:
                raise too_deep(inner[0])

    def _list(self, folder: str) -> tuple[Entry, ...]:
        if folder not in self._listed:
            descriptor = self._open(parts(folder))
            prefix = f"{folder}/" if folder else ""
            found = () if descriptor is None else _scan(prefix, descriptor, self.limit)
            self._listed[folder] = tuple(map(self._told, found)) if self._absent else found
        return self._listed[folder]

    def _told(self, entry: E) -> E:
        """The entry, a folder that is a submodule told from others."""
        if entry is not None and entry.path in self._absent and entry.kind == "folder":
            return msgspec.structs.replace(entry, kind="submodule")
        return entry

    def _open(self, names: tuple[str, ...]) -> int | None:
        """A descriptor of a folder in this one; None where there is none. Raises Unreadable where a link stands.

        It stays ours: it is good until the next question.
        """
        if self._absent:
            self._refuse_absent(names)
        top = self._descriptor
        if top is None:
            top = self._top()
        if top is None or not names:
            return top
        if names not in self._inner:
            self._keep(names, _descend(top, names))
        return self._inner.get(names)

    def _refuse_absent(self, names: tuple[str, ...]) -> None:
        for depth in range(1, len(names) + 1):
            if "/".join(names[:depth]) in self._absent:
                raise unreadable("/".join(names[:depth]), "submodule")

    def _keep(self, names: tuple[str, ...], descriptor: int | None) -> None:
        if len(self._inner) >= _KEPT_OPEN:
            self._close_inner()
        if descriptor is not None:
            self._inner[names] = descriptor

    def _close_inner(self) -> None:
        while self._inner:
            os.close(self._inner.popitem()[1])

    def _top(self) -> int | None:
        if self._descriptor is None:
            root = _open_root(self.root)
            if root is None or not self._base:
                self._descriptor = root
            else:
                try:
                    self._descriptor = _descend(root, self._base)
                finally:
                    os.close(root)
        return self._descriptor


def _is_hidden(entry: Entry) -> bool:
    return entry.path.rpartition("/")[2].startswith(".")


def _open_root(path: str) -> int | None:
    try:
        return os.open(path, _FOLDER & ~os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refusal(path, error) from error


def _descend(top: int, names: tuple[str, ...]) -> int | None:
    """Opens one folder within the other, starting in `top`, which stays open."""
    current = top
    for number, name in enumerate(names):
        try:
            inner = os.open(name, _FOLDER, dir_fd=current)
        except OSError as error:
            if error.errno in _NOT_A_FOLDER and not _is_link(name, current):
                return None
            if error.errno in _NOT_THERE:
                return None
            raise _refusal("/".join(names[: number + 1]), error) from error
        finally:
            if current != top:
                os.close(current)
        current = inner
    return current


def _is_link(name: str, folder: int) -> bool:
    try:
        return stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def _look(path: str, name: str, folder: int) -> Entry | None:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError as error:
        if error.errno in _NOT_THERE:
            return None
        raise _refusal(path, error) from error
    if status.st_mode & _FORMAT == stat.S_IFREG:  # most are
        return Entry(path, "file", status.st_size, status.st_mtime_ns, "", status.st_mode & _MAY_RUN != 0)
    return _entry(path, status)


def _scan(prefix: str, folder: int, limit: int) -> tuple[Entry, ...]:
    """What stands in a folder; one entry more than the limit says that there is more."""
    try:
        with os.scandir(folder) as names:
            found = [_look(prefix + each.name, each.name, folder) for each in islice(names, limit + 1)]
    except OSError as error:
        raise _refusal(prefix or ".", error) from error
    return tuple(entry for entry in found if entry and entry.path != f"{prefix}.git")


def _entry(path: str, status: os.stat_result) -> Entry:
    kind = _KINDS.get(status.st_mode & _FORMAT, "other")
    return Entry(path, kind, status.st_size if kind in ("file", "link") else 0, status.st_mtime_ns)


def _read(path: str, name: str, folder: int, limit: int) -> bytes:
    try:
        descriptor = os.open(name, _FILE, dir_fd=folder)
    except FileNotFoundError as error:
        raise absent(path) from error
    except OSError as error:
        raise _refusal(path, error) from error
    try:
        found = _entry(path, os.fstat(descriptor))
        if found.kind != "file":
            raise unreadable(path, found.kind)
        return _content(descriptor, found, limit)
    except OSError as error:
        raise _refusal(path, error) from error
    finally:
        os.close(descriptor)


def _content(descriptor: int, file: Entry, limit: int) -> bytes:
    """The bytes of an open file, which may grow while it is read."""
    if file.size > limit:
        raise too_large(file.path, file.size, limit)
    chunk = os.read(descriptor, file.size + 1)
    if len(chunk) == file.size:  # less than was asked for, and no less than there was
        return chunk
    chunks = []
    total = 0
    while chunk:
        chunks.append(chunk)
        total += len(chunk)
        if total > limit:
            raise too_large(file.path, total, limit)
        chunk = os.read(descriptor, max(file.size - total, 0) + 1)
    return b"".join(chunks)


def _refusal(path: str, error: OSError) -> Unreadable:
    if error.errno in _NOT_A_FOLDER:
        return unreadable(path, "link")
    reason = os.strerror(error.errno or 0)
    return Unreadable(Finding(f"`{path}` to be readable", reason, path, f"make `{path}` readable"))
