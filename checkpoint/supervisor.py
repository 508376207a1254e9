"""A program of its own: runs commands, and when one has ended, ends whatever it has left behind. Linux only.

    python -I -S supervisor.py CHANNEL PARENT GRACE

One for all commands of a run: Python starts once, and a command costs a fork. CHANNEL is the descriptor of a socket,
through which one message comes for each command, with four descriptors: a file that holds its arguments and its
environment (marshalled), the folder that it works in, where its output goes, and a socket to speak of it. There its
status is sent, as a number, when it has ended with all that it left behind, or `e` and the number of the error for
which it could not begin. What is read there tells it to end: `t` or an end politely, and GRACE seconds later for good;
`k` at once.

Each command has a *keeper*, a fork of this process, to which whatever it daemonises comes instead of to init, whatever
that does to its session, its group or its environment. This process ends what a keeper leaves behind that was itself
killed. Where PARENT is gone, or CHANNEL ends, all commands are told to end, and it ends with the last one.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import marshal
import os
import resource
import select
import signal
import socket
import sys
from collections.abc import Collection, Iterator

_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36
_CANNOT_RUN = 127
_DESCRIPTORS = 4
_BUFFER = 1 << 16
_C = ctypes.CDLL(None)


class _TimeIsUp(Exception):
    """The command was told to end, and has not."""


def main() -> None:
    """Runs what it is sent, until there is nobody any more who could send anything."""
    channel, parent, grace = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    os.set_inheritable(channel, False)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _control(_SET_CHILD_SUBREAPER, 1)
    _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(-signal.SIGTERM)
    _Supervisor(socket.socket(fileno=channel), grace).serve()


class _Supervisor:
    """The commands that run now: each keeper's process, and the socket to speak of it."""

    def __init__(self, channel: socket.socket, grace: float) -> None:
        self._channel = channel
        self._grace = grace
        self._keepers: dict[int, socket.socket] = {}
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        self._is_open = True
        self._told = False
        self._signals, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._poll.register(self._signals, select.POLLIN)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: object) -> None:
        self._told = self._told or number == signal.SIGTERM

    def serve(self) -> None:
        while self._is_open or self._keepers:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._signals:
                    os.read(self._signals, _BUFFER)
                elif descriptor == self._channel.fileno():
                    self._receive()
                else:
                    self._hear(descriptor)
            self._reap()
            if self._told:
                self._close()
        _end_all()

    def _receive(self) -> None:
        """Starts the command that was sent."""
        descriptors = _received(self._channel)
        if len(descriptors) != _DESCRIPTORS:
            self._close()
            return
        *files, number = descriptors
        about = socket.socket(fileno=number)
        try:
            self._keepers[self._fork(*files)] = about
            self._poll.register(about, select.POLLIN)
        except OSError as error:
            self._say(about, b"e%d" % (error.errno or 0))
        for each in files:
            os.close(each)

    def _fork(self, content: int, folder: int, output: int) -> int:
        """A keeper's process. Raises OSError where the machine has none to give."""
        parent = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            pid = os.fork()
        finally:
            if os.getpid() == parent:
                signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        if pid:
            return pid
        try:
            signal.set_wakeup_fd(-1)
            keep(content, folder, output, parent, self._grace)
        finally:
            os._exit(_CANNOT_RUN)

    def _hear(self, descriptor: int) -> None:
        """Ends the command that this descriptor speaks of, as is said."""
        pid, about = next((pid, each) for pid, each in self._keepers.items() if each.fileno() == descriptor)
        try:
            said = about.recv(1)
        except OSError:
            said = b""
        _kill(pid, signal.SIGKILL if said == b"k" else signal.SIGTERM)
        if not said:  # there is no more to read
            self._poll.unregister(descriptor)

    def _reap(self) -> None:
        """Says of each command that has ended how it did; what a killed keeper leaves behind is ended first."""
        while (found := _ended())[0]:
            pid, status = found
            if status < 0 or status == _CANNOT_RUN:
                _end_strangers(self._keepers)
            about = self._keepers.pop(pid, None)
            if about is not None:
                self._say(about, b"%d" % status)

    def _say(self, about: socket.socket, what: bytes) -> None:
        with contextlib.suppress(KeyError, OSError):  # whoever wanted to know may be gone
            self._poll.unregister(about)
            about.send(what, socket.MSG_NOSIGNAL)
        about.close()

    def _close(self) -> None:
        """Takes no command any more, and tells all to end."""
        self._told = False
        if self._is_open:
            self._is_open = False
            self._poll.unregister(self._channel)
        for pid in self._keepers:
            _kill(pid, signal.SIGTERM)


