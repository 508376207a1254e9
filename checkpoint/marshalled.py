"""Plain data in a private file of one program's own: `marshal` is there without an import's cost, and keeps any text.

What another version of Python wrote, or what is damaged, counts as not there: only what can be made again is kept so.
"""

from __future__ import annotations

import binascii
import marshal

from checkpoint import private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any

_SUM = 4
"""Bytes of the checksum in front: marshal does not promise to survive damaged data."""


def write(path: str, data: Any) -> None:
    """Replaces the file, in a private folder that is there, by what JSON could hold, and any bytes in its text.

    Raises Stalled where it cannot be written.
    """
    content = marshal.dumps(data)
    private.write(path, binascii.crc32(content).to_bytes(_SUM) + content)


def read(path: str) -> Any:
    """The data as it was written; None where there is none that can be used.

    Raises Stalled for a file that is not the user's alone.
    """
    content = private.read(path)
    if content is None or binascii.crc32(content[_SUM:]).to_bytes(_SUM) != content[:_SUM]:
        return None
    try:
        # Only ever what was written here, by the sum, into a file that the user alone can write (checkpoint.private).
        return marshal.loads(content[_SUM:])  # noqa: S302
    except (ValueError, EOFError, TypeError):
        return None
