"""What commands did, each in a file named by a digest of all that decides it. A damaged file counts as none."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator

from checkpoint import private

_SUM = 4
"""Bytes of the checksum in front: what was being written when the machine failed may be there in part."""


class Outcomes:
    """The files of one folder. What is asked for becomes recent, so that pruning leaves it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def read(self, key: str) -> bytes | None:
        """What was written under the key; None where there is nothing that can be used.

        Raises Stalled for a file that is not the user's alone.
        """
        content = private.read(self._path(key))
        if content is None or zlib.crc32(content[_SUM:]).to_bytes(_SUM) != content[:_SUM]:
            return None
        try:
            os.utime(self._path(key), follow_symlinks=False)
            return zlib.decompress(content[_SUM:])
        except (OSError, zlib.error):
            return None

    def write(self, key: str, content: bytes) -> None:
        """Keeps it, as long as there is room. Nothing waits for the disk: it can be made again."""
        packed = zlib.compress(content, 1)
        new = private.beside(self._path(key))
        try:
            private.make_folder(self._folder)
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
                file.write(zlib.crc32(packed).to_bytes(_SUM) + packed)
            os.replace(new, self._path(key))
        except OSError:
            private.discard(new)

    def prune(self, oldest: float, limit: int) -> int:
        """Removes what was last asked for before `oldest`, and the oldest beyond `limit` bytes; returns how many."""
        total, gone = 0, []
        for entry in sorted(self._entries(), key=lambda each: -each[1]):
            total += entry[2]
            if entry[1] < oldest or total > limit:
                gone.append(entry[0])
        for path in gone:
            private.discard(path)
        return len(gone)

    def _entries(self) -> Iterator[tuple[str, float, int]]:
        """Path, time and size of each file."""
        if not os.path.isdir(self._folder):
            return
        with os.scandir(self._folder) as found:
            for each in found:
                status = each.stat(follow_symlinks=False)
                yield each.path, status.st_mtime, status.st_size

    def _path(self, key: str) -> str:
        return f"{self._folder}/{key}"
