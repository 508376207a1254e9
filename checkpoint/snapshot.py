"""What `checkpoint status` and `checkpoint next` read at once: the last report, ready as plain data.

Kept by `marshal`, which is there without an import's cost, where reading JSON would take a tenth of the whole command.
What another version of Python wrote may be unreadable; then there is no snapshot until the next checkpoint.
"""

from __future__ import annotations

import binascii
import marshal

from checkpoint import private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any

_NAME = "status.marshal"
_SUM = 4
"""Bytes of the checksum in front: marshal does not promise to survive damaged data."""


def write_snapshot(folder: str, document: dict[str, Any]) -> None:
    """Replaces the snapshot in the store's folder. Raises Stalled where that is impossible."""
    private.make_folder(folder)
    content = marshal.dumps(document)
    private.write(f"{folder}/{_NAME}", binascii.crc32(content).to_bytes(_SUM) + content)


def read_snapshot(folder: str) -> dict[str, Any] | None:
    """The document as it was written; None before the first checkpoint."""
    content = private.read(f"{folder}/{_NAME}")
    if content is None or binascii.crc32(content[_SUM:]).to_bytes(_SUM) != content[:_SUM]:
        return None
    try:
        # Only ever what was written here, by the sum, into a file that the user alone can write (checkpoint.private).
        document: dict[str, Any] = marshal.loads(content[_SUM:])  # noqa: S302
    except (ValueError, EOFError, TypeError):
        return None
    return document
