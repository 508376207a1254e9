"""What is accounted for, from one process to the next: folders as their digests, and no more marks than fit a megabyte.

What another version of this program wrote counts as nothing: a checkpoint more is all that this costs.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from checkpoint import marshalled
from checkpoint.triggers.accounted import Accounted, Marks
from checkpoint.triggers.world import World, digest_of

KEPT_LIMIT = 10_000
"""The most marks of each kind that outlive the process; the others are learned again."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Literal[2]
    accounted: Accounted


def write_accounted(path: str, accounted: Accounted) -> None:
    """Replaces the file, in a private folder that is there. Raises Stalled where it cannot be written.

    Some 2 µs for each folder that is accounted for.
    """
    kept = msgspec.structs.replace(
        accounted,
        seen=_brief(accounted.seen),
        left=_brief(accounted.left),
        own=_most(accounted.own),
        recent=_most(accounted.recent),
    )
    marshalled.write(path, msgspec.to_builtins(_File(2, kept)))


def read_accounted(path: str) -> Accounted | None:
    """What was accounted for as it was kept; None where there is nothing that can be used.

    Raises Stalled for a file that is not the user's alone.
    """
    try:
        return msgspec.convert(marshalled.read(path), type=_File).accounted
    except msgspec.ValidationError:
        return None


def _brief(world: World) -> World:
    return World(world.refs, {top: digest_of(found) for top, found in world.folders.items()}, world.complete)


def _most(marks: Marks) -> Marks:
    """Folders first: each stands for many."""
    return frozenset(sorted(marks, key=_folders_first)[:KEPT_LIMIT])


def _folders_first(mark: str) -> tuple[bool, str]:
    return not mark.endswith("/"), mark
