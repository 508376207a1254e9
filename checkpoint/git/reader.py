"""One process for all objects that a run reads from its private clone, however often it asks."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Mapping, Sequence

from checkpoint.errors import PublishError
from checkpoint.git.batch import Batch, Object
from checkpoint.process import converse, kill_group

_CHUNK = 1 << 16
_SECONDS = 60.0
_ENDED = "it ended before it had answered"


class Reader:
    """`git cat-file --batch`, started at the first question. `close` ends it, and the next question starts another."""

    def __init__(self, folder: str, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = env
        self._lock = threading.Lock()
        self._talk: _Talk | None = None

    @property
    def pid(self) -> int:
        """The process; 0 where there is none."""
        return self._talk.pid if self._talk is not None else 0

    def read(self, names: Sequence[str], limit: int) -> list[Object | None]:
        """The objects of these names. Raises PublishError where git fails, or they are larger than `limit` together."""
        with self._lock:
            if self._talk is None or self._talk.owner != os.getpid():  # a copy of this process has none of its own
                self._talk = _Talk(self._folder, self._env)
            try:
                return self._talk.ask(names, limit)
            except BaseException:
                self._end()
                raise

    def close(self) -> None:
        """Ends the process, if there is one."""
        with self._lock:
            self._end()

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        talk, self._talk = self._talk, None
        if talk is not None and talk.owner == os.getpid():
            talk.end()


class _Talk:
    """The running process, and who has started it."""

    def __init__(self, folder: str, env: Mapping[str, str]) -> None:
        self.owner = os.getpid()
        self._process = converse(("git", "--git-dir", folder, "cat-file", "--batch"), env=env)
        self.pid = self._process.pid
        pipes = (self._process.stdin, self._process.stdout)
        self._to, self._from = (pipe.fileno() for pipe in pipes if pipe)
        for descriptor in (self._to, self._from):
            os.set_blocking(descriptor, False)

    def ask(self, names: Sequence[str], limit: int) -> list[Object | None]:
        rest = memoryview(os.fsencode("".join(f"{name}\n" for name in names)))
        batch, size, end = Batch(), 0, time.monotonic() + _SECONDS
        while len(batch.objects) < len(names):
            can_write, can_read = self._ready(bool(rest), end)
            if can_write:
                rest = rest[self._write(rest[:_CHUNK]) :]
            if can_read:
                piece = os.read(self._from, _CHUNK)
                size += len(piece)
                _refuse(size > limit, "its output is too large", "make the file or folder smaller")
                _refuse(not piece, _ENDED, "try again; if it stays: checkpoint doctor")
                batch.feed(piece)
        return batch.objects

    def _write(self, data: memoryview) -> int:
        try:
            return os.write(self._to, data)
        except BrokenPipeError:
            return len(data)  # its end shows where it is read

    def _ready(self, writes: bool, end: float) -> tuple[bool, bool]:
        """Whether it takes more questions, and whether it has more to say; waits for either."""
        poll = select.poll()
        poll.register(self._from, select.POLLIN)
        if writes:
            poll.register(self._to, select.POLLOUT)
        events = dict(poll.poll(max(0.0, end - time.monotonic()) * 1000))
        _refuse(not events, f"it did not answer within {_SECONDS:.0f} s", "try again later")
        return self._to in events, self._from in events

    def end(self) -> None:
        kill_group(self.pid, signal.SIGKILL)
        with self._process:  # waits for it, and closes its pipes
            return


def _refuse(is_so: bool, why: str, mend: str) -> None:
    if is_so:
        raise PublishError("git cat-file failed", why=why, mend=mend)
