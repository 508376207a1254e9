"""Tells a watchdog that the schedule is kept, in the way of Healthchecks: an address that hears of each checkpoint.

It raises the alarm when it hears nothing, or of a failure. The requests: https://healthchecks.io/docs/http_api/
"""

from __future__ import annotations

import errno
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from checkpoint.credentials import read
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.redaction import redact

BODY = 100_000
"""Bytes of a text that are sent: Healthchecks keeps no more."""
_SECONDS = 10.0
_PAUSE = 1.0
_UNDER_WAY = 8
"""Pings at a time. An answer that never ends keeps its thread for ever: a limit for each read ends none of them."""
_NAMESPACE = uuid.UUID("7d3a3d5e-8f0b-5c0c-9c7a-3f1f0f6f9e55")
_HEADERS = {"User-Agent": "checkpoint", "Content-Type": "text/plain; charset=utf-8"}
_UNREACHED = (errno.ECONNREFUSED, errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN)


class Ping:
    """Sends in the background, one after the other, and never raises once it is made.

    `reference` is the credential that holds the address; empty, nothing is sent. `say` hears of each new problem, from
    another thread; `problem` is what kept the last ping from arriving, or empty. Neither shows the address.
    `seconds` are for one ping with both of its tries; `wait` is what lies between them, given its seconds.
    Raises ConfigurationError for an address that cannot be read or is none.
    """

    def __init__(
        self,
        reference: str,
        environ: Mapping[str, str],
        say: Callable[[str], None] = lambda text: None,
        *,
        seconds: float = _SECONDS,
        wait: Callable[[float], object] | None = None,
    ) -> None:
        self.problem = ""
        self._address = _checked(reference, read(reference, environ)) if reference else None
        self._say = say
        self._seconds = seconds
        self._closing = threading.Event()
        self._wait = wait or self._closing.wait
        self._last: threading.Thread | None = None
        self._under_way: list[threading.Thread] = []

    def started(self, run: str) -> None:
        """Says that a checkpoint has begun. `run` is its id."""
        self._begin("start", run, "")

    def ended(self, run: str, exit_status: int, text: str) -> None:
        """Says that it has ended: well with the status 0. `text` is for people to read; secrets are taken out of it."""
        self._begin(str(exit_status), run, text)

    def close(self) -> None:
        """Waits for what is under way, about as long as one ping may take."""
        self._closing.set()
        if self._last:
            self._last.join(self._seconds)
            if self._last.is_alive():
                self._note(f"no answer within {self._seconds:g} s")

    def _begin(self, what: str, run: str, text: str) -> None:
        if self._address is None:
            return
        self._under_way = [thread for thread in self._under_way if thread.is_alive()]
        if len(self._under_way) >= _UNDER_WAY:
            self._note(f"no answer within {self._seconds:g} s")
            return
        arguments = (ping_address(self._address, what, run), text, self._last)
        thread = threading.Thread(target=self._carry, args=arguments, name="ping", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            self._note("this machine runs too much already")
        else:
            self._last = thread
            self._under_way.append(thread)

    def _carry(self, url: str, text: str, before: threading.Thread | None) -> None:
        if before:
            before.join(self._seconds)  # so that an end does not overtake its beginning
        try:
            self._deliver(url, ping_body(text))
        except (OSError, ValueError, load("http.client").HTTPException) as error:
            self._note(_words(error, self._seconds))
        else:
            self.problem = ""

    def _deliver(self, url: str, body: bytes) -> None:
        end = time.monotonic() + self._seconds
        try:
            _post(url, body, self._seconds)
        except OSError as error:
            if not _never_arrived(error) or end - time.monotonic() <= _PAUSE:
                raise
            self._wait(_PAUSE)
            _post(url, body, end - time.monotonic())

    def _note(self, why: str) -> None:
        problem = f"a ping did not arrive: {why}"
        if problem != self.problem:
            self.problem = problem
            self._say(problem)


def ping_address(address: SplitResult, what: str, run: str) -> str:
    """Where one ping goes: `what` is `start` or an exit status. Pings of one run have an id in common."""
    query = "&".join(filter(None, (address.query, f"rid={uuid.uuid5(_NAMESPACE, run)}")))
    return address._replace(path=f"{address.path.rstrip('/')}/{what}", query=query, fragment="").geturl()


def _checked(reference: str, address: str) -> SplitResult:
    wrong = ConfigurationError(
        f"{reference} holds no address for pings",
        why="it takes an http or https address, without a user's name, on one line",
        mend="copy it from the service that is to be told",
    )
    try:
        parts = urlsplit(address)
        is_whole = parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    is_plain = address.isascii() and address.isprintable() and " " not in address and "@" not in parts.netloc
    if parts.scheme not in ("http", "https") or not is_whole or not is_plain:
        raise wrong
    return parts


def ping_body(text: str) -> bytes:
    return redact(text).encode()[:BODY].decode(errors="ignore").encode()


def _post(url: str, body: bytes, seconds: float) -> None:
    """Raises OSError, ValueError or HTTPException. A redirection is none of its own: it would lose the text."""
    request = load("urllib.request")
    opener = request.OpenerDirector()
    kinds = ("ProxyHandler", "HTTPHandler", "HTTPSHandler", "HTTPDefaultErrorHandler", "HTTPErrorProcessor")
    for kind in kinds:
        opener.add_handler(getattr(request, kind)())
    try:
        opener.open(request.Request(url, body, _HEADERS, method="POST"), timeout=seconds).close()
    except load("urllib.error").HTTPError as error:
        error.close()
        raise


def _never_arrived(error: OSError) -> bool:
    reason = getattr(error, "reason", None)  # of a URLError: what kept it from connecting, or from sending it all
    return isinstance(reason, socket.gaierror) or getattr(reason, "errno", None) in _UNREACHED


def _words(error: Exception, seconds: float) -> str:
    """What went wrong, in words in which no part of an address can be."""
    status: Any = getattr(error, "code", None)
    if isinstance(status, int):
        return f"HTTP status {status}"
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"no answer within {seconds:g} s"
    if isinstance(reason, socket.gaierror):
        return "its host is not known"
    if isinstance(reason, ConnectionResetError | BrokenPipeError):
        return "the connection was ended"
    number = getattr(reason, "errno", None) or 0
    return os.strerror(number) if number in errno.errorcode else type(reason).__name__
