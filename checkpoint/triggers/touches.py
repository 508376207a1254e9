"""Where something was heard to change since the last look, so that the next one need not go everywhere."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

import msgspec

PATHS_LIMIT = 10_000
"""Paths of which more are no help: to look everywhere is as quick."""


class Touched(msgspec.Struct, frozen=True):
    """Absolute paths at which something may have changed; where it is `everywhere`, at any other as well."""

    paths: frozenset[str] = frozenset()
    everywhere: bool = False

    def tops(self, folders: Iterable[str]) -> set[str]:
        """Those of the folders, by their normal paths, in which something may look otherwise than before."""
        tops = sorted(folders)
        return set(tops) if self.everywhere else {top for path in self.paths for top in _concerned(path, tops)}


def _concerned(path: str, tops: Sequence[str]) -> Iterator[str]:
    """The nearest folder that the path is in; the path, if it is one itself; and all that lie below it."""
    yield from _below(path, tops)
    yield from _among(path, tops)
    above = os.path.dirname(path)
    while above != path:
        if any(_among(above, tops)):
            yield above
            return
        path, above = above, os.path.dirname(above)


def _among(path: str, tops: Sequence[str]) -> Iterator[str]:
    place = bisect_left(tops, path)
    if place < len(tops) and tops[place] == path:
        yield path


def _below(path: str, tops: Sequence[str]) -> Iterator[str]:
    start = f"{path.rstrip('/')}/"
    for place in range(bisect_left(tops, start), len(tops)):
        if not tops[place].startswith(start):
            return
        yield tops[place]


class Touches:
    """Gathers what one thread hears, until another one takes it to look there.

    Until `hears_all` says that every change is heard of from now on, something may have changed everywhere.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._paths: set[str] = set()
        self._is_everywhere = True
        self._hears_all = False

    def hears_all(self, *, hears: bool) -> None:
        """From now on all changes are heard of, or not; what was changed until now may have gone unheard."""
        with self._lock:
            self._hears_all, self._is_everywhere = hears, True

    def heard(self, paths: Iterable[str]) -> None:
        with self._lock:
            self._paths.update(paths)
            if len(self._paths) > PATHS_LIMIT:
                self._is_everywhere = True
                self._paths.clear()

    def doubt(self) -> None:
        """Something may have changed of which nothing was heard."""
        with self._lock:
            self._is_everywhere = True

    def taken(self) -> Touched:
        """What was heard since this was asked last; whoever asks looks there now."""
        with self._lock:
            touched = Touched(frozenset(self._paths), self._is_everywhere)
            self._paths, self._is_everywhere = set(), not self._hears_all
        return touched
