"""Shells of Ada's in a tmux server of their own, in which things are typed, and how they look to whoever sits there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from docs.pictures.bookshop import Bookshop, wait_until
from tests.helpers.tmux_server import TmuxServer, serving

BASHRC = r"""
PS1='\[\e[34m\]bookshop\[\e[0m\] $ '
PROMPT_COMMAND='tmux wait-for -S $TMUX_PANE'
"""


class Shells:
    """The server, and its panes by their numbers."""

    def __init__(self, server: TmuxServer, shop: Bookshop, session: str, size: tuple[int, int]) -> None:
        self.server = server
        self._session = session
        server.environ |= shop.environ | {"TMUX": server.environ["TMUX"]}
        settings = shop.work.parent / "bashrc"
        settings.write_text(BASHRC)
        self._shell = f"bash --rcfile {settings}"
        width, height = map(str, size)
        where = ("-s", session, "-n", "agents", "-c", str(shop.work))
        server.tmux("new-session", "-d", *where, "-x", width, "-y", height, self._shell)
        self._wait_for_prompt(0)

    def split(self) -> None:
        """One pane more, below."""
        self.server.tmux("split-window", "-t", self._session, "-c", "#{pane_current_path}", self._shell)
        self._wait_for_prompt(1)

    def type(self, pane: int, command: str) -> None:
        """Runs a command line, and waits for its end."""
        self.server.tmux("send-keys", "-t", self._target(pane), command, "Enter")
        self._wait_for_prompt(pane)

    def shown(self, pane: int, *flags: str) -> str:
        """What stands in a pane, with `-e` in its colours."""
        return self.server.tmux("capture-pane", "-p", *flags, "-t", self._target(pane))

    def _wait_for_prompt(self, pane: int) -> None:
        name = self.server.tmux("display-message", "-p", "-t", self._target(pane), "#{pane_id}")
        self.server.tmux("wait-for", name)
        wait_until(lambda: self.shown(pane).rstrip().endswith("bookshop $"))

    def _target(self, pane: int) -> str:
        return f"{self._session}:0.{pane}"


@contextmanager
def shells(shop: Bookshop, session: str, size: tuple[int, int]) -> Iterator[Shells]:
    """A session of that name with one shell, as large as `size`: columns and rows."""
    with serving() as server:
        yield Shells(server, shop, session, size)
