"""A real tmux server on a socket of its own, and terminals that look at it.

with serving() as server:
    server.new("pay", "backend")
    with server.attached("pay") as client:
        server.tmux("set-option", "-g", "status-right", "hello")
        client.wait_for("hello")
"""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pytest

SECONDS = 20.0
_MESSAGE = re.compile(r"\S+ \S+ message: (.*)")

FORMS = "A=#{@checkpoint} B=#{E:@checkpoint} C=#{T:@checkpoint} D=#{=150:@checkpoint} F=#{E:#{E:@checkpoint}}"
BORDERS = FORMS.replace("@checkpoint", "@checkpoint_next")
EVERY_FORM = {
    "status-left": "",
    "status-right": FORMS,
    "status-right-length": "1000",
    "pane-border-status": "top",
    "pane-border-format": BORDERS,
    "set-titles": "on",
    "set-titles-string": FORMS,
    "window-status-format": BORDERS,
    "display-time": "50",
}
"""Settings of a tmux in which every form of our options is shown."""

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class TmuxServer:
    """One server. `environ` is what a process has that shall find it, as a pane's would."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "tmux.socket"
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm-256color",
            "TMUX": f"{self.socket},1,0",
        }

    def tmux(self, *words: str) -> str:
        """What tmux prints; an assertion where it fails."""
        done = subprocess.run(self._argv(words), env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.removesuffix("\n")

    def new(self, session: str, window: str = "") -> str:
        """A session with one window, in which nothing happens; the id of its pane."""
        named = ("-n", window) if window else ()
        words = ("new-session", "-d", "-P", "-F", "#{pane_id}", "-s", session, *named, "-x", "200", "-y", "20", "cat")
        return self.tmux(*words, ";", "set-option", "-s", "message-limit", "1000000")

    @contextmanager
    def attached(self, session: str) -> Iterator["TmuxClient"]:
        """A terminal that looks at a session, from when it has been drawn."""
        environ = {name: value for name, value in self.environ.items() if name != "TMUX"}
        words = self._argv(("attach-session", "-t", f"={session}"))
        child = pexpect.spawn(words[0], words[1:], env=environ, dimensions=(20, 200), encoding="utf-8", timeout=SECONDS)
        client = TmuxClient(child)
        try:
            client.wait_for("\x1b[?1049h")
            wait_until(lambda: str(child.pid) in self.tmux("list-clients", "-F", "#{client_pid}").split())
            yield client
        finally:
            child.close(force=True)

    def messages(self) -> list[str]:
        """The messages that clients were shown, the latest first."""
        found = map(_MESSAGE.fullmatch, self.tmux("show-messages").split("\n"))
        return [match[1] for match in found if match]

    def option(self, name: str, *scope: str) -> str:
        """What a user option is there, "" where it is not set."""
        return self.tmux("show-options", "-qv", *scope, name)

    def _argv(self, words: tuple[str, ...]) -> list[str]:
        return ["tmux", "-u", "-f", "/dev/null", "-S", str(self.socket), *words]


class TmuxClient:
    """A terminal in which tmux runs, and all that it has been sent so far."""

    def __init__(self, child: "pexpect.spawn[str]") -> None:
        self._child = child
        self.sent = ""

    def wait_for(self, text: str) -> None:
        wait_until(lambda: text in self.read())

    def read(self) -> str:
        with suppress(pexpect.TIMEOUT):
            while True:
                self.sent += self._child.read_nonblocking(65536, 0)
        return self.sent


def wait_until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds, and fails where it takes too long."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@contextmanager
def serving() -> Iterator[TmuxServer]:
    """A server that ends with the context; it starts with its first session."""
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket has to be short
        server = TmuxServer(Path(folder))
        try:
            yield server
        finally:
            subprocess.run(server._argv(("kill-server",)), env=server.environ, capture_output=True, check=False)
