"""What decides verdicts beside the plan and the files: where it is another, everything is judged again.

Light enough for the fastest commands.
"""

from __future__ import annotations

import hashlib
import os
import sys

import checkpoint
from checkpoint.glance import glance
from checkpoint.lazy import load

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any

KEPT_FOR = 86400.0
"""Seconds after which everything is judged again, whatever is known."""


def rules_of(top: str, approvals: str, settings: dict[str, Any]) -> str:
    """Programs, templates, approvals and the plan's settings (as plain data), as a digest."""
    package = os.path.dirname(checkpoint.__file__)
    places = (package, f"{package}/validation", *load("checkpoint.validators").__path__, _libraries())
    stamps = [_stamp(path) for path in (*places, approvals, f"{top}/.gitmodules")]
    own = [sorted((glance(top, folder) or {}).items()) for folder in ("validators", "templates")]
    what = (checkpoint.__version__, sys.version, stamps, own, sorted(settings.items()))
    return hashlib.sha256(repr(what).encode("utf-8", "surrogateescape")).hexdigest()


def _libraries() -> str:
    """The folder of what is installed: its time tells when a library was replaced."""
    return next((path for path in sys.path if os.path.isdir(f"{path}/msgspec")), "")


def _stamp(path: str) -> tuple[int, int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ctime_ns)
