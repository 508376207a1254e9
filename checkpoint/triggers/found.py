"""What was found below a folder, packed: a hundred thousand files take 7 MB, and two looks are told apart at once."""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import msgspec

Looks: TypeAlias = tuple[int, int, int, int, int]
"""Mode, inode, bytes, and the times of modification and of status change in ns, as in `checkpoint.glance`.

A folder has neither times nor bytes: they would tell of entries that do not count.
"""

UNTOLD: Looks = (0, 0, 0, 0, 0)
"""How an entry looks of which something else tells whether it has changed."""
_SAME_BYTES = 2
"""The version of marshal that writes equal values alike; later ones tell which of them are one object."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """Everything below a folder, and the folder itself; a file that is looked at alone is a folder of one.

    `packed` are its entries, by their paths within it; `digest` (in hex) is of these, and the same in every process.
    `size` is how many there are, `newest` the last time of change among them in ns. Where it `is_whole`, a glance at
    the folder would have found the same, and nothing else.
    """

    top: str
    packed: bytes
    digest: str
    size: int
    newest: int
    is_whole: bool = False

    def entries(self) -> dict[str, Looks]:
        """Each entry by its absolute path; some 0.5 µs each."""
        base = f"{self.top.rstrip('/')}/"
        return {base + path if path else self.top: looks for path, looks in self._unpacked()}

    def names(self, path: str) -> bool:
        """Whether there is such an entry, by its absolute path."""
        return path in self.entries()

    def with_entry(self, path: str, looks: Looks) -> Found:
        """With an entry, by its absolute path, that looks otherwise; no longer what a glance would find."""
        return found(self.top, self.entries() | {path: looks})

    def _unpacked(self) -> list[tuple[str, Looks]]:
        # Never anything but what was packed in this process.
        unpacked: list[tuple[str, Looks]] = marshal.loads(self.packed)  # noqa: S302
        return unpacked


def pack(top: str, looks: Mapping[str, Looks], *, is_whole: bool = False) -> Found:
    """What was found, from how the entries look by their paths within the folder, itself as ""."""
    packed = marshal.dumps(sorted(looks.items()), _SAME_BYTES)
    digest = hashlib.blake2b(packed, digest_size=16).hexdigest()
    return Found(top, packed, digest, len(looks), _newest(looks.values()), is_whole)


def found(top: str, entries: Mapping[str, Looks]) -> Found:
    """What was found, from how the entries look by their absolute paths."""
    length = len(top.rstrip("/")) + 1
    return pack(top, {path[length:]: looks for path, looks in entries.items()})


def _newest(all_looks: Iterable[Looks]) -> int:
    columns = tuple(zip(*all_looks, strict=True))
    return max(*columns[3], *columns[4]) if columns else 0
