"""Patches on the lines of a text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

Key: TypeAlias = tuple[Literal["status", "next"], str]
"""A managed block: its kind, and its team ("" for the status block)."""


class Patch(msgspec.Struct, frozen=True):
    """New bytes in place of the lines from `start` up to, but without, `stop`; lines count from 0.

    `adds` is the block that is put in where there was none.
    """

    start: int
    stop: int
    content: bytes
    adds: Key | None = None


def line_ending(lines: Iterable[bytes]) -> bytes:
    """The line ending of the file: that of its first line."""
    first = next(iter(lines), b"")
    return next((ending for ending in (b"\r\n", b"\n", b"\r") if first.endswith(ending)), b"\n")


def patched(lines: Sequence[bytes], patches: Iterable[Patch]) -> bytes:
    result: list[bytes] = []
    at = 0
    for patch in sorted(patches, key=lambda patch: (patch.start, patch.stop)):
        result += lines[at : patch.start]
        result.append(_on_its_own(patch.content, result[-1:], lines[patch.stop : patch.stop + 1]))
        at = patch.stop
    return b"".join([*result, *lines[at:]])


def _on_its_own(content: bytes, before: Sequence[bytes], after: Sequence[bytes]) -> bytes:
    """The content, so that its ends do not become one end of a line with those around it: CR before LF would."""
    if content.startswith(b"\n") and before and before[0].endswith(b"\r"):
        content = b"\r" + content[1:]
    if content.endswith(b"\r") and after and after[0].startswith(b"\n"):
        content = content[:-1] + b"\n"
    return content
