"""Which folders have to be watched, each by itself, so that nothing below the ones that are followed goes unnoticed.

Each by itself: who watches a folder with all that is below it also watches whatever links in it lead to, which may be
the whole disk, and every folder of its caches.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator

import msgspec

from checkpoint.triggers.walk import is_folder, is_noise, is_reached, walk


class Watched(msgspec.Struct, frozen=True):
    """A folder: its inode, and the names in it that count; None for all but noise."""

    inode: int
    names: frozenset[str] | None = None

    def counts(self, name: str) -> bool:
        return not is_noise(name) if self.names is None else name in self.names


class Reach(msgspec.Struct, frozen=True):
    """The folders to be watched by their paths, the most telling first."""

    folders: dict[str, Watched] = {}

    def concerns(self, path: str) -> bool:
        """Whether an event at this path is a reason to look."""
        folder, name = os.path.split(path)
        return path in self.folders or (folder in self.folders and self.folders[folder].counts(name))

    def is_outgrown_by(self, path: str) -> bool:
        """Whether after an event at this path, which concerns it, other folders have to be watched."""
        if path in self.folders:
            return _inode(path) != self.folders[path].inode
        return is_folder(path)


def reach(folders: Iterable[str], files: Iterable[str], roots: Collection[str] = ()) -> Reach:
    """All folders below these, and those in which the files stand or, like a folder that is missing, would appear.

    Below the roots nothing is watched beyond a link; what lies there is taken for missing.
    """
    wanted = [os.path.normpath(path) for path in folders]
    tops = [path for path in wanted if is_reached(path, roots)]
    found = dict(_holders({*wanted, *map(os.path.normpath, files)}.difference(tops), roots))
    found |= {path: Watched(_inode(path)) for path in tops}
    found |= {entry.path: Watched(entry.inode()) for _, entry in walk(tops, roots, only_folders=True)}
    # Whoever opens a folder whose name is no text, be it to look, ends all watching (watchfiles 1.3) that tells of it.
    mute = {os.path.dirname(path) for path in found if not _is_text(path)}
    return Reach({path: watched for path, watched in found.items() if path not in mute and _can_be_watched(path)})


def _holders(paths: Iterable[str], roots: Collection[str]) -> Iterator[tuple[str, Watched]]:
    names: dict[str, set[str]] = {}
    for path in sorted(paths):
        folder, name = _nearest(path, roots)
        names.setdefault(folder, set()).add(name)
    return ((folder, Watched(_inode(folder), frozenset(those))) for folder, those in names.items())


def _nearest(path: str, roots: Collection[str]) -> tuple[str, str]:
    """The nearest folder above the path that can be reached, and the name in it that leads on to the path."""
    folder, name = os.path.split(path)
    while not is_reached(folder, roots) and folder != os.path.dirname(folder):
        folder, name = os.path.split(folder)
    return folder, name


def _can_be_watched(path: str) -> bool:
    return _is_text(path) and os.access(path, os.R_OK)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
