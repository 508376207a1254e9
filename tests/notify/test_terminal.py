"""The terminal notifier: which terminals it writes to, and that it waits for none."""

import os
import select
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from checkpoint.notify import Notice, NotifyError
from checkpoint.notify.terminal import LINES, TerminalNotifier

NOTICE = Notice("r1", "plan.md", "title", "text")


class Terminal(msgspec.Struct):
    master: int
    slave: int

    @property
    def device(self) -> str:
        return os.ttyname(self.slave)

    def received(self) -> bytes:
        """What has arrived so far: an end mark is sent behind it, and waited for."""
        os.write(self.slave, b"\x04")
        data = b""
        while not data.endswith(b"\x04"):
            assert select.select([self.master], [], [], 20.0)[0], data
            data += os.read(self.master, 65536)
        return data[:-1]


@pytest.fixture
def terminal() -> Iterator[Callable[[int], Terminal]]:
    opened: list[Terminal] = []

    def make(mode: int = 0o620) -> Terminal:
        opened.append(Terminal(*os.openpty()))
        tty.setraw(opened[-1].slave)
        os.fchmod(opened[-1].slave, mode)
        return opened[-1]

    yield make
    for each in opened:
        os.close(each.master)
        os.close(each.slave)


Make = Callable[..., Terminal]


def send(*terminals: Terminal | str, excluded: tuple[str, ...] = (), notice: Notice = NOTICE) -> None:
    devices = [each if isinstance(each, str) else each.device for each in terminals]
    TerminalNotifier(devices, excluded).send(notice)


def test_lines_end_so_that_a_terminal_in_any_mode_shows_them(terminal: Make) -> None:
    mine = terminal()
    send(mine)
    assert mine.received() == b"\r\ntitle\r\ntext\r\n"


def test_every_terminal_that_accepts_messages_is_told(terminal: Make) -> None:
    first, second = terminal(), terminal()
    send(first, second)
    assert b"title" in first.received()
    assert b"title" in second.received()


def test_a_terminal_that_refuses_messages_is_left_alone(terminal: Make) -> None:
    refusing = terminal(0o600)
    send(refusing)
    assert refusing.received() == b""


def test_an_excluded_terminal_is_left_alone(terminal: Make) -> None:
    ours, other = terminal(), terminal()
    send(ours, other, excluded=(ours.device,))
    assert ours.received() == b""
    assert b"title" in other.received()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a terminal away")
def test_somebody_elses_terminal_is_left_alone(terminal: Make) -> None:
    foreign = terminal()
    os.fchown(foreign.slave, 12345, -1)
    send(foreign)
    assert foreign.received() == b""


def test_a_stopped_terminal_is_not_waited_for(terminal: Make) -> None:
    stopped, other = terminal(), terminal()
    termios.tcflow(stopped.slave, termios.TCOOFF)
    send(stopped, other)
    assert b"title" in other.received()


def test_terminals_that_all_refuse_are_named(terminal: Make) -> None:
    stopped = terminal()
    termios.tcflow(stopped.slave, termios.TCOOFF)
    with pytest.raises(NotifyError, match="no terminal took the notice") as caught:
        send(stopped)
    assert caught.value.why == f"{stopped.device}: stopped"


def test_a_terminal_that_nobody_reads_is_not_waited_for(terminal: Make) -> None:
    deaf = terminal()
    _fill(deaf)
    with suppress(NotifyError):  # a full terminal may have room for a few characters
        send(deaf, notice=msgspec.structs.replace(NOTICE, text=f"{'x' * 180}\n" * 10))


def _fill(terminal: Terminal) -> None:
    """Until the kernel, which moves on what was written, has nowhere left to move it."""
    os.set_blocking(terminal.slave, False)
    while select.select([], [terminal.slave], [], 0.2)[1]:
        with suppress(BlockingIOError):
            while True:
                os.write(terminal.slave, b"x" * 4096)


@pytest.mark.parametrize("kind", ["file", "pipe", "link", "folder", "null", "nothing"])
def test_what_is_no_terminal_is_left_alone(kind: str, tmp_path: Path, terminal: Make) -> None:
    mine = terminal()
    path = tmp_path / kind
    made: dict[str, Callable[[], object]] = {
        "file": lambda: path.write_text("kept"),
        "pipe": lambda: os.mkfifo(path),
        "link": lambda: path.symlink_to(mine.device),
        "folder": path.mkdir,
        "null": lambda: path.symlink_to("/dev/null"),
        "nothing": lambda: None,
    }
    made[kind]()
    send(str(path))
    assert mine.received() == b""
    assert kind != "file" or path.read_text() == "kept"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device")
def test_a_device_that_is_no_terminal_is_left_alone(tmp_path: Path) -> None:
    device = tmp_path / "null"
    os.mknod(device, 0o620 | 0o020000, os.makedev(1, 3))
    os.chmod(device, 0o620)
    with pytest.raises(NotifyError) as caught:
        send(str(device))
    assert "no terminal of yours" in caught.value.why


def test_globs_name_the_terminals_of_that_moment(terminal: Make) -> None:
    mine = terminal()
    send(os.path.dirname(mine.device) + "/[" + os.path.basename(mine.device)[0] + "]*", excluded=_all_but(mine))
    assert b"title" in mine.received()


def _all_but(mine: Terminal) -> tuple[str, ...]:
    folder = os.path.dirname(mine.device)
    return tuple(f"{folder}/{name}" for name in os.listdir(folder) if f"{folder}/{name}" != mine.device)


def test_a_long_text_ends_with_what_is_left_out(terminal: Make) -> None:
    mine = terminal()
    send(mine, notice=msgspec.structs.replace(NOTICE, text="\n".join(map(str, range(100)))))
    lines = mine.received().decode().split("\r\n")[1:-1]
    assert len(lines) == LINES
    assert lines[-1] == f"… and {101 - LINES + 1} more lines"
