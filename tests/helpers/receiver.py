"""An HTTP server on the loopback that keeps what is posted to it, and answers as a test wants.

with receiver() as target:
    target.answers += [500, DROPPED]       # for the first and second request; afterwards 200 again
    …
    assert target.received[0].path == "/notify"
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, NamedTuple, TypeAlias

Answer: TypeAlias = int | str
"""A status; or DROPPED, HELD, or the address that a redirection leads to."""
DROPPED: Final = "dropped"
"""The request is taken, and the connection ended without an answer."""
HELD: Final = "held"
"""The request is taken, and nothing answered until the server ends."""


class Received(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """What a server has received, in order; `answers` are for the next requests, then `default` is."""

    def __init__(self) -> None:
        self.address = ""
        self.received: list[Received] = []
        self.answers: list[Answer] = []
        self.default: Answer = 200
        self.ends = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    timeout = 30

    def __init__(self, target: Receiver, *arguments: object) -> None:
        self.target = target
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as in http.server
        """Says nothing."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.target.received.append(Received(self.command, self.path, dict(self.headers.items()), body))
        answer = self.target.answers.pop(0) if self.target.answers else self.target.default
        if answer == HELD:
            self.target.ends.wait(30)
        if answer in (HELD, DROPPED):
            self.close_connection = True
            return
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked has given up
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        self.send_response(answer if isinstance(answer, int) else 302)
        if isinstance(answer, str):
            self.send_header("Location", answer)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """A server for the time of a test, on any port or a certain one; its address is `127.0.0.1:PORT`."""
    target = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, target))
    target.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield target
    finally:
        target.ends.set()
        server.shutdown()
        thread.join()
        server.server_close()


def nowhere() -> str:
    """A loopback address where nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"
