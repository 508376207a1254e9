"""What `checkpoint status` and `checkpoint next` read at once: the last report, ready as plain data.

Kept by `marshal`, which is there without an import's cost, where reading JSON would take a tenth of the whole command.
What another version of Python wrote may be unreadable; then there is no snapshot until the next checkpoint.
"""

from __future__ import annotations

import marshal

from checkpoint import private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any

_NAME = "status.marshal"


def write_snapshot(folder: str, document: dict[str, Any]) -> None:
    """Replaces the snapshot in the store's folder. Raises Stalled where that is impossible."""
    private.make_folder(folder)
    private.write(f"{folder}/{_NAME}", marshal.dumps(document))


def read_snapshot(folder: str) -> dict[str, Any] | None:
    """The document as it was written; None before the first checkpoint."""
    content = private.read(f"{folder}/{_NAME}")
    if content is None:
        return None
    try:
        # Only ever read from a file that the user alone can write (checkpoint.private).
        document: dict[str, Any] = marshal.loads(content)  # noqa: S302
    except (ValueError, EOFError, TypeError):
        return None
    return document
