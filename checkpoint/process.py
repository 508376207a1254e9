"""The only door to other programs.

Every program runs in a session of its own, with a time limit and a cap on what is kept of its output. At the
limit its whole process group is told to end, and then made to.
"""

from __future__ import annotations

import errno
import os
import select
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence

import msgspec

from checkpoint.errors import ProcessError

MEBIBYTE = 1 << 20
LIMIT = 16 * MEBIBYTE
"""Bytes kept of a program's output, unless told otherwise."""

_GRACE = 2.0
"""Seconds between the polite and the final signal."""
_TICK = 0.1
"""Seconds between two looks at a program that has ended while somebody else holds its output open."""
CHUNK = 1 << 16
LAST_ROUNDS = 32
"""Reads after a program's end: more than a pipe holds, and an end to it where a child goes on writing."""


class Result(msgspec.Struct, frozen=True):
    """How a program ended. `status` is negative for a signal.

    Where `truncated`, the head and the tail of the output are there, and a line in between says how much is not.
    """

    status: int
    stdout: bytes = b""
    stderr: bytes = b""
    timed_out: bool = False
    truncated: bool = False
    seconds: float = 0.0


class Kept:
    """Output as it comes in: the first and the last half of the limit, and a count of what was between."""

    def __init__(self, limit: int) -> None:
        self._half = limit // 2
        self._head = bytearray()
        self._tail = bytearray()
        self.cut = 0

    def add(self, data: bytes) -> None:
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._half:
            self._trim()

    def _trim(self) -> None:
        excess = max(0, len(self._tail) - self._half)
        del self._tail[:excess]
        self.cut += excess

    def all(self) -> bytes:
        self._trim()
        gap = b"\n[%d bytes left out]\n" % self.cut if self.cut else b""
        return bytes(self._head) + gap + bytes(self._tail)


class Running:
    """A program that has been started. `wait` must be called, or `cancel`."""

    def __init__(
        self, process: subprocess.Popen[bytes], data: bytes, seconds: float, limit: int, grace: float = _GRACE
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._data = memoryview(data)
        self._began = time.monotonic()
        self._end = self._began + seconds
        self._grace = grace
        self._kept = {pipe: Kept(limit) for pipe in (process.stdout, process.stderr) if pipe is not None}
        self._selector = selectors.PollSelector()

    def wait(self) -> Result:
        """Reads until the program has ended or its time is up; then nothing of its process group is left running."""
        with self._process, self._selector:
            self._register()
            timed_out = not self._pump(self._end)
            if timed_out:
                self._end_group()
            return self._result(timed_out)

    def wait_beside(self, work: Callable[[], object]) -> Result:
        """Does other work first, while the program runs, and waits for it whatever becomes of that."""
        try:
            work()
        finally:
            result = self.wait()
        return result

    def cancel(self) -> None:
        """Ends the program at once; nothing where it has been waited for."""
        if self._process.returncode is not None:
            return
        self._end = 0.0
        kill_group(self.pid, signal.SIGKILL)
        self.wait()

    def end(self) -> None:
        """Ends a program whose `wait` was broken off; nothing where it has been waited for."""
        if self._process.poll() is None:
            kill_group(self.pid, signal.SIGTERM)
            self._await_end(self._grace)
            self._make_end()

    def finish(self, seconds: float) -> Result:
        """Waits for a program that has been told to end; so many seconds later it is made to."""
        self._end = time.monotonic() + seconds
        return self.wait()

    def _register(self) -> None:
        for pipe in self._kept:
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ)
        if self._process.stdin is not None:
            os.set_blocking(self._process.stdin.fileno(), False)
            self._selector.register(self._process.stdin, selectors.EVENT_WRITE)

    def _pump(self, end: float) -> bool:
        """Moves bytes until the program has ended. False at the deadline."""
        rounds_after_its_end = 0
        while self._selector.get_map() and rounds_after_its_end < LAST_ROUNDS:
            remaining = end - time.monotonic()
            if remaining <= 0:
                return False
            ended = self._process.poll() is not None
            ready = self._selector.select(0 if ended else min(remaining, _TICK))
            for key, _ in ready:
                self._move(key.fileobj)
            if ended and not ready:
                return True
            rounds_after_its_end += ended
        return self._has_ended(end)

    def _has_ended(self, end: float) -> bool:
        """Whether a program that has closed its output ends in time too."""
        if self._process.poll() is None and hasattr(os, "pidfd_open"):
            self._await_descriptor(end)
        return self._await_end(max(0.0, end - time.monotonic()))

    def _await_end(self, seconds: float) -> bool:
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _await_descriptor(self, end: float) -> None:
        """Waits without the naps of `Popen.wait`, which would double the time that a run of git takes."""
        descriptor = os.pidfd_open(self.pid)
        try:
            self._selector.register(descriptor, selectors.EVENT_READ)
            self._selector.select(max(0.0, end - time.monotonic()))
            self._selector.unregister(descriptor)
        finally:
            os.close(descriptor)

    def _move(self, pipe: object) -> None:
        if pipe is self._process.stdin:
            self._write()
        else:
            self._read(pipe)

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 - only ever called for this pipe
        try:
            self._data = self._data[os.write(pipe.fileno(), self._data[:CHUNK]) :] if self._data else self._data
        except BrokenPipeError:
            self._data = self._data[:0]
        if not self._data:
            self._selector.unregister(pipe)
            pipe.close()

    def _read(self, pipe: object) -> None:
        data = os.read(pipe.fileno(), CHUNK)  # type: ignore[attr-defined]
        if data:
            self._kept[pipe].add(data)  # type: ignore[index]
        else:
            self._selector.unregister(pipe)  # type: ignore[arg-type]

    def _end_group(self) -> None:
        kill_group(self.pid, signal.SIGTERM)
        self._pump(time.monotonic() + self._grace)
        self._make_end()

    def _make_end(self) -> None:
        kill_group(self.pid, signal.SIGKILL)
        self._process.kill()  # it may have left its group
        self._process.wait()

    def _result(self, timed_out: bool) -> Result:
        out, err = self._process.stdout, self._process.stderr
        return Result(
            self._process.returncode,
            self._kept[out].all() if out is not None else b"",
            self._kept[err].all() if err is not None else b"",
            timed_out,
            any(kept.cut for kept in self._kept.values()),
            time.monotonic() - self._began,
        )


