"""What `git cat-file --batch` answers."""

from __future__ import annotations

import msgspec


class Object(msgspec.Struct, frozen=True):
    """One object: its id, its type (`blob`, `tree`, `commit`, `tag`), its content."""

    id: str
    type: str
    content: bytes


class Batch:
    """What `cat-file --batch` prints, as it comes in: the `objects` so far, None for each that is not there."""

    def __init__(self) -> None:
        self.objects: list[Object | None] = []
        self._rest = bytearray()

    def feed(self, piece: bytes) -> None:
        self._rest += piece
        at = 0
        while (end := self._rest.find(b"\n", at)) >= 0:
            words = self._rest[at:end].rsplit(b" ", 2)
            at = self._take(words, end + 1) if len(words) == 3 and words[2].isdigit() else self._miss(end + 1)
            if at < 0:
                break
            del self._rest[:at]
            at = 0

    def _miss(self, after: int) -> int:
        self.objects.append(None)
        return after

    def _take(self, words: list[bytearray], start: int) -> int:
        """Where the next answer begins; -1 where not all of this one is there."""
        end = start + int(words[2])
        if len(self._rest) <= end:
            return -1
        self.objects.append(Object(words[0].decode(), words[1].decode(), bytes(self._rest[start:end])))
        return end + 1


def parse_batch(data: bytes) -> list[Object | None]:
    """All of what `cat-file --batch` printed."""
    batch = Batch()
    batch.feed(data)
    return batch.objects
