"""Programs under one supervisor (`checkpoint.supervisor`), which ends whatever they leave behind. Linux only."""

from __future__ import annotations

import errno
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
        self._begin()

    def _begin(self) -> None:
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._program: _Program | None = None
        self._idle: list[Any] = []
        self._running: set[_Running] = set()
        self._is_told = False

    def __enter__(self) -> Supervision:
        return self

    def __exit__(self, *of_an_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Starts the supervisor, if none is at work. Raises ProcessError where that cannot be."""
        self._idle.append(self._keeper())

    def run(
        self, argv: Sequence[str], *, cwd: str, env: Mapping[str, str], seconds: float, limit: int = LIMIT
    ) -> Result:
        """Runs a program to its end, both streams in `stdout`; then nothing that it has started is left running.

        At the limit it is told to end, and made to two seconds later. Raises ProcessError where it cannot begin, or the
        folder is not there. Its status is 127 where the program is not there.
        """
        began = time.monotonic()
        keeper = self._keeper()
        try:
            running = _Running(keeper, argv, cwd, env, limit)
            self._running.add(running)
            if self._is_told:
                running.say(b"t")
            try:
                done = running.result(began, seconds)
            finally:
                self._running.discard(running)
                running.close()
        except OSError as error:
            keeper.close()
            raise not_started(argv[0], cwd, error) from error
        except BaseException:
            keeper.close()
            raise
        if running.can_go_on:
            self._idle.append(keeper)
        else:
            keeper.close()
        return done

    def tell(self) -> None:
        """Tells all programs to end that run now or are about to; whoever waits for them gets their results."""
        self._is_told = True
        for each in tuple(self._running):
            each.say(b"t")

    def close(self) -> None:
        """Ends the supervisor. Nobody may wait for a program any more."""
        for keeper in self._idle:
            keeper.close()
        if self._program is not None:
            self._program.close(is_own=self._owner == os.getpid())
        self._begin()

    def _keeper(self) -> Any:
        """The socket of a keeper that has nothing to do."""
        if self._owner != os.getpid():  # in a copy of the process that began, what is open belongs to the other one
            self._begin()
        with self._lock:
            while self._idle:
                keeper = self._idle.pop()
                if not _ready(keeper):
                    return keeper
                keeper.close()  # it was killed
            return self._new_keeper()

    def _new_keeper(self) -> Any:
        for _ in range(2):
            self._program = self._program or _Program()
            ours, theirs = _pair()
            with theirs:
                try:
                    load("socket").send_fds(self._program.channel, [b"n"], [theirs.fileno()])
                except OSError:  # it was killed: another one takes its place
                    self._program.close(is_own=True)
                    self._program = None
                    ours.close()
                else:
                    return ours
        raise not_started("a supervisor", None, OSError(errno.EAGAIN, "it was killed twice"))


class _Program:
    """The supervisor's process, and the socket through which it gets keepers' sockets."""

    def __init__(self) -> None:
        self.channel, theirs = _pair()
        arguments = (f"{theirs.fileno()}", f"{os.getpid()}", f"{_GRACE}")
        with theirs:
            argv = (sys.executable, "-I", "-S", *_source(), *arguments)
            self._process = process.start(argv, env={}, grace=_PATIENCE, held=(theirs.fileno(),))

    def close(self, *, is_own: bool) -> None:
        self.channel.close()
        if is_own:
            self._process.finish(_GRACE + _PATIENCE)


class _Running:
    """A program that has been handed to a keeper, until it has ended with all that it started."""

    def __init__(self, keeper: Any, argv: Sequence[str], cwd: str, env: Mapping[str, str], limit: int) -> None:
        self.can_go_on = False
        self._keeper = keeper
        self._kept = Kept(limit)
        self._status: int | None = None
        folder = os.open(cwd, _FOLDER)
        content = os.memfd_create("command")
        self._output, writing = os.pipe()
        try:
            marshalled = marshal.dumps(([*map(os.fsencode, argv)], {os.fsencode(k): os.fsencode(env[k]) for k in env}))
            _write(content, marshalled)
            load("socket").send_fds(keeper, [b"c"], [content, folder, writing])
        except BaseException:
            self.close()
            raise
        finally:
            for each in (folder, content, writing):
                os.close(each)
        os.set_blocking(self._output, False)
        self._poll = select.poll()
        for descriptor in (self._output, keeper.fileno()):
            self._poll.register(descriptor, select.POLLIN)

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
            self._keeper.send(what, load("socket").MSG_NOSIGNAL)
        except OSError:
            return  # it has ended

    def close(self) -> None:
        os.close(self._output)

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
            if self._keeper.fileno() in ready:
                self._hear()
        return True

    def _hear(self) -> None:
        """How it has ended. Raises OSError where it could not begin."""
        try:
            said = self._keeper.recv(16)
        except OSError:
            said = b""
        if said.startswith(b"e"):
            self._status, number = _KILLED, int(said[1:])
            raise OSError(number, os.strerror(number))
        self.can_go_on = bool(said)
        self._status = int(said) if said else _KILLED  # its keeper was killed

    def _read(self) -> bool:
        """Takes what there is of its output; False where that is nothing."""
        try:
            data = os.read(self._output, CHUNK)
        except BlockingIOError:
            return False
        self._kept.add(data)
        return bool(data)


def _ready(channel: Any) -> bool:
    """Whether there is something to read, or an end."""
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(0))


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