def start(
    argv: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes = b"",  # noqa: A002 - the word that everybody knows from subprocess
    seconds: float = 60.0,
    limit: int = LIMIT,
    merge: bool = False,
    grace: float = _GRACE,
    held: Sequence[int] = (),
) -> Running:
    """Starts a program; other work may be done before its `wait`. The time limit counts from here.

    `grace` are the seconds between the polite and the final signal at that limit; the descriptors `held` are open in
    it too.
    Raises ProcessError where the program or the folder is not there.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - argv is a list; no shell reads it
            argv,
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE if input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merge else subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            pass_fds=held,
        )
    except OSError as error:
        raise not_started(argv[0], cwd, error) from error
    return Running(process, input, seconds, limit, grace)


def run(
    argv: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    input: bytes = b"",  # noqa: A002 - as in `start`
    seconds: float = 60.0,
    limit: int = LIMIT,
) -> Result:
    """Runs a program to its end. Raises ProcessError where it or the folder is not there; a bad status is a result."""
    return start(argv, cwd=cwd, env=env, input=input, seconds=seconds, limit=limit).wait()


def converse(
    argv: Sequence[str], *, cwd: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Starts a program that is asked and answers over its pipes, until its input is closed or it is killed.

    What it says on standard error is dropped. Raises ProcessError as `start` does.
    """
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603 - argv is a list; no shell reads it
            argv,
            cwd=cwd,
            env=env,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
    except OSError as error:
        raise not_started(argv[0], cwd, error) from error


class Copy:
    """A copy of this process that works beside it, and what it says. `end` must be called."""

    def __init__(self, pid: int, reading: int) -> None:
        self._pid = pid
        self._reading = reading
        self._poll = select.poll()
        self._poll.register(reading, select.POLLIN | select.POLLHUP)

    def said(self, seconds: float) -> bytes | None:
        """Some of what it says, waited for so long; empty at its end, None where nothing came in time."""
        if self._poll.poll(max(0.0, seconds) * 1000):
            return os.read(self._reading, 16 * CHUNK)
        return None

    def end(self) -> None:
        """Ends it, whatever it does."""
        os.close(self._reading)
        _kill(self._pid)
        os.waitpid(self._pid, 0)


def copied(work: Callable[[Callable[[bytes], None]], None]) -> Copy:
    """Does `work` in a copy of this process, with a function by which it says something to this one.

    The copy shares no state that matters: it only computes, and ends without any of the clean-up that this process will
    do. It has but one thread: what another thread of this process held at that moment is held in it forever.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            work(lambda content: _write(writing, content))
        finally:
            os._exit(0)
    os.close(writing)
    return Copy(pid, reading)


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]


def forked(work: Callable[[], bytes], seconds: float) -> bytes | None:
    """What `work` returns, done in a copy of this process; None where it did not end in time, or died.

    For a library's own code that nothing in this process could interrupt.
    """
    end = time.monotonic() + seconds
    copy = copied(lambda say: say(work()))
    pieces: list[bytes] = []
    try:
        while piece := copy.said(end - time.monotonic()):
            pieces.append(piece)
    finally:
        copy.end()
    return b"".join(pieces) or None if piece == b"" else None


def kill_group(pid: int, number: signal.Signals) -> None:
    """Sends the signal to the process group, if there still is one."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def not_started(program: str, cwd: str | None, error: OSError) -> ProcessError:
    """The error for a program that the operating system did not start."""
    if cwd is not None and error.filename == cwd:
        return ProcessError(f"{program} cannot run in {cwd}", why=error.strerror or "", mend="create the folder")
    mend = f"install {program}, or add its folder to PATH"
    if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE):
        mend = "nothing is lost: try again when the machine is less busy"
    return ProcessError(f"{program} cannot be run", why=error.strerror or str(error), mend=mend)
