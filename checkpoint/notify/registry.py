"""Finds notifiers by name: ours, and those of other packages."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier, NotifyError

OURS = {
    "apprise": "checkpoint.notify.apprise",
    "desktop": "checkpoint.notify.desktop",
    "file": "checkpoint.notify.file",
    "slack": "checkpoint.notify.slack",
    "terminal": "checkpoint.notify.terminal",
    "tmux": "checkpoint.notify.tmux",
}
"""Each module has `build(means)`, which returns a notifier for each of its channels; imported when it is asked for."""

GROUP = "checkpoint.notifiers"
"""The entry point group of other packages; each entry names what makes one notifier of `Means`."""


def find_notifiers(names: Iterable[str], means: Means) -> tuple[Notifier, ...]:
    """A notifier for each name, in order, none twice. Raises ConfigurationError for a name that is not installed."""
    return tuple(notifier for name in dict.fromkeys(names) for notifier in _find(name, means))


def kind(channel: str) -> str:
    """The name by which a channel's notifier is chosen: `slack` for `slack:backend`."""
    return channel.partition(":")[0]


def _find(name: str, means: Means) -> tuple[Notifier, ...]:
    if name in OURS:
        notifiers: tuple[Notifier, ...] = load(OURS[name]).build(means)
        return notifiers
    installed = load("importlib.metadata").entry_points(group=GROUP)
    found = {entry.value: entry for entry in installed if entry.name == name}
    if len(found) > 1:
        why = f"{' and '.join(sorted(found))} both have that name"
        raise ConfigurationError(f"the notifier `{name}` is there twice", why=why, mend="uninstall one of them")
    for entry in found.values():
        return (Installed(name, entry, means),)
    known = sorted({*OURS, *installed.names})
    near = load("difflib").get_close_matches(name, known, 1)
    mend = f"did you mean `{near[0]}`?" if near else f"installed are: {', '.join(known)}"
    raise ConfigurationError(f"there is no notifier `{name}`", why="nothing installed has that name", mend=mend)


class Installed:
    """A notifier of another package, imported and built when it is first used: both may fail or take long."""

    def __init__(self, name: str, entry: Any, means: Means) -> None:
        self.name = name
        self._entry = entry
        self._means = means

    @cached_property
    def _notifier(self) -> Any:
        return self._entry.load()(self._means)

    def __getattr__(self, name: str) -> Any:
        """What else the notifier has; nothing where it cannot be built: `send` says why."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return getattr(self._notifier, name)
        except Exception as error:
            raise AttributeError(name) from error

    def send(self, notice: Notice) -> str | None:
        try:
            notifier: Notifier = self._notifier
        except Exception as error:
            why = type(error).__name__  # and no more: its text may hold an address with a secret in it
            raise NotifyError(
                "it cannot be loaded", why=why, mend="mend or update its package", lasting=True
            ) from error
        return notifier.send(notice)
