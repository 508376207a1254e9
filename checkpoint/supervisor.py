"""A program of its own: runs commands, and when one has ended, ends whatever it has left behind. Linux only.

    python -I -S supervisor.py CHANNEL PARENT GRACE

One for all commands of a run, so that Python starts once. CHANNEL is the descriptor of a socket; each message there
brings one more, and a *keeper*, a fork of this process, that runs the commands which come through that, one after the
other. A message `c` brings three descriptors: a file that holds a command's arguments and environment (marshalled), the
folder that it works in, and where its output goes. The answer is its status, as a number, when it has ended with all
that it left behind, or `e` and the number of the error for which it could not begin. `t` tells the command that runs to
end: politely, and GRACE seconds later for good; `k` ends it at once.

Whatever a command daemonises comes to its keeper instead of to init, whatever it does to its session, its group or its
environment. What a keeper leaves behind that was itself killed this process ends, before the keeper's socket is closed.
Where PARENT is gone, or a socket ends, what runs there is told to end.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import marshal
import os
import resource
import select
import signal
import socket
import sys
import time
from collections.abc import Collection, Iterator

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_CANNOT_RUN = 127
_KILLED = -int(signal.SIGKILL)
_DESCRIPTORS = 3
_BUFFER = 1 << 16


def main() -> None:
    """Runs what it is sent, until there is nobody any more who could send anything."""
    number, parent, grace = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    os.set_inheritable(number, False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _end_with(parent)
    gc.disable()  # a keeper would copy all memory that it looks through
    _Supervisor(_Ear(socket.socket(fileno=number)), grace).serve()


def _end_with(parent: int) -> None:
    """Makes this process the heir of all that descends from it, and has it told to end where its parent does."""
    zero, prctl = ctypes.c_ulong(0), ctypes.CDLL(None).prctl
    prctl(_SET_CHILD_SUBREAPER, ctypes.c_ulong(1), zero, zero, zero)
    prctl(_SET_PARENT_DEATH_SIGNAL, ctypes.c_ulong(signal.SIGTERM), zero, zero, zero)
    if os.getppid() != parent:
        os._exit(_CANNOT_RUN)


class _Ear:
    """Hears messages of one socket, and of signals: that a child has ended, or that this process is told to end."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel = channel
        self.is_open = True
        self._told = False
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        self._signals, self._writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._signals, select.POLLIN)
        signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, self._note)

    def close(self) -> None:
        signal.set_wakeup_fd(-1)
        self.channel.close()
        os.close(self._signals)
        os.close(self._writing)

    def hear(self, seconds: float | None) -> tuple[bytes, list[int]]:
        """The next message and its descriptors; nothing where a signal came first, or so many seconds passed.

        The socket counts as ended where it has, and where this process was told to end.
        """
        ready = {number for number, _ in self._poll.poll(None if seconds is None else max(0.0, 1000 * seconds))}
        if self._signals in ready:
            os.read(self._signals, _BUFFER)
        if self._told:
            self._told = False
            self._end()
        if not self.is_open or self.channel.fileno() not in ready:
            return b"", []
        said, descriptors = _received(self.channel)
        if not said:
            self._end()
        return said, descriptors

    def _end(self) -> None:
        if self.is_open:
            self.is_open = False
            self._poll.unregister(self.channel)

    def _note(self, number: int, frame: object) -> None:
        self._told = self._told or number == signal.SIGTERM


def _received(channel: socket.socket) -> tuple[bytes, list[int]]:
    """One message with its descriptors. No command inherits them, which `socket.recv_fds` could not promise."""
    found = array.array("i")
    room = socket.CMSG_LEN(_DESCRIPTORS * found.itemsize)
    try:
        said, others, _, _ = channel.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return b"", []
    for _, _, data in others:
        found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return said, found.tolist()


class _Supervisor:
    """The keepers, by their processes, with the sockets through which they are spoken to."""

    def __init__(self, ear: _Ear, grace: float) -> None:
        self._ear = ear
        self._grace = grace
        self._keepers: dict[int, socket.socket] = {}

    def serve(self) -> None:
        while self._ear.is_open:
            _, descriptors = self._ear.hear(None)
            for each in descriptors:
                self._begin(socket.socket(fileno=each))
            self._reap(os.WNOHANG)
        for pid in self._keepers:
            _kill(pid, signal.SIGTERM)
        while self._keepers:
            self._reap(0)
        _end_all()

    def _begin(self, channel: socket.socket) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            _say(channel, b"e%d" % (error.errno or 0))
            channel.close()
            return
        if pid:
            self._keepers[pid] = channel
            return
        try:
            self._ear.close()
            for other in self._keepers.values():
                other.close()
            _end_with(parent)
            _Keeper(_Ear(channel), self._grace).serve()
        finally:
            os._exit(_CANNOT_RUN)

    def _reap(self, flags: int) -> None:
        """Forgets keepers that have ended, once what they left behind is ended too."""
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, flags)[0]:
                channel = self._keepers.pop(pid, None)
                if channel is not None:
                    _end_strangers(self._keepers)
                    channel.close()
                flags = os.WNOHANG


