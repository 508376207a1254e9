"""The world that a checkpoint's outcome depends on, taken at a glance, and how two such worlds differ."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Mapping
from typing import TypeAlias

import msgspec

from checkpoint.triggers.walk import ENTRIES_LIMIT, is_reached, walk
from checkpoint.validation.content import visible


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """How a file, folder or link looks from outside: its time of change in ns, bytes, inode, and mode with its kind.

    A folder has neither time nor size: both would tell of entries that do not count.
    """

    modified: int = 0
    size: int = 0
    inode: int = 0
    mode: int = 0


Entries: TypeAlias = dict[str, Stamp]
"""Every path below a folder, and the folder itself."""


class World(msgspec.Struct, frozen=True):
    """Commits by branch, and what was found by folder; a file that is looked at alone is a folder of one.

    A folder that was only kept as its digest stands here as that digest. `complete` is false where there was more
    than a look goes through.
    """

    refs: dict[str, str] = {}
    folders: dict[str, Entries | str] = {}
    complete: bool = True

    @property
    def digest(self) -> str:
        """In hex, of everything but `complete`; the same in every process. Some 2 µs a path."""
        total = hashlib.sha256()
        for name, commit in sorted(self.refs.items()):
            total.update(os.fsencode(f"{name}\0{commit}\0"))
        for path, found in sorted(self.folders.items(), key=_name):
            total.update(os.fsencode(f"{path}\0{digest_of(found)}\0"))
        return total.hexdigest()


def look(
    folders: Iterable[str],
    files: Iterable[str],
    refs: Mapping[str, str],
    roots: Collection[str] = (),
    limit: int = ENTRIES_LIMIT,
) -> World:
    """The world now: every entry below the folders, those files, and the commits as they are given.

    Paths are absolute. Below the roots, and within the folders, no link is followed: nothing is looked at beyond one.
    What is missing, vanishes meanwhile, or must not be read, is no error. About 4 µs an entry.
    """
    tops = sorted({os.path.normpath(path) for path in folders})
    found: dict[str, Entries] = {path: _alone(path, roots) for path in {*tops, *map(os.path.normpath, files)}}
    looked_at = 0
    for top, entry in walk(tops, roots, limit):
        looked_at += 1
        stamp = _stamp_of(entry)
        if stamp:
            found[top][entry.path] = stamp
    return World(dict(refs), {**found}, looked_at <= limit)


def _alone(path: str, roots: Collection[str]) -> Entries:
    try:
        return {path: _stamp(os.lstat(path))} if is_reached(os.path.dirname(path), roots) else {}
    except (OSError, ValueError):
        return {}


def _stamp_of(entry: os.DirEntry[str]) -> Stamp | None:
    try:
        return _stamp(entry.stat(follow_symlinks=False))
    except FileNotFoundError:
        return None
    except OSError:
        return Stamp(inode=entry.inode())


def _stamp(status: os.stat_result) -> Stamp:
    if stat.S_ISDIR(status.st_mode):
        return Stamp(inode=status.st_ino, mode=status.st_mode)
    return Stamp(status.st_mtime_ns, status.st_size, status.st_ino, status.st_mode)


def digest_of(found: Entries | str) -> str:
    """What was found below one folder, in hex."""
    if isinstance(found, str):
        return found
    total = hashlib.sha256()
    for path, it in sorted(found.items(), key=_name):
        total.update(b"%b\0%d %d %d %d\0" % (os.fsencode(path), it.modified, it.size, it.inode, it.mode))
    return total.hexdigest()


def _name(item: tuple[str, object]) -> str:
    return item[0]


def changed(old: World, new: World) -> tuple[str, ...]:
    """The paths that differ, and `branch NAME` for each commit that does, sorted; nothing where the two are the same.

    Where one of the two knows only a folder's digest, the folder stands for everything below it.
    """
    refs = [f"branch {name}" for name in old.refs.keys() | new.refs.keys() if old.refs.get(name) != new.refs.get(name)]
    paths = [path for top in old.folders.keys() | new.folders.keys() for path in changed_below(top, old, new)]
    return tuple(sorted(refs + paths))


def changed_below(top: str, old: World, new: World) -> Iterable[str]:
    """The paths of one folder that differ; the folder alone where only a digest tells."""
    before, after = old.folders.get(top, {}), new.folders.get(top, {})
    if isinstance(before, str) or isinstance(after, str):
        return [] if digest_of(before) == digest_of(after) else [top]
    if before == after:
        return []
    return [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]


def said(changes: tuple[str, ...], top: str = "") -> str:
    """The changes for people: `out/backend/api.json and 3 more changed`, with paths relative to the folder `top`."""
    if not changes:
        return "nothing changed"
    first = visible(changes[0].removeprefix(f"{top.rstrip('/')}/"))
    more = f" and {len(changes) - 1:,} more" if len(changes) > 1 else ""
    return f"{first}{more} changed"
