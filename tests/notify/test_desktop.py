"""The desktop notifier: what the programs that show notifications are given, and what becomes of their failures."""

import os
from pathlib import Path

import msgspec
import pytest

from checkpoint.documents import Told
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.desktop import LINES, DesktopNotifier
from checkpoint.notify.registry import find_notifiers
from tests.helpers.programs import Program
from tests.helpers.scenes import ALL, local

NOTICE = Notice("r1", "plan.md", "title", "text\nmore", "bad")
BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}


def send(folder: Path, notice: Notice = NOTICE, **environ: str) -> None:
    DesktopNotifier({"PATH": str(folder), **BUS, **environ}).send(notice)


def test_what_notify_send_is_given(tmp_path: Path) -> None:
    program = Program(tmp_path, "notify-send")
    send(tmp_path)
    assert program.calls() == [["--app-name=checkpoint", "--urgency=critical", "--", "title", "text\nmore"]]


@pytest.mark.parametrize(("level", "urgency"), [("info", "normal"), ("good", "normal"), ("bad", "critical")])
def test_only_what_is_bad_is_urgent(tmp_path: Path, level: str, urgency: str) -> None:
    program = Program(tmp_path, "notify-send")
    send(tmp_path, msgspec.structs.replace(NOTICE, level=level))
    assert f"--urgency={urgency}" in program.calls()[0]


def test_text_is_neither_option_nor_markup_nor_escape(tmp_path: Path) -> None:
    program = Program(tmp_path, "notify-send")
    text = '<a href="x">&lt;</a> C:\\new \\033[31m $(id)\x1b[31m'
    send(tmp_path, msgspec.structs.replace(NOTICE, title="--help\x07", text=text))
    shown = '&lt;a href="x"&gt;&amp;lt;&lt;/a&gt; C:\\\\new \\\\033[31m $(id)'
    assert program.calls()[0][2:] == ["--", "--help", shown]


def test_little_is_shown_and_the_rest_is_counted(tmp_path: Path) -> None:
    program = Program(tmp_path, "notify-send")
    send(tmp_path, msgspec.structs.replace(NOTICE, title="", text="\n".join(map(str, range(50))), earlier=("a",)))
    _, _, _, title, text = program.calls()[0]
    assert title == "checkpoint"
    assert text.split("\n")[0] == "stands for 1 earlier checkpoint too"
    assert text.split("\n")[-1] == f"… and {52 - LINES + 1} more lines"


def test_what_osascript_is_given(tmp_path: Path) -> None:
    program = Program(tmp_path, "osascript")
    send(tmp_path, msgspec.structs.replace(NOTICE, title='-e "quit"', text="<b> \\"))
    (words,) = program.calls()
    assert words[:6:2] == ["-e", "-e", "-e"]
    assert words[6:] == ["checkpoint", '-e "quit"', "<b> \\"]
    assert "quit" not in "".join(words[:6])


def test_the_bus_is_found_where_the_environment_does_not_name_it(tmp_path: Path) -> None:
    program = Program(tmp_path, "notify-send")
    (tmp_path / "bus").touch()
    DesktopNotifier({"PATH": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}).send(NOTICE)
    assert program.environ()["DBUS_SESSION_BUS_ADDRESS"] == f"unix:path={tmp_path}/bus"


def test_without_a_bus_a_person_must_act(tmp_path: Path) -> None:
    program = Program(tmp_path, "notify-send")
    with pytest.raises(NotifyError, match="no notification was shown") as caught:
        DesktopNotifier({"PATH": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}).send(NOTICE)
    assert (caught.value.why, caught.value.lasting) == (f"{tmp_path}/bus is not there", True)
    assert caught.value.mend.startswith("log in to a desktop")
    assert program.calls() == []


def test_without_a_program_a_person_must_act(tmp_path: Path) -> None:
    with pytest.raises(NotifyError) as caught:
        send(tmp_path)
    assert (caught.value.why, caught.value.lasting) == ("there is no notify-send", True)
    assert caught.value.mend.startswith("install libnotify")


@pytest.mark.parametrize(
    ("script", "why"),
    [("echo 'no \x1b[1mservice' >&2; echo more >&2; exit 1", "no service"), ("exit 3", "notify-send ended with 3")],
)
def test_a_failure_is_told_and_tried_again(tmp_path: Path, script: str, why: str) -> None:
    Program(tmp_path, "notify-send", script)
    with pytest.raises(NotifyError, match="no notification was shown") as caught:
        send(tmp_path)
    assert (caught.value.why, caught.value.lasting, caught.value.doubtful) == (why, False, False)


def test_a_desktop_that_does_not_answer_leaves_a_doubt(tmp_path: Path) -> None:
    Program(tmp_path, "notify-send", "exec /bin/sleep 60")
    with pytest.raises(NotifyError, match="not known") as caught:
        DesktopNotifier({"PATH": str(tmp_path), **BUS}, seconds=0.1).send(NOTICE)
    assert (caught.value.doubtful, caught.value.lasting) == (True, False)


def test_it_cannot_be_asked_what_it_has_shown(tmp_path: Path) -> None:
    (notifier,) = find_notifiers(["desktop"], Means(str(tmp_path)))
    assert not hasattr(notifier, "resend")
    assert not hasattr(notifier, "repeatable")


def test_a_checkpoint_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene, program = local(tmp_path), Program(tmp_path, "osascript")
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "desktop")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert scene.now().told == (Told("desktop", 1),)
    scene.deliver(ALL)
    assert scene.now().told == (Told("desktop", 1),)
    first, second = (call[-2:] for call in program.calls())
    assert first[0] == "Shop: backend 0/2, frontend 0/2, 2 missing, 1 blocked"
    assert first[1].split("\n")[0] == "B1 missing: api.json: expected `api.json`, found nothing there"
    assert second == ["Shop: backend 2/2, frontend 1/2", "nothing is failing or missing"]
