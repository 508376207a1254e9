"""The one sanctioned way to import late: modules that cost more to load than a fast command may take."""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any


def load(name: str) -> Any:
    """The module of that full name, imported at the first call."""
    return __import__(name, fromlist=("",))  # what importlib.import_module does, without importing importlib
