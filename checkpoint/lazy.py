"""The one sanctioned way to import late: modules that cost more to load than a fast command may take."""

from __future__ import annotations

import importlib
from typing import Any


def load(name: str) -> Any:
    """The module of that full name, imported at the first call."""
    return importlib.import_module(name)
