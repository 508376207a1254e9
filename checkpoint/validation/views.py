"""What a command of a plan is shown of this machine, by the repository, the configuration and the environment."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from checkpoint import sandbox, scratch
from checkpoint.config import Configuration
from checkpoint.config_paths import user_file
from checkpoint.lazy import load
from checkpoint.location import Location, data_folder, state_folder
from checkpoint.plan.harmless import printable
from checkpoint.sandbox import View, is_below

_HOMES = ("/home", "/root")
_NO_HOME = "/tmp/home"  # noqa: S108 - within the sandbox


class Found(msgspec.Struct, frozen=True):
    """How commands can run here. `objection` says why there is no sandbox, `unlayered` why it keeps no layer.

    `writable` are the folders, of those that the user named, in which commands write for good.
    """

    objection: str = ""
    unlayered: str = ""
    writable: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the sandbox is, for people."""
        kept = "what is written in the repository is thrown away afterwards"
        rest = f"the repository is read-only ({self.unlayered})" if self.unlayered else kept
        but = f", except in {', '.join(self.writable)}" if self.writable else ""
        return f"an empty home, no other processes, {rest}{but}"


class Views:
    """The views of a run's folders, each with scratch space of its own. Closing it gives that back."""

    def __init__(
        self,
        location: Location,
        configuration: Configuration,
        environ: Mapping[str, str],
        given: Mapping[str, str],
    ) -> None:
        """`given` is what commands get of the environment."""
        self._location = location
        self._configuration = configuration
        self._environ = environ
        self._given = given
        self._making = threading.Lock()
        self._spaces: dict[str, str] = {}

    def close(self) -> None:
        for space in self._spaces.values():
            scratch.remove(space)

    def __call__(self, folder: str, *, copy: bool = False, network: bool = False) -> View:
        """What a command in this folder is shown, as things are now; `copy` says that this is a scratch copy."""
        top, real = self._location.top, os.path.realpath(folder)
        apart = folder != top and not is_below(folder, top)
        home = self._home()
        hidden = self._hidden(home)
        return View(
            folder=real,
            scratch=self._space(real),
            home=home,
            hidden=hidden,
            readable=(
                *sandbox.tools(
                    (home, _own_home()),
                    (*hidden, *sandbox.EMPTY),
                    self._environ.get("PATH", ""),
                    (sys.prefix, sys.base_prefix),
                ),
                *_real(self._configuration.sandbox_readable, top, home),
                *([] if is_below(self._location.common_folder, top) else [self._location.common_folder]),
            ),
            layered=(top, real) if apart and not copy else (top,),
            writable=(*_real(self._configuration.sandbox_writable, top, home), *([real] if copy else [])),
            blank=self._secret_files(home),
            empty=tuple(path for path in self._ours() if is_below(path, os.path.realpath(top))),
            network=network,
        )

    def _home(self) -> str:
        home = os.path.realpath(self._environ.get("HOME") or "/")
        return home if home != "/" and os.path.isdir(home) else _NO_HOME

    def _hidden(self, home: str) -> tuple[str, ...]:
        """Homes, and our own private folders wherever they are; none that is below another of them."""
        named = map(os.path.realpath, filter(os.path.isdir, (*_HOMES, home, _own_home())))
        there = sorted({*named, *self._ours()} - {"/"})
        return tuple(each for each in there if not any(is_below(each, other) for other in there))

    def _ours(self) -> tuple[str, ...]:
        """Where approvals, journals, evidence and the configuration are kept."""
        common = self._location.common_folder
        ours = (folder(common, self._environ) for folder in (state_folder, data_folder))
        named = map(os.path.dirname, (*ours, user_file(self._environ)))
        return tuple(dict.fromkeys(os.path.realpath(path) for path in named if os.path.isdir(path)))

    def writable_words(self, home: str) -> tuple[str, ...]:
        """As people know them: within the repository relative to its top."""
        top = os.path.realpath(self._location.top)
        real = _real(self._configuration.sandbox_writable, top, home)
        return tuple(printable(os.path.relpath(each, top) if is_below(each, top) else each) for each in real)

    def _secret_files(self, home: str) -> tuple[str, ...]:
        files = named_secrets(self._configuration, "file:")
        return _real(files, self._location.top, home, os.path.isfile)

    def _space(self, key: str) -> str:
        with self._making:
            if key not in self._spaces:
                self._spaces[key] = scratch.make()
            return self._spaces[key]


def named_secrets(chosen: Configuration, kind: str) -> Iterator[str]:
    """Where the user's secrets are, of those that are kept in that way."""
    references = (chosen.slack_token, chosen.slack_webhook, chosen.apprise, chosen.ping)
    return (each.removeprefix(kind) for each in references if each.startswith(kind))


def _own_home() -> str:
    """The home of whoever runs this, whatever the environment calls home."""
    return os.path.realpath(os.path.expanduser(f"~{load('pwd').getpwuid(os.getuid()).pw_name}"))


def _real(paths: Iterable[str], top: str, home: str, is_there: Any = os.path.isdir) -> tuple[str, ...]:
    """Real paths of those that are there; relative ones are below the repository's top, `~` is the home."""
    full = (os.path.join(top, f"{home}{path[1:]}" if path.startswith("~/") else path) for path in paths)
    return tuple(os.path.realpath(path) for path in full if is_there(path))
