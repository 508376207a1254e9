"""Command lines of a plan: without secrets and within limits, and nothing that they start goes on after them."""

from __future__ import annotations

import math
import os
import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence

from checkpoint import process, supervision
from checkpoint.process import MEBIBYTE, Result, kill_group
from checkpoint.supervision import Supervision

PROCESSES = 2048
"""How many processes and threads a command may add to those that the machine runs when it starts."""

_SWEEPS = 100
_MARKER = "CHECKPOINT_COMMAND"
_PRIVATE = "^GIT_|KEY|TOKEN|SECRET|PASSW|CREDENTIAL"
_UNTOLD = 65536
"""Processes and threads that a machine runs at most, where it does not say how many it does."""
_LIMITED = (
    "ulimit -c 0; ulimit -f 16777216; ulimit -t {cpu}; "
    "{{ ulimit -u {processes} || ulimit -p {processes}; echo 1000 > /proc/self/oom_score_adj; }} 2> /dev/null; "
)
"""No core dumps; no file beyond 8 GiB (the shell counts in blocks of 512 bytes); so many seconds of CPU for a process,
and so many processes for the user (`-p` in shells where `-u` is none); the first to go where memory is short. What
comes after it in the same line is the command: a shell more would take as long as this one."""


class Shell:
    """Runs command lines of a plan, as many at once as it has callers. As a context it ends what still runs.

    Make it in the thread that ends last: on Linux one supervisor is there for all of them, and ends with that thread.
    """

    def __init__(self) -> None:
        self._supervision = Supervision() if is_supervised() else None

    def __enter__(self) -> Shell:
        return self

    def __exit__(self, *of_an_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Makes ready for command lines that other threads will run."""
        if self._supervision:
            self._supervision.start()

    def run(
        self,
        command: str,
        *,
        cwd: str,
        env: Mapping[str, str] | None = None,
        seconds: float = 300.0,
        limit: int = MEBIBYTE,
        inside: Sequence[str] = (),
    ) -> Result:
        """Runs a command line: no input, both streams in `stdout`, no secrets in its environment.

        `inside` are the words that put it into a sandbox. When it has ended, or at the limit, nothing that it started
        goes on: on Linux all its descendants are ended, elsewhere its process group. Raises ProcessError where the
        folder is not there, or the machine has no process to give.
        """
        mark = f"{os.getpid()}.{threading.get_ident()}.{time.monotonic_ns()}"
        harmless = without_secrets(os.environ if env is None else env)
        argv = (*inside, "/bin/sh", "-c", f"{_limits(seconds)}{command}")
        is_over = False
        try:
            done = self._run(argv, cwd, {**harmless, _MARKER: mark}, seconds, limit)
            is_over = self._supervision is not None and done.status >= 0  # else its supervisor may have been killed
            return done
        finally:
            if not is_over:
                _sweep(f"{_MARKER}={mark}".encode())

    def tell(self) -> None:
        """Tells all to end that run now or are about to. Whoever waits for them gets their results."""
        if self._supervision:
            self._supervision.tell()

    def close(self) -> None:
        """Ends what still runs. Nobody may wait for a command any more."""
        if self._supervision:
            self._supervision.close()

    def _run(self, argv: Sequence[str], cwd: str, env: Mapping[str, str], seconds: float, limit: int) -> Result:
        if self._supervision:
            return self._supervision.run(argv, cwd=cwd, env=env, seconds=seconds, limit=limit)
        running = process.start(argv, cwd=cwd, env=env, seconds=seconds, limit=limit, merge=True)
        try:
            return running.wait()
        finally:
            running.end()
            kill_group(running.pid, signal.SIGKILL)


def shell(
    command: str,
    *,
    cwd: str,
    env: Mapping[str, str] | None = None,
    seconds: float = 300.0,
    limit: int = MEBIBYTE,
    inside: Sequence[str] = (),
) -> Result:
    """Runs one command line alone, as `Shell.run` does."""
    with Shell() as alone:
        return alone.run(command, cwd=cwd, env=env, seconds=seconds, limit=limit, inside=inside)


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what git reads, and without what by its name is a key, token, password or secret."""
    return {name: value for name, value in environ.items() if not re.search(_PRIVATE, name, re.IGNORECASE)}


def is_supervised() -> bool:
    """Whether what leaves its session, its group and its environment behind is ended too."""
    return supervision.is_possible()


def _limits(seconds: float) -> str:
    cpu = math.ceil(seconds) * (os.cpu_count() or 1)
    return _LIMITED.format(cpu=cpu, processes=_running() + PROCESSES)


def _running() -> int:
    """Processes and threads on this machine: at least as many as the user's, for whom the limit counts."""
    try:
        with open("/proc/loadavg", encoding="ascii") as file:
            return int(file.read().split()[3].partition("/")[2])
    except OSError:
        return _UNTOLD


def _sweep(mark: bytes) -> None:
    """Ends what bears the mark in its environment, until a look at all processes finds none.

    For what a supervisor that was itself killed could not end, and for systems where there is none.
    """
    for _ in range(_SWEEPS):
        marked = list(_marked(mark))
        for pid in marked:
            _kill(pid)
        if not marked:
            return


def _marked(mark: bytes) -> Iterator[int]:
    names = os.listdir("/proc") if os.path.isdir("/proc/self") else []
    for name in names:
        if name.isdigit() and mark in _environment(name).split(b"\0"):
            yield int(name)


def _environment(pid: str) -> bytes:
    """The environment that a process began with; nothing for one that is gone, dead or somebody else's."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read()
    except OSError:
        return b""


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
