"""Pieces of plain data in one private file, each of them read alone.

Only ever added to; where half of it is of no use any more a new one is begun. So a reader who knows where a piece was
finds it, or finds that it is gone. Light enough for the fastest commands.
"""

from __future__ import annotations

import binascii
import marshal
import os

from checkpoint import private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    Span: TypeAlias = tuple[int, int, int]
    """Where a piece begins, how many bytes it has, and their checksum."""

_SLACK = 1 << 20
"""Bytes of no use that are always allowed."""


class Pack:
    """The file at that path, opened when the first piece is read, and held until nobody needs it any more."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def read(self, span: Span) -> Any:
        """A piece; None where there is none that can be used. Raises Stalled where the file is not the user's alone."""
        descriptor = self._opened()
        if descriptor is None:
            return None
        offset, length, total = span
        content = os.pread(descriptor, length, offset)
        if binascii.crc32(content) != total:
            return None
        # Only ever what was written here, by the sum, into a file that the user alone can write (checkpoint.private).
        return marshal.loads(content)  # noqa: S302

    def holds(self, spans: Iterable[Span]) -> bool:
        """Whether the file is as long as these pieces need it. From then on it is held, whoever begins a new one."""
        descriptor = self._opened()
        end = max((offset + length for offset, length, _ in spans), default=0)
        return descriptor is not None and os.fstat(descriptor).st_size >= end

    def _opened(self) -> int | None:
        if self._descriptor is None:
            self._descriptor = private.open_to_read(self.path)
        return self._descriptor


def add(path: str, pieces: Iterable[Any]) -> list[Span]:
    """Adds pieces to the file, which is made where there is none. Raises Stalled where they cannot be written."""
    spans = []
    try:
        with open(private.open_to_append(path), "ab") as file:
            offset = file.tell()
            for piece in pieces:
                content = marshal.dumps(piece)
                file.write(content)
                spans.append((offset, len(content), binascii.crc32(content)))
                offset += len(content)
    except OSError as error:
        raise private.unusable(path, error) from error
    return spans


def is_crowded(path: str, spans: Iterable[Span]) -> bool:
    """Whether more than half of the file is none of these pieces, or there is no file."""
    try:
        return os.stat(path).st_size > 2 * sum(length for _, length, _ in spans) + _SLACK
    except OSError:
        return True
