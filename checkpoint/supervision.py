"""Programs under one supervisor (`checkpoint.supervisor`), which ends whatever they leave behind. Linux only."""

from __future__ import annotations

import marshal
import math
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from checkpoint import process
from checkpoint.lazy import load
from checkpoint.process import CHUNK, LAST_ROUNDS, LIMIT, Kept, Result, not_started

_GRACE = 2.0
"""Seconds between the polite and the final signal."""
_PATIENCE = 30.0
"""Seconds that it has for its sweep after that, of a fork bomb on a busy machine."""
_KILLED = -int(signal.SIGKILL)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_LONGEST = 86400.0
"""Seconds that one wait may take; the next one goes on."""


def is_possible() -> bool:
    """Whether there can be a supervisor here."""
    return sys.platform == "linux" and bool(sys.executable)


class Supervision:
    """Runs programs under a supervisor that is started with the first one, by as many threads at once as like to.

    It must be started by a thread that outlives it: the supervisor ends with that. A copy of this process (`os.fork`)
    gets a supervisor of its own. As a context it ends all that runs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._program: _Program | None = None
        self._ended: list[_Program] = []
        self._running: set[_Running] = set()
        self._owner = 0

    def __enter__(self) -> Supervision:
        return self

    def __exit__(self, *of_an_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the supervisor, if none is at work. Raises ProcessError where that cannot be."""
        self._supervisor()

    def run(
        self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], seconds: float, limit: int = LIMIT
    ) -> Result:
        """Runs a program to its end, both streams in `stdout`; then nothing that it has started is left running.

        At the limit it is told to end, and made to two seconds later. Raises ProcessError where it cannot begin, or the
        folder is not there. Its status is 127 where the program is not there.
        """
        began = time.monotonic()
        try:
            running = _Running(self._supervisor(), argv, cwd, env, limit)
        except OSError as error:
            raise not_started(argv[0], cwd, error) from error
        self._running.add(running)
        try:
            return running.result(began, seconds)
        except OSError as error:
            raise not_started(argv[0], cwd, error) from error
        finally:
            self._running.discard(running)
            running.close()

    def tell(self) -> None:
        """Tells all programs that run now to end; whoever waits for them gets their results."""
        for each in tuple(self._running):
            each.say(b"t")

    def close(self) -> None:
        """Ends all that runs, and the supervisor with it. Nobody may wait for a program any more."""
        for each in (*self._ended, *([self._program] if self._program else [])):
            each.close(is_own=self._owner == os.getpid())
        self._ended, self._program = [], None

    def _supervisor(self) -> _Program:
        if self._owner != os.getpid():  # in a copy of the process that began, what is open belongs to the other one
            self._lock, self._program, self._ended, self._running = threading.Lock(), None, [], set()
            self._owner = os.getpid()
        with self._lock:
            if self._program is not None and self._program.has_ended():
                self._ended.append(self._program)
                self._program = None
            if self._program is None:
                self._program = _Program()
            return self._program


class _Program:
    """The supervisor's process."""

    def __init__(self) -> None:
        self.channel, theirs = _pair()
        arguments = (f"{theirs.fileno()}", f"{os.getpid()}", f"{_GRACE}")
        with theirs:
            argv = (sys.executable, "-I", "-S", *_source(), *arguments)
            self._process = process.start(argv, env={}, grace=_PATIENCE, held=(theirs.fileno(),))
        self.descriptor = os.pidfd_open(self._process.pid)

    def has_ended(self) -> bool:
        return bool(select.select([self.descriptor], [], [], 0)[0])

    def close(self, *, is_own: bool) -> None:
        self.channel.close()
        os.close(self.descriptor)
        if is_own:
            self._process.finish(_GRACE + _PATIENCE)


class _Running:
    """A program that has been handed to the supervisor, until it has ended with all that it started."""

    def __init__(self, supervisor: _Program, argv: Sequence[str], cwd: str, env: Mapping[str, str], limit: int) -> None:
        self._name = argv[0]
        self._supervisor = supervisor
        self._kept = Kept(limit)
        self._status: int | None = None
        self._poll = select.poll()
        folder = os.open(cwd, _FOLDER)
        content = os.memfd_create("command")
        self._output, writing = os.pipe()
        self._about, theirs = _pair()
        try:
            marshalled = marshal.dumps(([*map(os.fsencode, argv)], {os.fsencode(k): os.fsencode(env[k]) for k in env}))
            _write(content, marshalled)
            load("socket").send_fds(supervisor.channel, [b"c"], [content, folder, writing, theirs.fileno()])
        except BaseException:
            self.close()
            raise
        finally:
            theirs.close()
            for each in (folder, content, writing):
                os.close(each)
        os.set_blocking(self._output, False)
        for each in (self._output, self._about.fileno(), supervisor.descriptor):
            self._poll.register(each, select.POLLIN)

    def result(self, began: float, seconds: float) -> Result:
        """Waits for its end, and ends it at its limit, or where the wait is broken off."""
        timed_out = False
        try:
            timed_out = not self._pump(began + seconds)
        finally:
            self._make_end()
        for _ in range(LAST_ROUNDS):
            if not self._read():
                break
        status = _KILLED if self._status is None else self._status
        taken = time.monotonic() - began
        return Result(status, self._kept.all(), b"", timed_out, bool(self._kept.cut), taken)

    def say(self, what: bytes) -> None:
        try:
            self._about.send(what, load("socket").MSG_NOSIGNAL)
        except OSError:
            return  # it has ended

    def close(self) -> None:
        os.close(self._output)
        self._about.close()

    def _make_end(self) -> None:
        """Politely, and then not; nothing where it has ended."""
        for word, patience in ((b"t", _GRACE + _PATIENCE), (b"k", _PATIENCE)):
            if self._status is None:
                self.say(word)
                self._pump(time.monotonic() + patience)

    def _pump(self, end: float) -> bool:
        """Reads its output until it has ended. False at the deadline."""
        while self._status is None:
            remaining = end - time.monotonic()
            if remaining <= 0:
                return False
            ready = {descriptor for descriptor, _ in self._poll.poll(math.ceil(1000 * min(remaining, _LONGEST)))}
            if self._output in ready and not self._read():
                self._poll.unregister(self._output)
            if ready & {self._about.fileno(), self._supervisor.descriptor}:
                self._hear()
        return True

    def _hear(self) -> None:
        """How it has ended. Raises OSError where it could not begin."""
        try:
            said = self._about.recv(16, load("socket").MSG_DONTWAIT)
        except OSError:
            said = b""
        self._status = int(said) if said and not said.startswith(b"e") else _KILLED  # whoever was to say it is gone
        if said.startswith(b"e"):
            number = int(said[1:])
            raise OSError(number, os.strerror(number))

    def _read(self) -> bool:
        """Takes what there is of its output; False where that is nothing."""
        try:
            data = os.read(self._output, CHUNK)
        except BlockingIOError:
            return False
        self._kept.add(data)
        return bool(data)


def _pair() -> tuple[Any, Any]:
    """Two ends of a socket that keeps messages apart."""
    socket = load("socket")
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    return ours, theirs


def _write(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _source() -> tuple[str, ...]:
    """The supervisor's file, or its text where the package lies in an archive."""
    program = os.path.join(os.path.dirname(__file__), "supervisor.py")
    if os.path.isfile(program):
        return (program,)
    content: bytes = load("pkgutil").get_data("checkpoint", "supervisor.py")
    return ("-c", content.decode())
