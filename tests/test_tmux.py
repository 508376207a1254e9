"""The door to tmux: what it finds there, and that what goes in is taken as it is."""

import os
import signal
import socket
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.errors import ProcessError
from checkpoint.tmux import WIDTH, Client, Found, Pane, Place, Server, inert, parsed, places, sequences
from tests.helpers.tmux_server import TmuxServer, needs_tmux, serving


@pytest.fixture
def server() -> Iterator[TmuxServer]:
    with serving() as made:
        yield made


def pane(name: str, session: str = "$1", window: str = "@1", number: str = "%1", at: str = "0.0") -> Pane:
    outer, _, inner = name.partition(":")
    index, _, own = at.partition(".")
    return Pane(session, window, number, index, own, outer, inner)


PANES = (
    pane("pay:backend", "$1", "@1", "%1", "0.0"),
    pane("pay:backend", "$1", "@1", "%2", "0.1"),
    pane("pay:v1.2", "$1", "@2", "%3", "1.0"),
    pane("pay:a b:c", "$1", "@3", "%4", "2.0"),
    pane("shop:backend", "$2", "@4", "%5", "0.0"),
    pane("other:backend", "$3", "@4", "%5", "0.0"),
)


@pytest.mark.parametrize(
    ("terminal", "found"),
    [
        ("pay", [Place((), "$1", "$1")]),
        ("pay:", [Place((), "$1", "$1")]),
        ("pay:backend", [Place(("-w",), "@1", "$1")]),
        ("pay:0", [Place(("-w",), "@1", "$1")]),
        ("pay:backend.1", [Place(("-p",), "%2", "$1")]),
        ("pay:0.1", [Place(("-p",), "%2", "$1")]),
        ("pay:v1.2", [Place(("-w",), "@2", "$1")]),
        ("pay:a b:c", [Place(("-w",), "@3", "$1")]),
        ("%5", [Place(("-p",), "%5", "$2"), Place(("-p",), "%5", "$3")]),
        *(
            (name, [])
            for name in (
                "",
                "pa",
                "pay*",
                "=pay",
                "$1",
                "@1",
                "%",
                "%9",
                ":",
                ".",
                "pay:9",
                "pay:back",
                "pay:backend.7",
            )
        ),
        *(
            (name, [])
            for name in ("pay:*", "pay:!", "{last}", "-t", "#{session_name}", "pay:^", "pay:.0", "pay;kill-server")
        ),
    ],
)
def test_a_terminal_is_found_by_its_whole_name(terminal: str, found: list[Place]) -> None:
    assert list(places(PANES, terminal)) == found


def test_names_may_have_anything_in_them() -> None:
    told = "$1 @2 %3 4 5 pay:a b: c\x85d\nclient 0 $1 /dev/pts/1\nclient 1 $1 client-7\n"
    assert parsed(told) == Found(
        (Pane("$1", "@2", "%3", "4", "5", "pay", "a b: c\x85d"),), (Client("$1", "/dev/pts/1"),)
    )


@given(st.text())
def test_inert_text_is_a_line_without_formats(text: str) -> None:
    line = inert(text)
    assert "#" not in line
    assert len(line) <= WIDTH
    assert not [c for c in line if unicodedata.category(c)[0] == "C" or c in "\u2028\u2029"]


def test_inert_text_can_be_read() -> None:
    assert inert("C#\u200b(a) 50% [x]\n\tb;") == "C\uff03(a) 50% [x] b;"
    assert inert("#" * 300) == "\uff03" * (WIDTH - 1) + "…"


def test_few_runs_do_and_no_group_is_divided() -> None:
    groups: list[list[tuple[str, ...]]] = [[("a", "x" * 3000), ("b", "y;")], [("c",)], [("d", "x" * 6000)]]
    first, second = sequences(groups)
    assert first == ("a", "x" * 3000, ";", "b", "y\\;", ";", "c", ";")
    assert second == ("d", "x" * 6000, ";")
    assert list(sequences([])) == []


@needs_tmux
def test_where_no_server_runs_none_is_started(server: TmuxServer) -> None:
    door = Server(server.environ)
    assert door.look() is None
    door.run([[("set-option", "-g", "@a", "b")]])
    assert not server.socket.exists()


@needs_tmux
def test_a_socket_without_a_server_is_none(server: TmuxServer) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(server.socket))
    assert Server(server.environ).look() is None


@needs_tmux
def test_what_a_server_has_is_found(server: TmuxServer) -> None:
    server.new("pay", "two words: here")
    found = Server(server.environ).look()
    assert found == Found((Pane("$0", "@0", "%0", "0", "0", "pay", "two words: here"),))
    with server.attached("pay"):
        found = Server({"PATH": os.environ["PATH"]}, str(server.socket)).look()
        assert found is not None
        assert [client.session for client in found.clients] == ["$0"]


@needs_tmux
def test_what_tmux_refuses_is_an_error_in_its_words(server: TmuxServer) -> None:
    server.new("pay")
    with pytest.raises(ProcessError, match="tmux refused") as caught:
        Server(server.environ).run([[("no-such-command",)]])
    assert caught.value.why == "unknown command: no-such-command"


@needs_tmux
def test_a_server_that_hangs_is_not_waited_for(server: TmuxServer) -> None:
    server.new("pay")
    pid = int(server.tmux("display-message", "-p", "#{pid}"))
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(ProcessError, match="does not answer"):
            Server(server.environ, seconds=0.2).look()
    finally:
        os.kill(pid, signal.SIGCONT)


@needs_tmux
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=st.text(st.characters(codec="utf-8", categories=("L", "P", "S", "Z", "N"))))
def test_an_option_holds_what_was_put_in(server: TmuxServer, text: str) -> None:
    if not server.socket.exists():
        server.new("pay")
    for each in (text, f"{text};", f"-{text}\\;"):
        Server(server.environ).run(
            [[("set-option", "-g", "--", "@text", inert(each)), ("set-option", "-g", "@after", "x")]]
        )
        assert server.option("@text", "-g") == inert(each)
