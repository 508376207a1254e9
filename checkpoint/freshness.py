"""Whether a proof still stands, from what its verdict saw and what is there now, without proving it again.

`checkpoint status` must answer at once, so the common case, nothing touched, takes `os.lstat` alone.
"""

from __future__ import annotations

import os

from checkpoint.lazy import load

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any


def freshness(verdict: dict[str, Any], root: str) -> str:
    """How a verdict, as JSON holds it, stands against the folder `root` now: `green`, `red`, `stale` or `missing`."""
    settled = "green" if verdict["outcome"] == "passed" else "red"
    seen = verdict.get("seen", [])
    if all(_is_untouched(each, root) for each in seen):
        return settled
    changed: str | None = load("checkpoint.validation.staleness").changed(verdict, root)
    return changed or settled


def _is_untouched(seen: dict[str, Any], root: str) -> bool:
    path = os.path.join(root, seen["path"])
    try:
        now = os.lstat(path)
    except OSError:
        return bool(seen.get("size", 0) == -1)
    is_folder = seen["path"].endswith("/")
    return bool(seen.get("modified", 0) == now.st_mtime_ns and (is_folder or seen.get("size", 0) == now.st_size))
