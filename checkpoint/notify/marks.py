"""What a notifier has carried to where, in a file that is only ever appended to: it is there after a kill.

It need not be on the disk: what it speaks of does not outlive the machine's next start.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from checkpoint import private

LIMIT = 64 * 1024
"""Bytes from which on the older half is left out."""
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW


class Marks(msgspec.Struct, frozen=True):
    """The marks set so far, and the descriptor to which one call of `write` adds one: a line, its end included."""

    known: frozenset[bytes]
    descriptor: int


@contextmanager
def opened(folder: str, name: str) -> Iterator[Marks]:
    """The marks of that name; without a folder, none are known and none are kept.

    Raises Stalled where the folder or the file is not the user's alone, or cannot be used.
    """
    known = _known(folder, name) if folder else b""
    try:
        descriptor = os.open(os.path.join(folder, name) if folder else os.devnull, _APPEND, 0o600)
    except OSError as error:
        raise private.unusable(os.path.join(folder, name), error) from error
    try:
        yield Marks(frozenset(known.splitlines(keepends=True)), descriptor)
    finally:
        os.close(descriptor)


def _known(folder: str, name: str) -> bytes:
    private.make_folder(folder)
    path = os.path.join(folder, name)
    content = private.read(path) or b""
    whole = content[: content.rfind(b"\n") + 1]  # a full disk leaves half a line
    if len(whole) > LIMIT:
        whole = whole[whole.index(b"\n", len(whole) // 2) + 1 :]
    if whole != content:
        private.write(path, whole)
    return whole
