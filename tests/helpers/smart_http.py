"""A git server over HTTP on the loopback: `git http-backend` behind Python's own server."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

Answer: TypeAlias = int | None
"""A status to give instead of asking git; None for git's own answer."""


class Behaviour:
    """What the server does wrong. `status` answers everything; `drop_pushes` cuts off the answers to pushes."""

    def __init__(self) -> None:
        self.status: Answer = None
        self.drop_pushes = False
        self.pushes = 0


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
        answer = self._backend(body)
        if self.path.endswith("/git-receive-pack"):
            self.behaviour.pushes += 1
            if self.behaviour.drop_pushes:
                self.close_connection = True
                return
        self._send(answer)

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

    def _send(self, answer: bytes) -> None:
        head, _, content = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Behaviour]]:
    """The address below which the bare repositories of a folder are served, for reading and pushing."""
    behaviour = Behaviour()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, folder, behaviour))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", behaviour
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
