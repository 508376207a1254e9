"""Pings: what a watchdog on the loopback hears, and what is said where it hears nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.errors import ConfigurationError
from checkpoint.triggers.ping import BODY, Ping, ping_address, ping_body
from tests.helpers.receiver import DROPPED, HELD, Answer, Receiver, nowhere, receiver

SECRET = "0f5e9c1a-swordfish"


@pytest.fixture
def watchdog() -> Iterator[Receiver]:
    with receiver() as target:
        yield target


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)


def made(address: str, say: Callable[[str], None] = lambda text: None, seconds: float = 10.0) -> Ping:
    return Ping("env:PING", {"PING": address}, say, seconds=seconds, wait=lambda _: None)


def one_run(ping: Ping, exit_status: int = 0, text: str = "") -> Ping:
    ping.started("run-1")
    ping.ended("run-1", exit_status, text)
    ping.close()
    return ping


def test_a_run_is_told_from_its_start_to_its_end(watchdog: Receiver) -> None:
    ping = one_run(made(f"http://{watchdog.address}/{SECRET}"), 4, "payments 3/5\nbackend: 2 failing")
    assert ping.problem == ""
    start, end = watchdog.received
    assert (start.method, start.body) == ("POST", b"")
    assert (end.method, end.body) == ("POST", b"payments 3/5\nbackend: 2 failing")
    assert [urlsplit(each.path).path for each in (start, end)] == [f"/{SECRET}/start", f"/{SECRET}/4"]
    rids = {rid for each in (start, end) for rid in parse_qs(urlsplit(each.path).query)["rid"]}
    assert len(rids) == 1
    assert str(UUID(rids.pop())) in start.path


def test_runs_have_ids_of_their_own(watchdog: Receiver) -> None:
    ping = made(f"http://{watchdog.address}")
    ping.started("run-1")
    ping.started("run-2")
    ping.close()
    assert len({each.path for each in watchdog.received}) == 2


@pytest.mark.parametrize(
    ("address", "path", "query"),
    [
        ("http://h/x", "/x/start", {}),
        ("http://h/x/", "/x/start", {}),
        ("https://h:8000//", "/start", {}),
        ("http://h", "/start", {}),
        ("http://h/x?create=1&a=b%20c", "/x/start", {"create": ["1"], "a": ["b c"]}),
        ("http://h/x/?create=1#top", "/x/start", {"create": ["1"]}),
    ],
)
def test_where_a_ping_goes(address: str, path: str, query: dict[str, list[str]]) -> None:
    found = urlsplit(ping_address(urlsplit(address), "start", "run-1"))
    assert (found.netloc, found.path) == (urlsplit(address).netloc, path)
    assert {name: value for name, value in parse_qs(found.query).items() if name != "rid"} == query
    assert "rid" in parse_qs(found.query)
    assert not found.fragment


@pytest.mark.parametrize(
    "address",
    [
        f"ftp://h/{SECRET}",
        f"file:///{SECRET}",
        f"h/{SECRET}",
        f"http:///{SECRET}",
        f"http://u:{SECRET}@h/",
        f"http://h:x/{SECRET}",
        f"http://h:99999/{SECRET}",
        f"http://h/{SECRET} x",
        f"http://h/{SECRET}\nhttp://i/",
        f"http://h/{SECRET}é",
        f"http://[h/{SECRET}",
    ],
)
def test_what_is_no_address_is_refused_and_not_quoted(address: str) -> None:
    with pytest.raises(ConfigurationError, match="env:PING holds no address") as caught:
        made(address)
    assert "swordfish" not in f"{caught.value.what} {caught.value.why} {caught.value.mend}"
    assert caught.value.mend


def test_an_address_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="env:PING is empty"):
        Ping("env:PING", {})


def test_without_an_address_nothing_is_sent() -> None:
    assert one_run(Ping("", {})).problem == ""


def test_a_secret_in_the_text_stays_here(watchdog: Receiver) -> None:
    one_run(made(f"http://{watchdog.address}"), 1, "found password=hunter2hunter2\x1b[31m ghp_" + "a1B2" * 9)
    body = watchdog.received[-1].body.decode()
    assert "found" in body
    assert not [each for each in ("hunter2", "ghp_", "\x1b") if each in body]


@given(st.text("aé漢🙂", min_size=1))
def test_a_long_text_is_cut_between_characters(text: str) -> None:
    body = ping_body(text * (1 + BODY // len(text)))
    assert BODY - 4 < len(body) <= BODY
    assert set(body.decode()) <= set(text)


ANSWERS: list[tuple[Answer, str]] = [
    (404, "HTTP status 404"),
    (500, "HTTP status 500"),
    (503, "HTTP status 503"),
    ("http://127.0.0.1:1/", "HTTP status 302"),
    (DROPPED, "the connection was ended"),
    (HELD, "no answer within 0.3 s"),
]


@pytest.mark.parametrize(("answer", "why"), ANSWERS)
def test_what_may_have_arrived_is_not_sent_again(watchdog: Receiver, answer: Answer, why: str) -> None:
    watchdog.default = answer
    said: list[str] = []
    ping = made(f"http://{watchdog.address}/{SECRET}", said.append, seconds=0.3)
    ping.started("run-1")
    ping.close()
    assert len(watchdog.received) == 1
    assert said == [ping.problem] == [f"a ping did not arrive: {why}"]


def test_a_redirection_is_not_followed(watchdog: Receiver) -> None:
    with receiver() as other:
        watchdog.default = f"http://{other.address}/{SECRET}"
        one_run(made(f"http://{watchdog.address}"))
        assert not other.received


def test_what_cannot_have_arrived_is_tried_again() -> None:
    """The watchdog comes up between the two tries."""
    address = nowhere()
    with ExitStack() as stack:
        up: list[Receiver] = []
        port = int(address.rpartition(":")[2])
        ping = Ping("env:A", {"A": f"http://{address}"}, wait=lambda _: up.append(stack.enter_context(receiver(port))))
        one_run(ping)
        assert ping.problem == ""
        assert [len(each.received) for each in up] == [2]


def test_it_is_tried_twice_and_no_more() -> None:
    said: list[str] = []
    waits: list[float] = []
    ping = Ping("env:A", {"A": f"http://{nowhere()}/{SECRET}"}, said.append, wait=waits.append)
    ping.ended("run-1", 0, "")
    ping.close()
    assert waits == [1.0]
    assert said == [ping.problem] == ["a ping did not arrive: Connection refused"]


def test_where_no_time_is_left_it_is_tried_once() -> None:
    waits: list[float] = []
    ping = Ping("env:A", {"A": f"http://{nowhere()}"}, wait=waits.append, seconds=0.9)
    assert one_run(ping).problem
    assert not waits


def test_the_same_problem_is_said_once() -> None:
    said: list[str] = []
    ping = one_run(made(f"http://{nowhere()}", said.append))
    assert said == [ping.problem]


def test_a_proxy_of_the_environment_is_used(watchdog: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{watchdog.address}")
    one_run(made("http://watchdog.example/x"))
    assert watchdog.received[0].path.startswith("http://watchdog.example/x/start?rid=")


def test_a_problem_is_over_when_a_ping_arrives(watchdog: Receiver) -> None:
    watchdog.answers.append(500)
    said: list[str] = []
    ping = one_run(made(f"http://{watchdog.address}", said.append))
    assert len(watchdog.received) == 2
    assert ping.problem == ""
    assert said == ["a ping did not arrive: HTTP status 500"]


def test_nobody_waits_for_a_watchdog_that_does_not_answer(watchdog: Receiver) -> None:
    watchdog.default = HELD
    ping = made(f"http://{watchdog.address}", seconds=0.2)
    for number in range(50):
        ping.started(str(number))  # comes back, or the test does not end
    ping.close()
    assert "no answer within 0.2 s" in ping.problem


def test_answers_that_never_end_do_not_gather(watchdog: Receiver) -> None:
    watchdog.default = HELD
    said: list[str] = []
    ping = made(f"http://{watchdog.address}", said.append)
    for number in range(50):
        ping.started(str(number))
    gathered = [each for each in threading.enumerate() if each.name == "ping"]
    watchdog.ends.set()
    assert len(gathered) < 20
    assert said[0] == "a ping did not arrive: no answer within 10 s"


def test_one_that_does_not_answer_is_given_up(watchdog: Receiver) -> None:
    watchdog.default = HELD
    made(f"http://{watchdog.address}", seconds=0.2).started("run-1")
    under_way = [each for each in threading.enumerate() if each.name == "ping"]
    assert under_way
    for thread in under_way:
        assert thread.daemon, "it would keep the process from ending"
        thread.join(20)
        assert not thread.is_alive()


def test_no_host_of_that_name_is_said_without_it() -> None:
    ping = one_run(made(f"http://{'x' * 64}.invalid/{SECRET}"))
    assert ping.problem.startswith("a ping did not arrive: ")
    assert not [each for each in ("swordfish", "invalid", "xxx") if each in ping.problem]
