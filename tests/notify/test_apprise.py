"""apprise: what arrives at services on the loopback, and what is said of those that fail."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.notify import Means, Notice, Notifier, NotifyError
from checkpoint.notify.apprise import build
from checkpoint.notify.apprise_failures import Heard, judged, reason
from checkpoint.redaction import strip_controls
from tests.helpers.receiver import DROPPED, HELD, Answer, Receiver, nowhere, receiver

NOTICE = Notice("r1", "plan.md", "Payments: 3/5", "backend: 1 failing\nfrontend: done", "bad")
SECRET = "s3cr3tswordfish"


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as target:
        yield target


def built(*lines: str) -> tuple[Notifier, ...]:
    return build(Means("/nowhere", apprise="env:ADDRESSES", environ={"ADDRESSES": "\n".join(lines)}))


def failure(notifier: Notifier, notice: Notice = NOTICE) -> NotifyError:
    """The error; none of the address is in it."""
    with pytest.raises(NotifyError) as caught:
        notifier.send(notice)
    error = caught.value
    assert not {SECRET, "127.0.0.1"} & set(f"{error.what} {error.why} {error.mend}".replace("/", " ").split())
    assert SECRET not in repr(error)
    return error


def words(service: Receiver) -> tuple[str, str]:
    """Title and text of the last message that came as JSON."""
    message = json.loads(service.received[-1].body)
    return message["title"], message["message"]


def test_json_is_told(service: Receiver) -> None:
    (notifier,) = built(f"json://ada:{SECRET}@{service.address}/plans")
    notifier.send(NOTICE)
    (received,) = service.received
    assert received.path == "/plans"
    assert received.headers["User-Agent"] == "checkpoint"
    assert json.loads(received.body) == {
        "version": "1.0",
        "title": "Payments: 3/5",
        "message": "backend: 1 failing\nfrontend: done",
        "attachments": [],
        "type": "failure",
    }


def test_a_form_is_told(service: Receiver) -> None:
    built(f"form://{service.address}")[0].send(msgspec.structs.replace(NOTICE, text="a&b=c <d>"))
    fields = parse_qs(service.received[0].body.decode())
    assert (fields["title"], fields["message"]) == (["Payments: 3/5"], ["a&b=c <d>"])


def test_xml_is_told(service: Receiver) -> None:
    built(f"xml://{service.address}")[0].send(msgspec.structs.replace(NOTICE, text="a&b=c <d> ]]>"))
    parsed = ElementTree.fromstring(service.received[0].body)
    assert [each.text for each in parsed.iter() if each.tag.endswith("Message")] == ["a&b=c <d> ]]>"]


def test_ntfy_is_told(service: Receiver) -> None:
    built(f"ntfy://{service.address}/plans")[0].send(NOTICE)
    message = json.loads(service.received[0].body)
    assert (message["topic"], message["title"], message["message"]) == ("plans", NOTICE.title, NOTICE.text)
    assert "http" not in service.received[0].body.decode()


def test_each_address_is_a_channel_named_by_number_and_schema(service: Receiver) -> None:
    lines = ("# mine", "", f"  json://u:{SECRET}@host/{SECRET}  ", f"XML://{SECRET}", SECRET, f"{SECRET}:x")
    assert [each.name for each in built(*lines)] == ["apprise:1:json", "apprise:2:xml", "apprise:3", "apprise:4"]


def test_one_that_fails_keeps_nothing_from_the_others(service: Receiver) -> None:
    broken, works = built(f"json://{nowhere()}", f"json://{service.address}")
    failure(broken)
    works.send(NOTICE)
    assert len(service.received) == 1


@pytest.mark.parametrize(("level", "kind"), [("info", "info"), ("good", "success"), ("bad", "failure")])
def test_how_the_news_are_is_told(service: Receiver, level: str, kind: str) -> None:
    built(f"json://{service.address}")[0].send(msgspec.convert({**msgspec.to_builtins(NOTICE), "level": level}, Notice))
    assert json.loads(service.received[0].body)["type"] == kind


def test_a_notice_without_text_is_told_once(service: Receiver) -> None:
    built(f"json://{service.address}")[0].send(msgspec.structs.replace(NOTICE, text=" \n"))
    assert words(service) == ("", "Payments: 3/5")


def test_what_it_stands_for_is_told(service: Receiver) -> None:
    built(f"json://{service.address}")[0].send(msgspec.structs.replace(NOTICE, earlier=("1/5", "2/5"), unsure=("0/5",)))
    title, text = words(service)
    assert title == "Payments: 3/5"
    assert "2 earlier" in text
    assert "0/5" in text


PLAIN = "\\n \\x41 :smile: **b** [a](b) <b>b</b> {{ 1 }} ${HOME} &amp; %20 #x"


@pytest.mark.parametrize("options", ["", "?emojis=yes&format=text", "?tag=other&optional=yes&store=yes"])
def test_nothing_in_a_text_is_interpreted(service: Receiver, options: str) -> None:
    built(f"json://{service.address}/{options}")[0].send(msgspec.structs.replace(NOTICE, text=PLAIN))
    assert words(service) == ("Payments: 3/5", PLAIN)


def test_markup_is_escaped_for_a_service_that_takes_markup(service: Receiver) -> None:
    built(f"json://{service.address}/?format=html")[0].send(msgspec.structs.replace(NOTICE, text="<b>&</b>"))
    assert words(service)[1] == "&lt;b&gt;&amp;&lt;/b&gt;"


def test_nobody_is_called(service: Receiver) -> None:
    text = "@everyone <!channel> <@U1> <#C1|x> @here, ada@example.org a @ b <b>"
    built(f"json://{service.address}")[0].send(msgspec.structs.replace(NOTICE, title=text, text=text))
    quiet = "＠everyone ‹!channel> ‹＠U1> ‹#C1|x> ＠here, ada@example.org a @ b <b>"  # noqa: RUF001
    assert words(service) == (quiet, quiet)


@pytest.mark.parametrize("options", ["", "?overflow=split", "?overflow=upstream"])
def test_a_long_text_is_cut_and_stays_one_message(service: Receiver, options: str) -> None:
    long = "\n".join("x" * 100 for _ in range(600))
    built(f"json://{service.address}/{options}")[0].send(msgspec.structs.replace(NOTICE, title="t" * 999, text=long))
    assert len(service.received) == 1
    assert [len(each) for each in words(service)] == [250, 32768]


def test_attachments_and_settings_are_not_read_from_disk(service: Receiver, tmp_path: Path) -> None:
    (tmp_path / "apprise.conf").write_text(f"json://{service.address}")
    for line in (f"config://{tmp_path}/apprise.conf", f"include {tmp_path}/apprise.conf", str(tmp_path)):
        assert failure(built(line)[0]).lasting
    assert not service.received


def test_nothing_is_written(service: Receiver, home: Path) -> None:
    before = sorted(home.rglob("*"))
    built(f"json://{service.address}/?store=yes")[0].send(NOTICE)
    assert sorted(home.rglob("*")) == before


ANSWERS: dict[str, tuple[Answer, bool, bool, str]] = {
    "busy": (503, False, False, "503"),
    "asked too often": (429, False, False, "429"),
    "not allowed": (401, False, True, "401"),
    "no such channel": (404, False, True, "404"),
    "moved": ("http://127.0.0.1:1/", False, True, "302"),
    "broken, perhaps behind": (500, True, False, "500"),
    "no answer from behind": (504, True, False, "504"),
    "dropped": (DROPPED, True, False, "onnection error"),
    "slow": (HELD, True, False, "onnection error"),
}


@pytest.mark.parametrize(("answer", "doubtful", "lasting", "why"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_failure_says_what_it_means(
    service: Receiver, answer: Answer, doubtful: bool, lasting: bool, why: str
) -> None:
    service.default = answer
    (notifier,) = built(f"json://ada:{SECRET}@{service.address}/{SECRET}?rto=0.3&retry=3&wait=0")
    error = failure(notifier)
    assert (error.doubtful, error.lasting) == (doubtful, lasting)
    assert why in error.why
    assert error.what == "the service did not take the notice"
    assert len(service.received) == 1, "it was tried again"


def test_a_service_that_is_not_there_is_tried_again_later() -> None:
    error = failure(built(f"json://{nowhere()}/{SECRET}")[0])
    assert (error.doubtful, error.lasting) == (False, False)


def test_a_failure_is_none_any_more_when_the_service_is_back(service: Receiver) -> None:
    service.answers.append(503)
    (notifier,) = built(f"json://{service.address}")
    failure(notifier)
    notifier.send(NOTICE)
    assert len(service.received) == 2


def test_an_address_that_may_fail_fails_all_the_same(service: Receiver) -> None:
    service.default = 500
    failure(built(f"json://{service.address}/?optional=yes")[0])


def test_a_failure_of_one_of_several_targets_is_doubtful(service: Receiver) -> None:
    service.answers += [200, 404]
    error = failure(built(f"mmost://{service.address}/abcd0123456789efgh?channels=one,two&image=yes")[0])
    assert len(service.received) == 2
    assert error.doubtful
    assert b"icon_url" not in service.received[0].body


@pytest.mark.parametrize(
    "line",
    [
        f"json:/{SECRET}",
        f"nosuch://{SECRET}",
        f"json://:{SECRET}",
        f"slack://{SECRET}",
        f"windows://[{SECRET}",
        SECRET,
        "://",
        "é",
    ],
)
def test_what_apprise_does_not_know_waits_for_a_person(line: str, capfd: pytest.CaptureFixture[str]) -> None:
    error = failure(built(line)[0])
    assert (error.doubtful, error.lasting) == (False, True)
    assert error.mend
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("means", "what"),
    [
        (Means("/nowhere"), "no secret is named"),
        (Means("/nowhere", apprise="file:/nowhere/apprise"), "cannot be read"),
        (Means("/nowhere", apprise="env:A", environ={"A": "# none\n"}), "has no address"),
    ],
)
def test_addresses_that_cannot_be_read_are_one_channel_that_says_so(means: Means, what: str) -> None:
    (notifier,) = build(means)
    error = failure(notifier)
    assert notifier.name == "apprise"
    assert what in error.what
    assert error.lasting


def test_without_apprise_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    error = failure(built("json://127.0.0.1")[0])
    assert (error.mend, error.lasting) == ("pip install apprise", True)


ALONE = f"""
import logging
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.apprise import build

