"""The one sanctioned way to import late: modules that cost more to load than a fast command may take."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    import re
    from typing import Any, AnyStr


def load(name: str) -> Any:
    """The module of that full name, imported at the first call."""
    return __import__(name, fromlist=("",))  # what importlib.import_module does, without importing importlib


def pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """The regular expression, compiled when one of its methods is first asked for: that takes as long as a module."""
    return _Pattern(text, flags)  # type: ignore[return-value]


class _Pattern:
    """Keeps each method that was asked for, so that the next call is as quick as the pattern's own."""

    def __init__(self, text: str | bytes, flags: int) -> None:
        self._given = (text, flags)

    def __getattr__(self, name: str) -> Any:
        found = getattr(load("re").compile(*self._given), name)
        setattr(self, name, found)
        return found


def load_msgspec() -> None:
    """Imports msgspec without typing_extensions, which takes half of its time.

    It looks there for what `typing` itself has since Python 3.11, and does without where that is not there.
    """
    name = "typing_extensions"
    if name in sys.modules or "msgspec" in sys.modules:
        return
    sys.modules[name] = None  # type: ignore[assignment]  # so that it is not there
    try:
        load("msgspec")
    finally:
        del sys.modules[name]
