"""The terminal notifier: which terminals it writes to, and that it waits for none."""

import os
import select
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest

from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.marks import LIMIT
from checkpoint.notify.terminal import LINES, TerminalNotifier
from tests.helpers.killed import send_killed
from tests.helpers.terminals import Terminal, open_terminal

NOTICE = Notice("r1", "plan.md", "title", "text")


@pytest.fixture
def terminal() -> Iterator[Callable[[int], Terminal]]:
    opened: list[Terminal] = []

    def make(mode: int = 0o620) -> Terminal:
        opened.append(open_terminal(mode))
        return opened[-1]

    yield make
    for each in opened:
        os.close(each.master)
        os.close(each.slave)


Make = Callable[..., Terminal]


def send(
    *terminals: Terminal | str, excluded: tuple[str, ...] = (), notice: Notice = NOTICE, marks: Path | str = ""
) -> None:
    devices = [each if isinstance(each, str) else each.device for each in terminals]
    TerminalNotifier(devices, excluded, str(marks)).send(notice)


def lines_of(terminal: Terminal) -> list[str]:
    return terminal.received().decode().split("\r\n")[1:-1]


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
    lines = lines_of(mine)
    assert len(lines) == LINES
    assert lines[-1] == f"… and {101 - LINES + 1} more lines"


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"kind": "test"}, "test: title"),
        ({"kind": "trouble", "level": "bad"}, "trouble: title"),
        ({"kind": "trouble", "level": "good"}, "title"),
    ],
)
def test_what_is_no_checkpoint_says_so(terminal: Make, changes: dict[str, str], first: str) -> None:
    mine = terminal()
    send(mine, notice=msgspec.structs.replace(NOTICE, **changes))
    assert lines_of(mine) == [first, "text"]


def test_what_else_it_stands_for_is_said(terminal: Make) -> None:
    mine = terminal()
    send(mine, notice=msgspec.structs.replace(NOTICE, earlier=("a", "b", "c"), unsure=("d\x1b[1m\ne", "f")))
    assert lines_of(mine) == ["title", "stands for 3 earlier checkpoints too", "may not have arrived: d e; f", "text"]


def test_a_terminal_is_told_once(terminal: Make, tmp_path: Path) -> None:
    first, second = terminal(), terminal()
    send(first, marks=tmp_path / "marks")
    first.received()
    send(first, second, marks=tmp_path / "marks")
    assert (first.received(), lines_of(second)) == (b"", ["title", "text"])
    send(first, notice=msgspec.structs.replace(NOTICE, key="r2"), marks=tmp_path / "marks")
    assert lines_of(first) == ["title", "text"]


def test_a_stopped_terminal_is_told_when_it_goes_on(terminal: Make, tmp_path: Path) -> None:
    stopped = terminal()
    termios.tcflow(stopped.slave, termios.TCOOFF)
    with pytest.raises(NotifyError):
        send(stopped, marks=tmp_path)
    termios.tcflow(stopped.slave, termios.TCOON)
    send(stopped, marks=tmp_path)
    assert lines_of(stopped) == ["title", "text"]


def test_the_marks_are_private_and_stay_small(terminal: Make, tmp_path: Path) -> None:
    mine = terminal()
    file = tmp_path / "marks" / "terminal"
    for number in range(2 * LIMIT // 1000):
        send(mine, notice=msgspec.structs.replace(NOTICE, key=f"{'k' * 1000}{number}"), marks=file.parent)
        mine.received()
        assert file.stat().st_size <= LIMIT + 1100
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    send(mine, notice=msgspec.structs.replace(NOTICE, key=f"{'k' * 1000}{number}"), marks=file.parent)
    assert mine.received() == b""


def test_half_a_mark_is_none(terminal: Make, tmp_path: Path) -> None:
    mine = terminal()
    (tmp_path / "terminal").write_text(f"r0 {mine.device}\nr1 {mine.device[:-1]}")
    (tmp_path / "terminal").chmod(0o600)
    send(mine, marks=tmp_path)
    assert lines_of(mine) == ["title", "text"]
    assert (tmp_path / "terminal").read_text() == f"r0 {mine.device}\nr1 {mine.device}\n"


def test_marks_that_others_could_have_written_are_refused(terminal: Make, tmp_path: Path) -> None:
    mine = terminal()
    (tmp_path / "terminal").write_text("")
    (tmp_path / "terminal").chmod(0o666)
    with pytest.raises(NotifyError, match="is open to others") as caught:
        send(mine, marks=tmp_path)
    assert (caught.value.lasting, mine.received()) == (True, b"")


def test_a_kill_loses_nothing_and_tells_nothing_twice(terminal: Make, tmp_path: Path) -> None:
    mine = [terminal() for _ in range(3)]
    titles = [f"notice {number}" for number in range(400)]
    notices = [Notice(title, "plan.md", title, "") for title in titles]
    means = Means(str(tmp_path), str(tmp_path / "marks"), terminals=tuple(each.device for each in mine))
    assert 50 < send_killed("terminal", means, notices) < len(notices), "more notices are needed: one for each line"
    for each in mine:
        assert [line for line in lines_of(each) if line.startswith("notice")] == titles
