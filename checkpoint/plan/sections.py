"""Cutting a plan's bytes at its headings of level 2, so that each piece can be read by itself.

Lines that cannot matter are never looked at: only what begins with `##`, and what holds `<` or three marks of a fence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from checkpoint.lazy import pattern
from checkpoint.plan.nodes import FENCE, closes

IsClosed: TypeAlias = Callable[[bytes], bool]
"""Whether a heading behind this text would stand on its own, not inside a fence, a list or HTML."""

_NESTED_OPENING = pattern(r"[ \t>]*(?:(?:[-+*]|[0-9]{1,9}[.)])(?=[ \t])[ \t>]*)*(?:```|~~~|<)")
_OPENING = pattern(rb"(?:\xef\xbb\xbf)?---[ \t]*(?:\r?\n|\Z)")
_CLOSING = pattern(rb"(?<=\n)---[ \t]*(?:\r?\n|\Z)")
_NEEDLES = (b"<", b"```", b"~~~")


def is_cuttable(data: bytes) -> bool:
    """Whether each line of this text ends in LF or CR LF: one that ends in CR alone is found by no search for LF."""
    return b"\r" not in data or data.count(b"\r") == data.count(b"\r\n")


def body_start(data: bytes) -> int:
    """Where the body begins behind the front matter."""
    opening = _OPENING.match(data)
    if opening is None:
        return 0
    closing = _CLOSING.search(data, opening.end())
    return closing.end() if closing is not None else opening.end()


def cuts(data: bytes, start: int, is_closed: IsClosed) -> Iterator[int]:
    """Where the pieces of the body begins that `start` begins, each at a `## ` that is a heading on its own.

    Reading the pieces one after the other is reading the whole; a piece may hold more headings of level 2. Fences in
    the first column are followed here; where others, or HTML, leave a doubt, `is_closed` decides (it is asked again
    only for twice as much text, which keeps the time linear).
    """
    walk = _Walk(data, start, is_closed)
    at = start
    for stop in _headings(data, start):
        if walk.is_heading(at, stop):
            yield stop
        at = stop


def _headings(data: bytes, start: int) -> Iterator[int]:
    """Where lines begin that look like headings of level 2."""
    at = start if data.startswith(b"##", start) else data.find(b"\n##", start) + 1 or -1
    while at >= 0:
        if data[at + 2 : at + 3] in (b" ", b"\t", b"\r", b"\n", b""):
            yield at
        at = data.find(b"\n##", at) + 1 or -1


class _Walk:
    """What is open where the walk has come to: a fence in the first column, or a doubt."""

    def __init__(self, data: bytes, start: int, is_closed: IsClosed) -> None:
        self._data = data
        self._start = start
        self._is_closed = is_closed
        self._fence = ""
        self._doubt = False
        self._ask_at = 0

    def is_heading(self, at: int, stop: int) -> bool:
        """Goes on from `at` to what looks like a heading at `stop`; whether a piece begins there."""
        self._pass(at, stop)
        if (self._fence and not self._doubt) or (self._doubt and not self._is_settled(stop)):
            return False
        self._start, self._fence, self._doubt, self._ask_at = stop, "", False, 0
        return True

    def _is_settled(self, stop: int) -> bool:
        size = stop - self._start
        if size < self._ask_at:
            return False
        self._ask_at = 2 * size
        return self._is_closed(self._data[self._start : stop])

    def _pass(self, at: int, stop: int) -> None:
        if self._doubt:
            return
        for line in _suspects(self._data, at, stop):
            if self._fence:
                self._fence = "" if closes(line, self._fence) else self._fence
            else:
                self._fence, self._doubt = _opens(line)
                if self._doubt:
                    return


def _suspects(data: bytes, at: int, stop: int) -> Iterable[str]:
    """The lines within that hold what may open or close something, in their order."""
    starts: set[int] = set()
    for needle in _NEEDLES:
        place = data.find(needle, at, stop)
        while place >= 0:
            starts.add(data.rfind(b"\n", at, place) + 1 or at)
            end = data.find(b"\n", place, stop)
            place = data.find(needle, end, stop) if end >= 0 else -1
    for start in sorted(starts):
        end = data.find(b"\n", start, stop)
        yield data[start : end if end >= 0 else stop].decode("utf-8", "replace").rstrip("\r")


def _opens(line: str) -> tuple[str, bool]:
    """The fence that this line opens in the first column, and whether it leaves a doubt."""
    if line[:1] in ("`", "~"):
        match = FENCE.match(line)
        return (match[1] or match[2], False) if match else ("", False)
    if line.startswith("<!--") and "-->" in line:
        return "", False
    return "", _NESTED_OPENING.match(line) is not None
