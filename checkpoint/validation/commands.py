"""The commands of one run: each in a sandbox where there is one, and what came of it in words."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from checkpoint import sandbox, scratch
from checkpoint.config import Configuration
from checkpoint.config_paths import user_file
from checkpoint.errors import ProcessError, Stalled
from checkpoint.lazy import load
from checkpoint.location import Location, data_folder, state_folder
from checkpoint.plan.harmless import printable
from checkpoint.sandbox import View, is_below
from checkpoint.shell import Shell
from checkpoint.validator import Outcome

_HOMES = ("/home", "/root")
_NO_HOME = "/tmp/home"  # noqa: S108 - within the sandbox
_NAMED = 8
"""How many written files are named; of more, the folders that they are in."""
_LOOKED_AT = 10_000
"""How many written files are looked through."""
MEND = 'install bubblewrap, or say `sandbox = "off"` in your configuration'


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


class Commands:
    """Runs command lines of a plan, as the user configured it. As a context it gives scratch space back.

    What one command writes in the repository the others of the same run and folder see, and nobody else: what another
    team's commands find is not for a team to decide.
    """

    def __init__(self, location: Location, configuration: Configuration, environ: Mapping[str, str]) -> None:
        self._location = location
        self._configuration = configuration
        self._environ = _without_ours(environ, configuration)
        self._shell = Shell()
        self._spaces: dict[str, str] = {}
        self._found: dict[str, Found] = {}

    def close(self) -> None:
        self._shell.close()
        for space in self._spaces.values():
            scratch.remove(space)

    def run(
        self, command: str, folder: str, seconds: float | None, *, copy: bool, network: bool, outside: bool
    ) -> Outcome:
        """Runs it in the folder; `copy` says that this is a scratch copy. `outside` runs it without a sandbox.

        Raises Stalled where the user wants a sandbox and there is none, and where a link leads out of the repository;
        ProcessError where the folder is not there.
        """
        self._refuse_link(folder)
        limit = seconds or self._configuration.command_timeout
        if not os.path.isdir(folder):  # one that comes a moment later is not worked in without a sandbox
            raise ProcessError(f"commands cannot run in {folder}", why="it is not there", mend="create the folder")
        if outside or self._configuration.sandbox == "off":
            return self._bare(command, folder, limit, "the plan says so" if outside else "")
        view = self.view(folder, copy=copy, network=network)
        found = self.found(view)
        if found.objection and self._configuration.sandbox == "on":
            raise Stalled(f"no sandbox: {found.objection}", mend=MEND)
        if found.objection:
            return self._bare(command, folder, limit, found.objection)
        return self._within(command, view, found, limit)

    def discarded(self, folder: str, path: str) -> bool:
        """Whether a command that ran in the folder wrote that path in it, in a layer that is thrown away."""
        real = os.path.realpath(folder)
        if real not in self._spaces:
            return False
        view = self.view(folder)
        name = os.path.relpath(os.path.join(real, path), os.path.realpath(view.layered[-1]))
        return any(each == name or is_below(each, name) for each in sandbox.written(view, _LOOKED_AT))

    def found(self, view: View) -> Found:
        """Whether a sandbox of this kind works here: tried once in a run, before any command has run."""
        key = "\0".join(view.layered)
        if key not in self._found:
            sandbox.prepare(view)
            view = replace(view, folder=view.layered[0])  # whatever becomes of the folder in question
            unlayered = sandbox.objection(view, layers=True)
            objection = sandbox.objection(view, layers=False) if unlayered else ""
            self._found[key] = Found(objection, unlayered, self._writable(view.home))
        return self._found[key]

    def view(self, folder: str, *, copy: bool = False, network: bool = False) -> View:
        """What a command in this folder is shown."""
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

    def _refuse_link(self, folder: str) -> None:
        """Who approved a folder of the repository has not approved another one that a link leads to."""
        top = self._location.top
        if is_below(folder, top) and not is_below(f"{os.path.realpath(folder)}/", top):
            raise Stalled(f"{os.path.relpath(folder, top)} leads out of the repository", mend="make it a folder")

    def _bare(self, command: str, folder: str, seconds: float, why: str) -> Outcome:
        done = self._shell.run(command, cwd=folder, env=self._environ, seconds=seconds)
        return _outcome(done, f"without a sandbox: {why}\n" if why else "")

    def _within(self, command: str, view: View, found: Found, seconds: float) -> Outcome:
        sandbox.prepare(view)
        words = sandbox.inside(view, layers=not found.unlayered)
        env = {**self._environ, "HOME": view.home, "TMPDIR": "/tmp"}  # noqa: S108 - within the sandbox
        done = self._shell.run(command, cwd=view.folder, env=env, seconds=seconds, inside=words)
        network = "with the network" if view.network else "no network"
        return _outcome(done, f"in bubblewrap: {network}, {found.words}\n{_written(view)}")

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

    def _writable(self, home: str) -> tuple[str, ...]:
        """As people know them: within the repository relative to its top."""
        top = os.path.realpath(self._location.top)
        real = _real(self._configuration.sandbox_writable, top, home)
        return tuple(printable(os.path.relpath(each, top) if is_below(each, top) else each) for each in real)

    def _secret_files(self, home: str) -> tuple[str, ...]:
        files = _named(self._configuration, "file:")
        return _real(files, self._location.top, home, os.path.isfile)

    def _space(self, key: str) -> str:
        if key not in self._spaces:
            self._spaces[key] = scratch.make()
        return self._spaces[key]


def _without_ours(environ: Mapping[str, str], configuration: Configuration) -> dict[str, str]:
    """The environment without the variables that the configuration names as secrets, whatever they are called."""
    secrets = {*_named(configuration, "env:")}
    return {name: value for name, value in environ.items() if name not in secrets}


def _named(chosen: Configuration, kind: str) -> Iterator[str]:
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


def _outcome(done: Any, where: str) -> Outcome:
    output = done.stdout.decode("utf-8", "backslashreplace")
    return Outcome(done.status, output, done.timed_out, done.seconds, where)


def _written(view: View) -> str:
    names = [printable(each) for each in _folded(sandbox.written(view, _LOOKED_AT), view)]
    if not names:
        return ""
    more = ", …" if len(names) > _NAMED else ""
    return f"written by this team's commands so far, and thrown away: {', '.join(names[:_NAMED])}{more}\n"


def _folded(names: list[str], view: View) -> list[str]:
    """Where there are many, what lies in the command's folder and elsewhere at the top, folders with a `/`."""
    if len(names) <= _NAMED:
        return names
    folder = os.path.relpath(view.folder, os.path.realpath(view.layered[0]))
    within = (f"{folder}/" if is_below(name, folder) else "" for name in names)
    parts = ((start, name.removeprefix(start).partition("/")) for start, name in zip(within, names, strict=True))
    return sorted({f"{start}{first}{slash}" for start, (first, slash, _) in parts})
