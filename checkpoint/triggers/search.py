"""How everything below folders looks: no link in them is followed, nothing is opened but folders."""

from __future__ import annotations

import os
import stat
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from checkpoint.triggers.found import UNTOLD, Found, Looks, pack
from checkpoint.triggers.walk import AT_ONCE, ENTRIES_LIMIT, is_noise, is_reached

_UNSEEN_BY_ALL = ".git"
"""What a glance leaves out as well."""


def search(
    tops: Iterable[str], roots: Collection[str] = (), limit: int = ENTRIES_LIMIT, apart: Collection[str] = frozenset()
) -> tuple[dict[str, Found], bool]:
    """What is in each of the folders, and whether that is all: it is not where there is more than the limit.

    Paths are absolute and normal. All folders have their turn, the upper levels first: a huge one keeps no other from
    being looked at. One within another, or within one of `apart`, is searched once, as its own. No link below them is
    followed, and none leads to them from a root (`is_reached`). What vanishes meanwhile, or cannot be read, is left
    out; nothing is raised.
    """
    alone = frozenset(tops).union(apart)
    searches = {top: _Search(top, alone, roots) for top in sorted(set(tops))}
    done: dict[str, Found] = {}
    left = limit
    while searches and left >= 0:
        for top, each in tuple(searches.items()):
            most = min(AT_ONCE, left + 1)
            taken = each.turn(most)
            left -= taken
            if taken < most or left < 0:
                done[top] = searches.pop(top).found(is_whole=left >= 0)
            if left < 0:
                break
    return done | {top: each.found(is_whole=False) for top, each in searches.items()}, left >= 0


class _Search:
    """The search of one folder, in turns."""

    def __init__(self, top: str, apart: Collection[str], roots: Collection[str]) -> None:
        self._base = f"{top.rstrip('/')}/"
        self._top = top
        self._apart = apart
        self._looks = alone(top, roots)
        self._is_whole = stat.S_ISDIR(self._looks.get("", UNTOLD)[0])
        self._waiting = deque([""] if is_reached(top, roots) else ())
        self._listed: _Listed | None = None

    def turn(self, most: int) -> int:
        """Goes on through so many entries, or to its end; how many there were."""
        before = len(self._looks)
        while (left := before + most - len(self._looks)) > 0 and (self._listed or self._waiting):
            self._listed = self._listed or self._list(self._waiting.popleft())
            if self._listed and not self._add(self._listed, left):
                self._listed.close()
                self._listed = None
        return len(self._looks) - before

    def found(self, *, is_whole: bool) -> Found:
        """All that there was so far; to be asked for once, at the end."""
        if self._listed:
            self._listed.close()
        return pack(self._top, self._looks, is_whole=is_whole and self._is_whole)

    def _list(self, prefix: str) -> _Listed | None:
        try:
            return _Listed(self._base, prefix)
        except OSError:
            self._is_whole = False
            return None

    def _add(self, folder: _Listed, most: int) -> bool:
        """Looks at some entries of one folder; whether there were any."""
        descriptor, prefix, found, were_any = folder.descriptor, folder.prefix, self._looks, False
        for entry in folder.some(most):
            were_any, name = True, entry.name
            if is_noise(name):
                self._is_whole &= name == _UNSEEN_BY_ALL
                continue
            try:
                looks = looks_of(os.stat(name, dir_fd=descriptor, follow_symlinks=False))
            except FileNotFoundError:
                continue
            except OSError:
                self._is_whole, looks = False, UNTOLD
            found[prefix + name] = looks
            if not looks[4] and stat.S_ISDIR(looks[0]):
                self._wait_for(prefix + name)
        return were_any

    def _wait_for(self, path: str) -> None:
        if self._base + path in self._apart:
            self._is_whole = False
        else:
            self._waiting.append(f"{path}/")


class _Listed:
    """The names in an open folder, by its path within another one. Raises OSError where there is none."""

    def __init__(self, base: str, prefix: str) -> None:
        self.prefix = prefix
        followed = 0 if not prefix else os.O_NOFOLLOW
        path = f"{base}{prefix}".rstrip("/") or "/"
        self.descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | followed)
        try:
            self._entries = os.scandir(self.descriptor)
        except OSError:
            os.close(self.descriptor)
            raise

    def some(self, most: int) -> Iterator[os.DirEntry[str]]:
        """The next names, not more than so many; none where the rest cannot be read."""
        try:
            yield from islice(self._entries, most)
        except OSError:
            return

    def close(self) -> None:
        self._entries.close()
        os.close(self.descriptor)


def alone(path: str, roots: Collection[str] = ()) -> dict[str, Looks]:
    """How the one file or folder at that path looks, as "", if anything is there that may be looked at."""
    try:
        return {"": looks_of(os.lstat(path))} if is_reached(os.path.dirname(path), roots) else {}
    except (OSError, ValueError):
        return {}


def looks_of(status: os.stat_result) -> Looks:
    """The status by its numbers, which is quicker than by their names."""
    mode, inode = status[0], status[1]
    if stat.S_ISDIR(mode):
        return mode, inode, 0, 0, 0
    return mode, inode, status[6], status.st_mtime_ns, status.st_ctime_ns
