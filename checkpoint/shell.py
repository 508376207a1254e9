"""Command lines of a plan: without secrets and within limits, and nothing that they start goes on after them."""

from __future__ import annotations

import math
import os
import re
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from checkpoint import process
from checkpoint.lazy import load
from checkpoint.process import MEBIBYTE, Result, kill_group

PROCESSES = 2048
"""How many processes and threads a command may add to those that the machine runs when it starts."""

_GRACE = 2.0
"""Seconds between the polite and the final signal."""
_PATIENCE = 30.0
"""Seconds that the supervisor has for its sweep, of a fork bomb on a busy machine."""
_SWEEPS = 100
_MARKER = "CHECKPOINT_COMMAND"
_PRIVATE = "^GIT_|KEY|TOKEN|SECRET|PASSW|CREDENTIAL"
_UNTOLD = 65536
"""Processes and threads that a machine runs at most, where it does not say how many it does."""
_LIMITED = (
    "ulimit -c 0; ulimit -f 16777216; ulimit -t {cpu}; "
    "{{ ulimit -u {processes} || ulimit -p {processes}; echo 1000 > /proc/self/oom_score_adj; }} 2> /dev/null; "
    'exec /bin/sh -c "$0"'
)
"""No core dumps; no file beyond 8 GiB (the shell counts in blocks of 512 bytes); so many seconds of CPU for a process,
and so many processes for the user (`-p` in shells where `-u` is none); the first to go where memory is short."""


def shell(
    command: str,
    *,
    cwd: str,
    env: Mapping[str, str] | None = None,
    seconds: float = 300.0,
    limit: int = MEBIBYTE,
    inside: Sequence[str] = (),
) -> Result:
    """Runs a command line of a plan: no input, both streams in `stdout`, no secrets in its environment.

    `inside` are the words that put it into a sandbox. When it has ended, or at the limit, nothing that it started
    goes on: on Linux all its descendants are ended, elsewhere its process group. Raises ProcessError where the folder
    is not there.
    """
    mark = f"{os.getpid()}.{time.monotonic_ns()}"
    harmless = without_secrets(os.environ if env is None else env)
    argv = (*_supervised(), *inside, "/bin/sh", "-c", _limits(seconds), command)
    running = process.start(
        argv,
        cwd=cwd,
        env={**harmless, _MARKER: mark},
        seconds=seconds,
        limit=limit,
        merge=True,
        grace=_PATIENCE if is_supervised() else _GRACE,
    )
    try:
        return running.wait()
    finally:
        running.end()
        kill_group(running.pid, signal.SIGKILL)
        _sweep(f"{_MARKER}={mark}".encode())


def without_secrets(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what git reads, and without what by its name is a key, token, password or secret."""
    return {name: value for name, value in environ.items() if not re.search(_PRIVATE, name, re.IGNORECASE)}


def is_supervised() -> bool:
    """Whether what leaves its session, its group and its environment behind is ended too."""
    return sys.platform == "linux" and bool(sys.executable)


def _supervised() -> tuple[str, ...]:
    if not is_supervised():
        return ()
    program = os.path.join(os.path.dirname(__file__), "supervisor.py")
    source = (program,) if os.path.isfile(program) else ("-c", _supervisor())
    return (sys.executable, "-I", "-S", *source, f"{os.getpid()}", f"{_GRACE}")


def _supervisor() -> str:
    """The supervisor's text, where the package lies in an archive."""
    content: bytes = load("pkgutil").get_data("checkpoint", "supervisor.py")
    return content.decode()


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