def _received(channel: socket.socket) -> list[int]:
    """The descriptors of one message. No command inherits them, which `socket.recv_fds` could not promise."""
    found = array.array("i")
    try:
        _, others, _, _ = channel.recvmsg(1, socket.CMSG_LEN(_DESCRIPTORS * found.itemsize), socket.MSG_CMSG_CLOEXEC)
    except OSError:
        return []
    for _, _, data in others:
        found.frombytes(data[: len(data) - len(data) % found.itemsize])
    return found.tolist()


def _ended() -> tuple[int, int]:
    """A child that has ended, and its status; 0 where there is none."""
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return 0, 0
    return pid, os.waitstatus_to_exitcode(status) if pid else 0


def keep(content: int, folder: int, output: int, parent: int, grace: float) -> None:
    """What a keeper does: runs the command, and ends as it did, when nothing that it started is left."""
    child = _start(content, folder, output, parent)
    _end_when_told(child, grace)
    try:
        status = _status_of(child)
    except _TimeIsUp:
        status = -signal.SIGKILL
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    _end_all()
    _end_as(status)


def _start(content: int, folder: int, output: int, parent: int) -> int:
    """The command's process, in a session of its own: a signal for this process's group is not meant for it."""
    _control(_SET_CHILD_SUBREAPER, 1)
    _control(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(_CANNOT_RUN)
    os.fchdir(folder)
    command, environment = _read(content)
    for target in (1, 2):
        os.dup2(output, target)
    defaults = {signal.SIGTERM, signal.SIGCHLD}
    for program in _candidates(command[0], environment):
        with contextlib.suppress(OSError):
            return os.posix_spawn(program, command, environment, setsid=True, setsigmask=(), setsigdef=defaults)
    os._exit(_CANNOT_RUN)


def _candidates(program: bytes, environment: dict[bytes, bytes]) -> list[bytes]:
    """Where a program could be, in the order of its own search path."""
    if b"/" in program:
        return [program]
    return [os.path.join(folder, program) for folder in environment.get(b"PATH", os.defpath.encode()).split(b":")]


def _read(content: int) -> tuple[list[bytes], dict[bytes, bytes]]:
    """Arguments and environment, as they were given."""
    with open(content, "rb") as file:
        file.seek(0)
        command, environment = marshal.load(file)  # noqa: S302 - whoever started this process wrote it, into memory
    return command, environment


def _control(what: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    _C.prctl(what, ctypes.c_ulong(value), zero, zero, zero)


def _end_when_told(child: int, grace: float) -> None:
    def tell(number: int, frame: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, grace)
        _kill(-child, signal.SIGTERM)

    def stop(number: int, frame: object) -> None:
        raise _TimeIsUp

    signal.signal(signal.SIGALRM, stop)
    signal.signal(signal.SIGTERM, tell)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def _status_of(child: int) -> int:
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == child:
            return os.waitstatus_to_exitcode(status)


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


def _end_as(status: int) -> None:
    """Ends with that status, or by that signal."""
    if status >= 0:
        os._exit(status)
    if -status != signal.SIGKILL:
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)


if __name__ == "__main__":
    main()
