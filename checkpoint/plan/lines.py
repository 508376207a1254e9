"""The lines of a large text, of which only a few are looked at."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import overload


class Lines(Sequence[bytes]):
    """The lines of a text that ends its lines in LF, each with its end, as `splitlines` gives them.

    `pieces` says where the pieces behind the first one begin: the byte, and the number of the line, from 1. A piece is
    split only when one of its lines is asked for.
    """

    def __init__(self, data: bytes, pieces: Iterable[tuple[int, int]]) -> None:
        self.data = data
        self.starts = [0, *(start for start, _ in pieces), len(data)]
        self.firsts = [0, *(first - 1 for _, first in pieces)]
        self._length = data.count(b"\n") + (not data.endswith(b"\n") and data != b"")
        self._split: dict[int, list[bytes]] = {}

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes]:
        if isinstance(index, slice):
            return self._some(*index.indices(self._length))
        at = range(self._length)[index]
        number = self.piece_of(at)
        return self.piece(number)[at - self.firsts[number]]

    def _some(self, start: int, stop: int, step: int) -> list[bytes]:
        number = self.piece_of(start)
        found = self.piece(number)[max(start - self.firsts[number], 0) : max(stop - self.firsts[number], 0) : step]
        whole = len(range(start, stop, step))
        return found if len(found) == whole else [self[each] for each in range(start, stop, step)]

    def piece_of(self, at: int) -> int:
        """The number of the piece that the line lies in, which is counted from 0, as pieces are."""
        return bisect_right(self.firsts, at) - 1

    def piece(self, number: int) -> list[bytes]:
        """The lines of a piece."""
        found = self._split.get(number)
        if found is None:
            found = self.bytes_of(number).splitlines(keepends=True)
            self._split[number] = found
        return found

    def bytes_of(self, number: int) -> bytes:
        return self.data[self.starts[number] : self.starts[number + 1]]
