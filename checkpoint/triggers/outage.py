"""Since when no checkpoint can be taken, for runs that are each a process of their own."""

from __future__ import annotations

import os
from contextlib import suppress

from checkpoint import marshalled

_FILE = "outage.marshal"


def since(folder: str, now: float) -> float:
    """When the first failure came since all was well, by what is kept in the private folder; notes one that comes now.

    `now` is in seconds since the epoch. Raises Stalled where nothing can be kept there.
    """
    path = os.path.join(folder, _FILE)
    kept = marshalled.read(path)
    if isinstance(kept, float) and kept <= now:
        return kept
    marshalled.write(path, now)
    return now


def over(folder: str) -> None:
    """All is well again."""
    with suppress(FileNotFoundError):
        os.unlink(os.path.join(folder, _FILE))
