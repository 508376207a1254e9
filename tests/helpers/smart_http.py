"""A git server over HTTP on the loopback: `git http-backend` behind Python's own server."""

import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, TypeAlias

Answer: TypeAlias = int | None
"""A status to give instead of asking git; None for git's own answer."""
Kind: TypeAlias = Literal["nothing", "reset", "cut", "silent", "html", "401", "403", "404", "500", "503"]
"""What a request gets instead of its answer: the connection reset, half of the answer, nothing until it gives up, a
page for people, or that status."""

_HELD = 30.0
_PAGE = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body>Please sign in</body></html>\n"


class Behaviour:
    """What the server does wrong. `status` answers everything; `drop_pushes` cuts off the answers to pushes."""

    def __init__(self) -> None:
        self.status: Answer = None
        self.drop_pushes = False
        self.pushes = 0
        self.asked: Callable[[str], object] = lambda path: None
        """Is called with the path and query of each request before git answers it."""
        self.requests: list[str] = []
        """The path of each request since `fail` was last called."""
        self.fault: Kind = "nothing"
        self.number = 0
        self.is_served = False
        self.lasts = False

    def fail(self, number: int, fault: Kind, *, served: bool = False, lasts: bool = False) -> None:
        """What goes wrong with the request of that number, counted anew.

        `served`: git has done its work before. `lasts`: all later ones go wrong as well.
        """
        self.number, self.fault, self.is_served, self.lasts = number, fault, served, lasts
        self.requests.clear()

    def next_fault(self, path: str) -> Kind:
        self.requests.append(path)
        number = len(self.requests)
        return self.fault if number == self.number or (self.lasts and number > self.number) else "nothing"


class _Handler(BaseHTTPRequestHandler):
    timeout = 30

    def __init__(self, folder: Path, behaviour: Behaviour, *arguments: object) -> None:
        self.folder = folder
        self.behaviour = behaviour
        super().__init__(*arguments)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as in http.server
        """Says nothing."""

    def _serve(self) -> None:
        body = self._body()
        if self.behaviour.status is not None:
            self.send_error(self.behaviour.status)
            return
        self.behaviour.asked(self.path)
        fault = self.behaviour.next_fault(self.path)
        if fault != "nothing":
            self._go_wrong(fault, self._backend(body) if fault == "cut" or self.behaviour.is_served else b"")
            return
        answer = self._backend(body)
        if self.path.endswith("/git-receive-pack"):
            self.behaviour.pushes += 1
            if self.behaviour.drop_pushes:
                self.close_connection = True
                return
        self._send(answer)

    def _go_wrong(self, fault: Kind, answer: bytes) -> None:
        self.close_connection = True
        if fault == "silent":
            self.connection.settimeout(_HELD)
            self.connection.recv(1)
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.shutdown(socket.SHUT_RD)
        elif fault == "cut":
            self._send(answer, cut=True)
        elif fault == "html":
            self._send(b"Content-Type: text/html\r\n\r\n" + _PAGE)
        else:
            self.send_error(int(fault))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        return body

    def _backend(self, body: bytes) -> bytes:
        path, _, query = self.path.partition("?")
        variables = {
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "ada",
        }
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            env={**os.environ, **variables},
            capture_output=True,
            timeout=30,
            check=True,
        )
        return done.stdout

    def _send(self, answer: bytes, *, cut: bool = False) -> None:
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if cut else content)


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):  # clients may go when they like
            super().handle_error(request, client_address)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Behaviour]]:
    """The address below which the bare repositories of a folder are served, for reading and pushing."""
    behaviour = Behaviour()
    server = _Server(("127.0.0.1", 0), partial(_Handler, folder, behaviour))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", behaviour
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
