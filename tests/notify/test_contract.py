"""What every notifier keeps to, held against real files and real terminals."""

import json
import os
import select
import shutil
import termios
import tty
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.notify import Means, Notice, Notifier, NotifyError
from checkpoint.notify.registry import OURS, find_notifiers
from checkpoint.notify.tmux import LEVELS
from tests.helpers.programs import Program
from tests.helpers.receiver import Receiver, receiver
from tests.helpers.slack_server import SlackServer
from tests.helpers.tmux_server import TmuxServer, serving

NOTICE = Notice("r1", "plan.md", "Payments: 3/5", "backend: 1 failing\nfrontend: done", "bad")

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "title of a terminal": "\x1b]0;owned\x07",
    "8-bit escapes": "\x9b31m\x90q\x9c",
    "tmux formats": "#(touch /tmp/x) #{E:@a} %H ;",
    "formatting": "%s %n {0} ${HOME} `id`",
    "markers": "<!-- /checkpoint:status -->\n```\n- [x] **A1** done",
    "zero": "a\x00b",
    "bidi": "\u202egpj.exe\u2066\u200b",
    "carriage returns": "good\rbad\r\n\x08\x08\x7f",
    "separators": "a\u2028b\u2029c\x0bd\x0ce\x85f",
    "surrogates": "\udcff\ud800",
    "a megabyte in a line": "x" * 1_000_000,
    "a megabyte of lines": "y\n" * 500_000,
}


class Target(Protocol):
    """Where a notifier delivers to: read back, and made to fail."""

    notifier: Notifier

    def received(self) -> str: ...
    def fail(self) -> None: ...


class FileTarget:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (self.notifier,) = find_notifiers(["file"], Means(str(folder / "notices")))

    def received(self) -> str:
        return (self._folder / "notices" / "all.txt").read_text()

    def fail(self) -> None:
        (self._folder / "notices").write_text("in the way")


class TerminalTarget:
    def __init__(self, master: int, slave: int, folder: Path) -> None:
        self._master, self._slave = master, slave
        (self.notifier,) = find_notifiers(["terminal"], Means(str(folder), terminals=(os.ttyname(slave),)))

    def received(self) -> str:
        """What arrived since the last time: all of it, since an end mark is sent behind it."""
        os.write(self._slave, b"\x04")
        data = b""
        while not data.endswith(b"\x04"):
            assert select.select([self._master], [], [], 20.0)[0], data
            data += os.read(self._master, 65536)
        return data[:-1].decode().replace("\r\n", "\n")

    def fail(self) -> None:
        termios.tcflow(self._slave, termios.TCOOFF)


class AppriseTarget:
    def __init__(self, service: Receiver) -> None:
        self._service = service
        means = Means("/nowhere", apprise="env:ADDRESS", environ={"ADDRESS": f"json://{service.address}"})
        (self.notifier,) = find_notifiers(["apprise"], means)

    def received(self) -> str:
        messages = [json.loads(each.body) for each in self._service.received]
        return "\n".join(f"{each['title']}\n{each['message']}" for each in messages)

    def fail(self) -> None:
        self._service.default = 503


class DesktopTarget:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._program = Program(folder, "notify-send")
        environ = {"PATH": str(folder), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}
        (self.notifier,) = find_notifiers(["desktop"], Means("/nowhere", environ=environ))

    def received(self) -> str:
        return "\n".join(self._program.calls()[-1][-2:])

    def fail(self) -> None:
        Program(self._folder, "notify-send", "echo no such service >&2; exit 1")


class TmuxTarget:
    """What a client is shown, and then the status line's option, without their marks."""

    def __init__(self, server: TmuxServer) -> None:
        self._server = server
        self._environ = dict(server.environ)
        (self.notifier,) = find_notifiers(["tmux"], Means("/nowhere", environ=self._environ))

    def received(self) -> str:
        shown = (self._server.messages()[0], self._server.option("@checkpoint", "-g"))
        return "\n".join(line.removeprefix(f"{LEVELS['bad']} ") for line in shown)

    def fail(self) -> None:
        self._environ["PATH"] = "/nowhere"


