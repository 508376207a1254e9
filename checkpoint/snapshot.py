"""What `checkpoint status` and `checkpoint next` read at once: the last report, ready as a document."""

from __future__ import annotations

from checkpoint import private

_NAME = "status.json"


def write_snapshot(folder: str, document: bytes) -> None:
    """Replaces the snapshot in the store's folder. Raises Stalled where that is impossible."""
    private.make_folder(folder)
    private.write(f"{folder}/{_NAME}", document)


def read_snapshot(folder: str) -> bytes | None:
    """The document as it was written; None before the first checkpoint."""
    return private.read(f"{folder}/{_NAME}")
