"""Machines that work on one plan: each with a home, a clone and a state of its own; they share the remote alone.

The remote is served over HTTP, by git's own `http-backend`, at an address for each machine, so that the server can
count how often each has begun a push.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT
from benchmarks.torture.states import plan_text
from tests.helpers.repositories import clone, git, make_remote, make_repository
from tests.helpers.smart_http import served

PROGRAM = (sys.executable, "-m")
CHECKPOINT = (*PROGRAM, "checkpoint", "now", "--quiet")
BEGINS_A_PUSH, PUSHES = "/info/refs?service=git-receive-pack", "/git-receive-pack"
"""How the addresses of two requests end: git asks what is there in order to push, and pushes."""
_KEPT = ("PATH", "LANG")
_SECONDS = 300.0
_LINES = 3


class Ran(NamedTuple):
    """How a program ended, and the last lines that it wrote to standard error."""

    status: int
    said: str


class Machine(NamedTuple):
    """One of them; `name` is who its commits are by."""

    name: str
    clone: Path
    env: Mapping[str, str]

    def run(self, argv: Sequence[str]) -> Ran:
        """Runs a program of ours in the machine's environment."""
        try:
            done = subprocess.run(
                argv, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return Ran(-1, f"it did not end within {_SECONDS:g} s")
        return Ran(done.returncode, "; ".join(done.stderr.strip().splitlines()[-_LINES:]))

    def git(self, *words: str) -> str:
        return git(self.clone, *words, env=self.env)


class Site:
    """A bare remote that is served, and the machines that have cloned it."""

    def __init__(self, folder: Path, remote: Path, address: str) -> None:
        self.remote = remote
        self.meddle: Callable[[str], object] = lambda path: None
        """Is called with each request before git answers it: what a test does in the midst of another's push."""
        self._folder = folder
        self._address = address
        self._pushes: list[str] = []

    def machine(self, name: str, env: Mapping[str, str] | None = None) -> Machine:
        """A new machine, at which nobody is told anything unless `env` says so."""
        home = self._folder / name / "home"
        home.mkdir(parents=True)
        (home / ".gitconfig").write_text(f"[user]\n\tname = {name}\n\temail = {name}@example.org\n")
        (self._folder / "served" / name).symlink_to(self._folder)
        kept = {key: os.environ[key] for key in _KEPT if key in os.environ}
        person = {f"GIT_{role}_NAME": name for role in ("AUTHOR", "COMMITTER")}
        ours = {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(home / ".gitconfig")}
        quiet = {"CHECKPOINT_TERMINALS": "", "CHECKPOINT_NOTIFY": "", "PYTHONPATH": str(ROOT), "TZ": "UTC"}
        work = clone(f"{self._address}/{name}/{self.remote.name}", self._folder / name / "clone")
        return Machine(name, work, {**kept, **person, **ours, **quiet, **(env or {})})

    def pushes_begun(self, machine: Machine) -> int:
        """How often a machine has asked what is on the remote in order to push."""
        return self._pushes.count(machine.name)

    def asked(self, path: str) -> None:
        """Notes who begins a push."""
        if path.endswith(BEGINS_A_PUSH):
            self._pushes.append(path.split("/")[1])
        self.meddle(path)


@contextmanager
def site(folder: Path) -> Iterator[Site]:
    """A remote with the plan of `states.py` on main, which remembers each update of its branch."""
    remote = make_remote(folder / "remote.git")
    git(remote, "config", "core.logAllRefUpdates", "always")
    first = make_repository(folder / "first", {"plan.md": plan_text(), ".gitignore": "/out/\n"})
    git(first, "push", "-q", str(remote), "main")
    git(remote, "symbolic-ref", "HEAD", "refs/heads/main")
    (folder / "served").mkdir()
    with served(folder / "served") as (address, behaviour):
        made = Site(folder, remote, address)
        behaviour.asked = made.asked
        yield made