class _Keeper:
    """Runs commands one after the other. `_child` is the one that runs, or 0; `_end` when it must have ended."""

    def __init__(self, ear: _Ear, grace: float) -> None:
        self._ear = ear
        self._grace = grace
        self._child = 0
        self._end: float | None = None

    def serve(self) -> None:
        while self._ear.is_open or self._child:
            said, descriptors = self._ear.hear(None if self._end is None else self._end - time.monotonic())
            if said == b"c":
                self._start(*descriptors)
            elif self._child and (said or not self._ear.is_open):
                self._tell(0.0 if said == b"k" else self._grace)
            self._look()

    def _start(self, content: int, folder: int, output: int) -> None:
        try:
            os.fchdir(folder)
            self._child = _spawned(content, output)
        except OSError as error:
            _say(self._ear.channel, b"e%d" % (error.errno or 0))
        finally:
            for each in (content, folder, output):
                os.close(each)

    def _tell(self, grace: float) -> None:
        _kill(-self._child, signal.SIGTERM)
        end = time.monotonic() + grace
        self._end = end if self._end is None else min(self._end, end)

    def _look(self) -> None:
        """Whether the command has ended, or must; then nothing of it is left."""
        status = self._status()
        if status is None and self._end is not None and self._end <= time.monotonic():
            status = _KILLED
        if status is not None:
            self._child, self._end = 0, None
            _end_all()
            _say(self._ear.channel, b"%d" % status)

    def _status(self) -> int | None:
        """The command's status, once it has ended. Orphans that have are let go."""
        status = None
        with contextlib.suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self._child:
                    status = os.waitstatus_to_exitcode(found[1])
        return status


def _spawned(content: int, output: int) -> int:
    """The command's process, in a session of its own: a signal for this process's group is not meant for it.

    Raises OSError where there is no process for it, or no such program.
    """
    with open(content, "rb", closefd=False) as file:
        file.seek(0)
        command, environment = marshal.load(file)  # noqa: S302 - whoever started this process wrote it, into memory
    actions = [(os.POSIX_SPAWN_DUP2, output, target) for target in (1, 2)]
    defaults = (signal.SIGTERM, signal.SIGCHLD)
    for program in _candidates(command[0], environment):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
            return os.posix_spawn(program, command, environment, file_actions=actions, setsid=True, setsigdef=defaults)
    return os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {_CANNOT_RUN}"], environment)


def _candidates(program: bytes, environment: dict[bytes, bytes]) -> list[bytes]:
    """Where a program could be, in the order of its own search path."""
    if b"/" in program:
        return [program]
    return [os.path.join(folder, program) for folder in environment.get(b"PATH", os.defpath.encode()).split(b":")]


def _say(channel: socket.socket, what: bytes) -> None:
    with contextlib.suppress(OSError):  # whoever wanted to know may be gone
        channel.send(what, socket.MSG_NOSIGNAL)


def _end_all() -> None:
    """Ends all descendants, until there is no child any more; orphans become children meanwhile."""
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:  # without a child there is no descendant
            return
        for pid in _below([os.getpid()]):
            _kill(pid, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def _end_strangers(known: Collection[int]) -> None:
    """Ends all children that are not known, and what is below them, until there are no others."""
    while strangers := [pid for pid, parent in _processes() if parent == os.getpid() and pid not in known]:
        for pid in (*strangers, *_below(strangers)):
            _kill(pid, signal.SIGKILL)
        for pid in strangers:
            os.waitpid(pid, 0)


def _below(ancestors: list[int]) -> list[int]:
    """The descendants of these."""
    children: dict[int, list[int]] = {}
    for pid, parent in _processes():
        children.setdefault(parent, []).append(pid)
    found = [pid for each in ancestors for pid in children.get(each, ())]
    for pid in found:
        found += children.get(pid, ())
    return found


def _processes() -> Iterator[tuple[int, int]]:
    """Every process and its parent."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                yield int(name), int(file.read().rpartition(b")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


if __name__ == "__main__":
    main()
