"""A baseline from one process to the next: folders as their digests, and no more marks than can be told in a megabyte.

Kept by `marshal`, since paths may hold what is no UTF-8. What another version of Python or of this program wrote, or
what is damaged, counts as no baseline: a checkpoint more is all that this costs.
"""

from __future__ import annotations

import binascii
import marshal
from typing import Literal

import msgspec

from checkpoint import private
from checkpoint.triggers.baseline import Baseline, Marks
from checkpoint.triggers.world import World, digest_of

KEPT_LIMIT = 10_000
"""The most marks of each kind that outlive the process; the others are learned again."""

_SUM = 4
"""Bytes of the checksum in front: marshal does not promise to survive damaged data."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[1]
    baseline: Baseline


def write_baseline(path: str, baseline: Baseline) -> None:
    """Replaces the file, in a private folder that is there. Raises Stalled where it cannot be written.

    Some 2 µs for each path in the baseline.
    """
    kept = msgspec.structs.replace(
        baseline,
        seen=_brief(baseline.seen),
        left=_brief(baseline.left),
        own=_most(baseline.own),
        recent=_most(baseline.recent),
    )
    content = marshal.dumps(msgspec.to_builtins(_File(1, kept)))
    private.write(path, binascii.crc32(content).to_bytes(_SUM) + content)


def read_baseline(path: str) -> Baseline | None:
    """The baseline as it was kept; None where there is none that can be used.

    Raises Stalled for a file that is not the user's alone.
    """
    content = private.read(path)
    if content is None or binascii.crc32(content[_SUM:]).to_bytes(_SUM) != content[:_SUM]:
        return None
    try:
        # Only ever what was written here, by the sum, into a file that the user alone can write (checkpoint.private).
        return msgspec.convert(marshal.loads(content[_SUM:]), type=_File).baseline  # noqa: S302
    except (ValueError, EOFError, TypeError):
        return None


def _brief(world: World) -> World:
    return World(world.refs, {top: digest_of(found) for top, found in world.folders.items()}, world.complete)


def _most(marks: Marks) -> Marks:
    """Folders first: each stands for many."""
    return frozenset(sorted(marks, key=_folders_first)[:KEPT_LIMIT])


def _folders_first(mark: str) -> tuple[bool, str]:
    return not mark.endswith("/"), mark
