"""What lies below folders, as the watch looks at it: no link in them is followed, nothing is opened but folders."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

ENTRIES_LIMIT = 200_000
"""The most files and folders that one look goes through, in all folders together."""

AT_ONCE = 1000
"""Entries of one folder after which the other folders have their turn."""
_NOISE = frozenset(
    {
        *(".git", ".hg", ".svn", ".jj"),
        *(".venv", ".tox", "node_modules", "__pycache__"),
        *(".hypothesis", ".mypy_cache", ".pytest_cache", ".ruff_cache"),
        *(".idea", ".DS_Store"),
    }
)
_NOISE_PATTERN = re.compile(
    r".*\.py[co]"
    r"|.*~|\..*\.sw[a-p]"  # backups and swap files of vim
    r"|\.#.*|#.*#"  # locks and unsaved text of Emacs
    r"|.*___jb_(?:tmp|old|bak)___",
    re.DOTALL,
)


def is_noise(name: str) -> bool:
    """Whether a file or folder of that name is never delivered by hand: caches, swap files, what git keeps."""
    may_match = name[:1] in ".#" or name[-1:] in "~co_#"
    return name in _NOISE or (may_match and _NOISE_PATTERN.fullmatch(name) is not None)


def is_folder(path: str) -> bool:
    """Whether a folder stands there, and no link to one."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def is_reached(folder: str, roots: Collection[str] = ()) -> bool:
    """Whether a folder stands there that may be looked into, as `checkpoint.files.Folder` would.

    Below one of the roots, which are absolute, no link leads to it; elsewhere, and at a root, a path is taken as it
    stands.
    """
    root = next((root for root in roots if folder.startswith(f"{root.rstrip('/')}/")), None)
    if root is None:
        return os.path.isdir(folder)
    base = root.rstrip("/")
    names = folder[len(base) + 1 :].split("/")
    return all(is_folder("/".join((base, *names[:depth]))) for depth in range(1, len(names) + 1))


def walk(
    tops: Iterable[str], roots: Collection[str] = (), limit: int = ENTRIES_LIMIT, *, only_folders: bool = False
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below each of the folders, with the folder that it is below; one entry more than the limit at most.

    All of them have their turn, the upper levels first: a huge one keeps no other from being looked at. One within
    another is walked once, as its own. No link below them is followed, and none leads to them from a root
    (`is_reached`). What vanishes meanwhile, or cannot be read, is left out; nothing is raised.
    """
    apart = frozenset(tops)
    reached = [top for top in sorted(apart) if is_reached(top, roots)]
    return islice(_in_turn({top: _below(top, apart, only_folders=only_folders) for top in reached}), limit + 1)


def _in_turn(walks: dict[str, Iterator[os.DirEntry[str]]]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    while walks:
        for top, entries in tuple(walks.items()):
            batch = list(islice(entries, AT_ONCE))
            yield from ((top, entry) for entry in batch)
            if len(batch) < AT_ONCE:
                del walks[top]


def _below(top: str, apart: Collection[str], *, only_folders: bool) -> Iterator[os.DirEntry[str]]:
    waiting = deque([top])
    while waiting:
        for entry in _entries(waiting.popleft()):
            inner = _is_folder(entry)
            if inner and entry.path not in apart:
                waiting.append(entry.path)
            if inner or not only_folders:
                yield entry


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry for entry in entries if not is_noise(entry.name))
    except OSError:
        return


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False
