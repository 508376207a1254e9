"""A Slack of the tests' own, on the loopback: it takes and refuses what Slack does, and fails on demand.

with SlackServer() as slack:
    slack.url, slack.hook_url, slack.token  # the Web API, an incoming webhook, a bot's token
    slack.fail("limited", "dropped")        # what goes wrong with the next requests, one each
    slack.messages, slack.states()          # what was accepted, and all that people could read, in order

By itself, `python -m tests.helpers.slack_server PORT FILE` does the same until it is terminated: it says `ready` and
its address (PORT may be 0), and appends each message and each edit to FILE as a line of JSON. POST `/faults` takes
`[["limited", "", 2], …]` (see `Fault`); GET `/messages` gives what there is.
"""

import contextlib
import json
import select
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.helpers.slack_answers import Answer, Fault, Kind, in_json, read, refusal, refused, spoilt
from tests.helpers.slack_rules import Json, RefusedError
from tests.helpers.slack_state import Message
from tests.helpers.slack_workspace import Workspace

_HANG = 60.0


class SlackServer(Workspace):
    """A workspace behind HTTP. `requests` are the methods that were asked for, whatever came of them."""

    def __init__(self, *, port: int = 0, journal: Path | None = None, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.faults: deque[Fault] = deque()
        self.requests: list[str] = []
        self.broken: list[str] = []
        self._journal = journal
        self._noted = 0
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None
        self._port = port

    def __enter__(self) -> "SlackServer":
        self._start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop()
        assert not self.broken

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/"

    @property
    def hook_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/services/{next(iter(self.hooks))}"

    @property
    def token(self) -> str:
        return next(iter(self.tokens))

    @property
    def roots(self) -> list[Message]:
        return [each for each in self.messages if not each.thread]

    @property
    def replies(self) -> list[Message]:
        return [each for each in self.messages if each.thread]

    @property
    def expansions(self) -> list[str]:
        """All that Slack would have expanded or fetched, or that would have notified anybody."""
        return [each for message in self.messages for revision in message.revisions for each in revision.expansions]

    def states(self) -> list[str]:
        """All that people could read of root messages, each new text once, in the order of time."""
        revisions = sorted((each for root in self.roots for each in root.revisions), key=lambda each: each.at)
        return list(dict.fromkeys(revision.shown for revision in revisions))

    def fail(self, *faults: Fault | Kind) -> None:
        """What goes wrong with the next requests, one after the other."""
        with self._lock:
            self.faults += (each if isinstance(each, Fault) else Fault(each) for each in faults)

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Connections are refused meanwhile."""
        self._stop()
        try:
            yield
        finally:
            self._start()

    def answer(self, path: str, headers: Json, body: bytes) -> tuple[Answer, bool]:
        """The answer to a POST, and whether it is to be held back until the client has gone."""
        parts = path.lstrip("/").partition("/")
        method = parts[2] if parts[0] == "api" else "webhook"
        with self._lock:
            self.requests.append(method)
            fault = self._fault(method)
            if fault and fault.kind in ("limited", "cut", "html", "refused"):
                return refusal(fault, method), False
            try:
                answer = self._served(method, parts[2], headers, body)
            except RefusedError as error:
                return refused(error, method), False
            self._note()
        return spoilt(fault, answer), bool(fault and fault.kind == "slow")

    def _served(self, method: str, path: str, headers: Json, body: bytes) -> Answer:
        token, arguments = read(headers, body)
        if method == "webhook":
            self.hook(path, arguments)
            return Answer(200, b"ok", {"Content-Type": "text/html"})
        return in_json(200, self.call(method, token, arguments))

    def _fault(self, method: str) -> Fault | None:
        found = next((each for each in self.faults if each.method in ("", method)), None)
        if found:
            self.faults.remove(found)
        return found

    def _note(self) -> None:
        """Appends what is new to the journal."""
        revisions = [(each, number) for each in self.messages for number in range(len(each.revisions))]
        if self._journal and len(revisions) > self._noted:
            new = sorted(revisions, key=lambda each: each[0].revisions[each[1]].at)[self._noted :]
            with self._journal.open("a") as file:
                file.writelines(json.dumps(_line(message, number)) + "\n" for message, number in new)
        self._noted = len(revisions)

    def _start(self) -> None:
        self._server = _Server(self, self._port)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()

    def _stop(self) -> None:
        assert self._server
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, slack: SlackServer, port: int) -> None:
        self.slack = slack
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        kind, error, _ = sys.exc_info()
        if not isinstance(error, ConnectionError):  # a client that goes before its answer is part of the game
            self.slack.broken.append(f"{kind}: {error}")


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _HANG

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as in http.server
        """Says nothing."""

    def do_GET(self) -> None:
        self._send(in_json(200, [_line(each, -1) for each in self.server.slack.messages]))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/faults":
            self.server.slack.fail(*(Fault(*each) for each in json.loads(body)))
            self._send(in_json(200, {}))
            return
        answer, held = self.server.slack.answer(self.path, dict(self.headers.items()), body)
        if held:
            select.select([self.connection], [], [], _HANG)
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.close_connection = True
        if not answer.status:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, str(value))
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)


def _line(message: Message, number: int) -> Json:
    """A message as it stood after so many edits, for the journal."""
    revision = message.revisions[number]
    known = {"channel": message.channel, "ts": message.ts, "thread": message.thread, "by": message.by}
    return {**known, "edits": number % len(message.revisions), "shown": revision.shown, **asdict(revision)}


def main() -> None:
    port, file = sys.argv[1:]
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with SlackServer(port=int(port), journal=Path(file)) as slack:
        sys.stdout.write(f"ready {slack.url}\n")
        sys.stdout.flush()
        stopped.wait()


if __name__ == "__main__":
    main()
