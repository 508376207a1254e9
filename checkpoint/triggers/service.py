"""`checkpoint serve` of one plan, as it is started by something other than a person."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping

import msgspec

from checkpoint.plan.harmless import printable

_KEPT = ("PATH", "TMUX_TMPDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")
"""Where programs, terminals, approvals and the store are found. Nothing that could be a secret: others read a unit."""
_SCRIPT = "checkpoint"
_READABLE = 60
"""Characters of a name that tell people which plan it is."""


class Service(msgspec.Struct, frozen=True):
    """The plan (relative to `top`), how `checkpoint` is started, and what of the environment it needs."""

    program: tuple[str, ...]
    top: str
    plan: str
    environ: tuple[tuple[str, str], ...] = ()
    branch: str = ""
    """What `--branch` is to say, if anything."""

    @property
    def name(self) -> str:
        """A name for files and units, a different one for each plan: `checkpoint-home-me-api-plan.md-1f3c5e7a9b0d`."""
        place = os.path.join(self.top, self.plan)
        digest = hashlib.sha256(f"{self.top}\0{self.plan}".encode(errors="surrogateescape")).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9_.]+", "-", place).strip("-")[-_READABLE:].strip("-")
        return "-".join(filter(None, (_SCRIPT, readable, digest[:12])))

    @property
    def title(self) -> str:
        return printable(f"{self.plan} in {self.top}")

    @property
    def argv(self) -> tuple[str, ...]:
        branch = ("--branch", self.branch) if self.branch else ()
        return (*self.program, "-C", self.top, "--plan", self.plan, "serve", *branch)


def service_of(top: str, plan: str, environ: Mapping[str, str], program: tuple[str, ...], branch: str = "") -> Service:
    """The service of a plan, with what it needs of this environment."""
    kept = tuple((name, environ[name]) for name in _KEPT if environ.get(name))
    return Service(program, top, plan, kept, branch)


def program_of(script: str, interpreter: str) -> tuple[str, ...]:
    """How this very `checkpoint` is started again: `script` is `sys.argv[0]`, `interpreter` is `sys.executable`."""
    path = os.path.abspath(script)
    if os.path.basename(path) == _SCRIPT and os.path.isfile(path) and os.access(path, os.X_OK):
        return (path,)
    return (interpreter, "-P", "-m", _SCRIPT)
