"""What `checkpoint status` and `checkpoint next` read at once: the last report, ready as plain data.

Kept by `checkpoint.marshalled`: reading JSON would take a tenth of the whole command.
"""

from __future__ import annotations

from checkpoint import marshalled, private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any

_NAME = "status.marshal"


def write_snapshot(folder: str, document: dict[str, Any]) -> None:
    """Replaces the snapshot in the store's folder. Raises Stalled where that is impossible."""
    private.make_folder(folder)
    marshalled.write(f"{folder}/{_NAME}", document)


def read_snapshot(folder: str) -> dict[str, Any] | None:
    """The document as it was written; None before the first checkpoint, or where another version of Python wrote it."""
    document: dict[str, Any] | None = marshalled.read(f"{folder}/{_NAME}")
    return document