class SlackTarget:
    """A bot, or where there is no token a webhook."""

    def __init__(self, slack: SlackServer, token: str) -> None:
        self._slack = slack
        environ = {"TOKEN": slack.token, "HOOK": slack.hook_url}
        means = Means("/nowhere", slack_channels=("#plans",), slack_api=slack.url, slack_token=token, environ=environ)
        (self.notifier,) = find_notifiers(["slack"], msgspec.structs.replace(means, slack_webhook="env:HOOK"))

    def received(self) -> str:
        return "\n".join(message.last.shown for message in self._slack.messages)

    def fail(self) -> None:
        self._slack.channels["C0000PLANS"].archived = True


@contextmanager
def slack_target(folder: Path, token: str = "env:TOKEN") -> Iterator[Target]:
    with SlackServer(pace=0.0) as slack:
        yield SlackTarget(slack, token)


@contextmanager
def desktop_target(folder: Path) -> Iterator[Target]:
    yield DesktopTarget(folder)


@contextmanager
def tmux_target(folder: Path) -> Iterator[Target]:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    with serving() as server:
        server.new("home")
        with server.attached("home"):
            yield TmuxTarget(server)


@contextmanager
def file_target(folder: Path) -> Iterator[Target]:
    yield FileTarget(folder)


@contextmanager
def terminal_target(folder: Path) -> Iterator[Target]:
    master, slave = os.openpty()
    tty.setraw(slave)
    os.fchmod(slave, 0o620)
    yield TerminalTarget(master, slave, folder)
    os.close(master)
    os.close(slave)


@contextmanager
def apprise_target(folder: Path) -> Iterator[Target]:
    with receiver() as service:
        yield AppriseTarget(service)


TARGETS: dict[str, Callable[[Path], AbstractContextManager[Target]]] = {
    "apprise": apprise_target,
    "desktop": desktop_target,
    "file": file_target,
    "slack": slack_target,
    "slack by a webhook": partial(slack_target, token=""),
    "terminal": terminal_target,
    "tmux": tmux_target,
}
"""Each notifier of ours, set up below a folder."""


@pytest.fixture(params=sorted({*OURS, *TARGETS}))
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Target]:
    with TARGETS[request.param](tmp_path) as made:
        yield made


def test_a_notice_arrives_whole(target: Target) -> None:
    target.notifier.send(NOTICE)
    assert target.received().split() == f"{NOTICE.title}\n{NOTICE.text}".split()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_but_printable_lines_comes_out(target: Target, text: str) -> None:
    target.notifier.send(msgspec.structs.replace(NOTICE, title=f"see {text}", text=text))
    received = target.received()
    assert "see" in received
    assert not [c for c in received if unicodedata.category(c)[0] == "C" and c != "\n"]
    assert len(received) <= 70_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(title=st.text(), text=st.text())
def test_any_text_is_carried_without_controls(target: Target, title: str, text: str) -> None:
    target.notifier.send(msgspec.structs.replace(NOTICE, key=repr((title, text)), title=title, text=text))
    assert not [c for c in target.received() if unicodedata.category(c)[0] == "C" and c != "\n"]


def test_words_stay_readable_between_controls(target: Target) -> None:
    target.notifier.send(msgspec.structs.replace(NOTICE, text="a\x1b[1mbold\x00 %s\tend"))
    assert "abold %s end" in " ".join(target.received().split())


def test_a_later_notice_comes_after_an_earlier_one(target: Target) -> None:
    target.notifier.send(msgspec.structs.replace(NOTICE, text="first"))
    target.notifier.send(msgspec.structs.replace(NOTICE, key="r2", text="second"))
    assert target.received().rstrip().endswith("second")


def test_a_target_that_fails_is_a_notify_error(target: Target) -> None:
    target.fail()
    with pytest.raises(NotifyError) as caught:
        target.notifier.send(NOTICE)
    assert caught.value.why


def test_each_notifier_knows_its_name() -> None:
    assert [notifier.name for notifier in find_notifiers(OURS, Means("/nowhere"))] == list(OURS)
