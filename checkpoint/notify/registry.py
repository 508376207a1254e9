"""Finds notifiers by name: ours, and those of other packages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier

OURS = {"file": "checkpoint.notify.file", "terminal": "checkpoint.notify.terminal"}
"""Each module has `build(means) -> Notifier`; it is imported when its name is asked for."""

GROUP = "checkpoint.notifiers"
"""The entry point group of other packages; each entry names such a `build`."""


def find_notifiers(names: Iterable[str], means: Means) -> tuple[Notifier, ...]:
    """A notifier for each name, in order, none twice. Raises ConfigurationError for a name that is not installed."""
    return tuple(_find(name, means) for name in dict.fromkeys(names))


def _find(name: str, means: Means) -> Notifier:
    if name in OURS:
        notifier: Notifier = load(OURS[name]).build(means)
        return notifier
    installed = load("importlib.metadata").entry_points(group=GROUP)
    found = {entry.value: entry for entry in installed if entry.name == name}
    if len(found) > 1:
        why = f"{' and '.join(sorted(found))} both have that name"
        raise ConfigurationError(f"the notifier `{name}` is there twice", why=why, mend="uninstall one of them")
    for entry in found.values():
        return Installed(name, entry, means)
    known = sorted({*OURS, *installed.names})
    near = load("difflib").get_close_matches(name, known, 1)
    mend = f"did you mean `{near[0]}`?" if near else f"installed are: {', '.join(known)}"
    raise ConfigurationError(f"there is no notifier `{name}`", why="nothing installed has that name", mend=mend)


class Installed:
    """A notifier of another package, imported and built when the first notice is sent: both may fail or take long."""

    def __init__(self, name: str, entry: Any, means: Means) -> None:
        self.name = name
        self._entry = entry
        self._means = means
        self._notifier: Notifier | None = None

    def send(self, notice: Notice) -> None:
        if self._notifier is None:
            self._notifier = self._entry.load()(self._means)
        self._notifier.send(notice)