class Everything(logging.Handler):
    def emit(self, record):
        print(record.name, record.getMessage())

for listens in (False, True):
    for notifier in build(Means("/", apprise="env:A", environ={{"A": "json://ada:{SECRET}@ADDRESS\\nslack://{SECRET}"}})):
        try:
            notifier.send(Notice("k", "plan.md", "title", "text"))
        except NotifyError as error:
            print("failed", error.what)
    logging.basicConfig(level=logging.DEBUG, handlers=[Everything()])
"""


def test_nothing_is_logged(service: Receiver) -> None:
    """Neither where nobody listens, nor where somebody wants to hear everything."""
    service.default = 500
    run = subprocess.run(
        [sys.executable, "-c", ALONE.replace("ADDRESS", service.address)],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    assert run.stderr == ""
    assert SECRET not in run.stdout
    assert {line.partition(" ")[0] for line in run.stdout.splitlines()} == {"failed", "urllib3.connectionpool"}


def test_building_imports_nothing_of_apprise() -> None:
    code = (
        "import sys; from checkpoint.notify import Means; from checkpoint.notify.apprise import build;"
        "print(build(Means('/', apprise='env:A', environ={'A': 'json://h'}))[0].name,"
        " 'apprise' in sys.modules, 'logging' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert run.stdout.split() == ["apprise:1:json", "False", "False"]


@given(st.lists(st.tuples(st.booleans(), st.text()), max_size=5), st.integers(0, 3))
def test_whatever_is_heard_is_judged(heard: list[tuple[bool, str]], targets: int) -> None:
    judgement = judged([Heard(*each) for each in heard], targets)
    assert not (judgement.doubtful and judgement.lasting)


def test_words_of_a_notice_are_no_evidence() -> None:
    refused = "Failed to send notification: error=503."
    for text in ("JSON Payload: {'message': 'Connection refused'}", "Payload: 'Exception: Connection refused'"):
        assert judged([Heard(True, "it failed"), Heard(False, text)], 1).doubtful
        assert not judged([Heard(True, refused), Heard(False, text)], 1).doubtful
    assert judged([Heard(True, "it failed"), Heard(False, f"Payload: {refused}")], 1).doubtful


@given(
    user=st.text("abcdefXYZ019%_-.~", min_size=4),
    path=st.text("abcdefXYZ019%_-.~/", min_size=4),
    key=st.text("abcdefXYZ019%_-.~", min_size=4),
)
def test_no_part_of_an_address_is_told(user: str, path: str, key: str) -> None:
    address = f"json://{user}:{SECRET}@host.example/{path}?token={key}"
    parts = [user, SECRET, key, "host.example", *path.split("/")]
    parts += [form for part in parts for form in (unquote(part), part.lower())]
    told = reason([Heard(True, f"{' '.join(parts)} at {address}")], address)
    kept = strip_controls(told).replace("[redacted: known value]", "")
    assert not [part for part in map(strip_controls, parts) if len(part.strip()) >= 4 and part in kept]
