"""The commands of one run: each in a sandbox where there is one, and what came of it in words."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from checkpoint import sandbox
from checkpoint.config import Configuration
from checkpoint.errors import ProcessError, Stalled
from checkpoint.location import Location
from checkpoint.plan.harmless import printable
from checkpoint.sandbox import View, is_below
from checkpoint.shell import Shell
from checkpoint.validation.memory import environment_words
from checkpoint.validation.series import Ran, Wanted
from checkpoint.validation.views import Found, Views, named_secrets
from checkpoint.validator import Outcome

_NAMED = 8
"""How many written files are named; of more, the folders that they are in."""
_LOOKED_AT = 10_000
"""How many written files are looked through."""
MEND = 'install bubblewrap, or say `sandbox = "off"` in your configuration'


class Commands:
    """Runs command lines of a plan, as the user configured it. As a context it gives scratch space back.

    What one command writes in the repository the others of the same run and folder see, and nobody else: what another
    team's commands find is not for a team to decide. Those of one folder are run one after the other, by whatever
    thread; those of several folders may be run at once.
    """

    def __init__(self, location: Location, configuration: Configuration, environ: Mapping[str, str]) -> None:
        self._location = location
        self._configuration = configuration
        self._environ = _without_ours(environ, configuration)
        self._views = Views(location, configuration, environ, self._environ)
        self._shell = Shell()
        self._found: dict[str, Found] = {}
        self._trying = threading.Lock()
        self._written: dict[str, tuple[bytes, ...]] = {}

    def start(self) -> None:
        """Makes ready for commands that other threads will run."""
        self._shell.start()

    def tell(self) -> None:
        """Tells all to end that run now, or are about to."""
        self._shell.tell()

    def close(self) -> None:
        self._shell.close()
        self._views.close()

    def ran(self, wanted: Wanted, folder: str, *, copy: bool) -> Ran:
        """Runs it in the folder; `copy` says that this is a scratch copy.

        Raises Stalled where the user wants a sandbox and there is none, and where a link leads out of the repository;
        ProcessError where the folder is not there.
        """
        self._refuse_link(folder)
        limit = self._limit(wanted)
        if not os.path.isdir(folder):  # one that comes a moment later is not worked in without a sandbox
            raise ProcessError(f"commands cannot run in {folder}", why="it is not there", mend="create the folder")
        if self._is_outside(wanted):
            return Ran(self._bare(wanted.command, folder, limit, "the plan says so" if wanted.outside else ""))
        view = self.view(folder, copy=copy, network=wanted.network)
        found = self.found(view)
        if found.objection and self._configuration.sandbox == "on":
            raise Stalled(f"no sandbox: {found.objection}", mend=MEND)
        if found.objection:
            return Ran(self._bare(wanted.command, folder, limit, found.objection))
        return self._within(wanted.command, view, found, limit)

    def note(self, folder: str, ran: Ran) -> Outcome:
        """From here on, what was written in the folder is what this command found: it was asked for now."""
        self._written[os.path.realpath(folder)] = ran.written
        return ran.outcome

    def discarded(self, folder: str, path: str) -> bool:
        """Whether a command that was asked for wrote that path in the folder, in a layer that is thrown away."""
        real = os.path.realpath(folder)
        if not self._written.get(real):
            return False
        top = os.path.realpath(self.view(folder).layered[-1])
        name = os.path.relpath(os.path.join(real, path), top)
        return any(each == name or is_below(each, name) for each in map(os.fsdecode, self._written[real]))

    def means(self, wanted: Wanted, place: str, *, copy: bool) -> list[str]:
        """Words for all that decides what a command does but for what it reads; `place` is its folder, or says which
        one was copied.
        """
        words = [place, f"{self._limit(wanted):g}", *environment_words(self._environ)]
        if self._is_outside(wanted):
            return ["bare", *words]
        view = self.view(self._location.top if copy else place, network=wanted.network)
        found = self.found(view)
        return [found.objection or found.words, *view.readable, "", *view.writable, "", *view.hidden, "", *words]

    def found(self, view: View) -> Found:
        """Whether a sandbox of this kind works here: tried once in a run, before any command has run."""
        key = "\0".join(view.layered)
        with self._trying:
            if key not in self._found:
                sandbox.prepare(view)
                view = replace(view, folder=view.layered[0])  # whatever becomes of the folder in question
                unlayered = sandbox.objection(view, layers=True)
                objection = sandbox.objection(view, layers=False) if unlayered else ""
                self._found[key] = Found(objection, unlayered, self._views.writable_words(view.home))
            return self._found[key]

    def view(self, folder: str, *, copy: bool = False, network: bool = False) -> View:
        """What a command in this folder is shown."""
        return self._views(folder, copy=copy, network=network)

    def shares(self, wanted: object) -> bool:
        """Whether it is a command that reaches beyond its folder: into this machine, or into the network."""
        return isinstance(wanted, Wanted) and (wanted.outside or wanted.network)

    def writes(self, *, shared: bool, copy: bool) -> bool:
        """Whether a command may write what is looked at; `shared`: it may be one of those that reach further."""
        return not copy and (shared or self.is_bare() or bool(self._configuration.sandbox_writable))

    def is_bare(self) -> bool:
        """Whether commands in the repository run without a sandbox."""
        return self._configuration.sandbox == "off" or bool(self._top_found.objection)

    @functools.cached_property
    def _top_found(self) -> Found:
        return self.found(self.view(self._location.top))

    @property
    def at_once(self) -> int:
        """How many commands may run at the same time: one more than there are cores, for when one ends or begins."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return self._configuration.command_jobs or cores + 1

    def _is_outside(self, wanted: Wanted) -> bool:
        return wanted.outside or self._configuration.sandbox == "off"

    def _limit(self, wanted: Wanted) -> float:
        return wanted.seconds or self._configuration.command_timeout

    def _refuse_link(self, folder: str) -> None:
        """Who approved a folder of the repository has not approved another one that a link leads to."""
        top = self._location.top
        if is_below(folder, top) and not is_below(f"{os.path.realpath(folder)}/", top):
            raise Stalled(f"{os.path.relpath(folder, top)} leads out of the repository", mend="make it a folder")

    def _bare(self, command: str, folder: str, seconds: float, why: str) -> Outcome:
        done = self._shell.run(command, cwd=folder, env=self._environ, seconds=seconds)
        return _outcome(done, f"without a sandbox: {why}\n" if why else "")

    def _within(self, command: str, view: View, found: Found, seconds: float) -> Ran:
        sandbox.prepare(view)
        words = sandbox.inside(view, layers=not found.unlayered)
        env = {**self._environ, "HOME": view.home, "TMPDIR": "/tmp"}  # noqa: S108 - within the sandbox
        done = self._shell.run(command, cwd=view.folder, env=env, seconds=seconds, inside=words)
        network = "with the network" if view.network else "no network"
        written = sandbox.written(view, _LOOKED_AT)
        outcome = _outcome(done, f"in bubblewrap: {network}, {found.words}\n{_told(written, view)}")
        return Ran(outcome, tuple(map(os.fsencode, written)), not view.writable and sandbox.is_untouched(view))


def _without_ours(environ: Mapping[str, str], configuration: Configuration) -> dict[str, str]:
    """The environment without the variables that the configuration names as secrets, whatever they are called."""
    secrets = {*named_secrets(configuration, "env:")}
    return {name: value for name, value in environ.items() if name not in secrets}


def _outcome(done: Any, where: str) -> Outcome:
    output = done.stdout.decode("utf-8", "backslashreplace")
    return Outcome(done.status, output, done.timed_out, done.seconds, where)


def _told(written: list[str], view: View) -> str:
    names = [printable(each) for each in _folded(written, view)]
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
