"""A program with all that it has started, killed at one moment from outside, as a machine that fails kills it.

What a program starts may be in sessions and process groups of its own, and is found by a mark in its environment.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MARK = "TORTURE_MARK"
SECONDS = 60.0
_PAUSE = 0.002


class Tree:
    """A program that has been started in a folder, and whatever it starts. It must be `killed` or `awaited`."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self._mark = f"{os.getpid()}.{time.monotonic_ns()}"
        self._began = time.monotonic()
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                argv,
                cwd=cwd,
                env={**env, MARK: self._mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def ended_within(self, seconds: float) -> bool:
        """Lets it run for so long, which is not for anything to happen; whether it has ended by then."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def stopped(self) -> bool:
        """Waits until it has stopped itself (SIGSTOP), or has ended; whether it has stopped."""
        found: list[os.waitid_result | None] = [None]

        def look() -> bool:
            flags = os.WSTOPPED | os.WEXITED | os.WNOWAIT | os.WNOHANG
            found[0] = os.waitid(os.P_PID, self._process.pid, flags)
            return found[0] is not None

        until(look, "it has stopped or ended")
        return found[0] is not None and found[0].si_code == os.CLD_STOPPED

    def kill(self, *, alone: bool = False) -> None:
        """Kills it with all that it has started, or alone. Nothing that it started can act in between."""
        others = () if alone else self._frozen()
        for pid in (self._process.pid, *others):
            _send(pid, signal.SIGKILL)
        self._process.wait(SECONDS)

    def settle(self) -> None:
        """Waits until all that outlived it has ended."""
        until(lambda: not marked(self._mark), "what it started has ended")

    def status(self) -> int:
        """Waits for its end; its status."""
        return self._process.wait(SECONDS)

    def seconds(self) -> float:
        """Waits for its end; how long it took, from its start on."""
        self.status()
        return time.monotonic() - self._began

    def _frozen(self) -> set[int]:
        """Stops it and all that it has started, until a look finds no other."""
        _send(self._process.pid, signal.SIGSTOP)
        frozen: set[int] = set()
        while found := set(marked(self._mark)) - frozen - {self._process.pid}:
            for pid in found:
                _send(pid, signal.SIGSTOP)
            frozen |= found
        return frozen


def marked(mark: str) -> list[int]:
    """The processes that were started with this mark, and are not dead."""
    wanted = f"{MARK}={mark}".encode()
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and wanted in _environment(name)]


def until(is_so: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Waits until something is so. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:g} s it is not so that {what}")
        time.sleep(_PAUSE)


def _environment(pid: str) -> list[bytes]:
    """Nothing for a process that is gone, dead or somebody else's."""
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
