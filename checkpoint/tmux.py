"""The door to tmux: what sessions, windows, panes and clients the user's server has, and commands for it.

tmux runs programs that it finds in a format (`#(…)`), and no escape is right for each version and for each number of
times that a text is expanded. So text from outside never stands in a format: it goes into a user option, without a
`#`, and our own formats name the option. Targets are ids that tmux gave us, never words from outside.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from checkpoint import process
from checkpoint.errors import ProcessError
from checkpoint.redaction import strip_controls

WIDTH = 200
"""Characters of a text that tmux is given, at most."""
SECONDS = 5.0
_ROOM = 8 * 1024
"""Bytes of one sequence of commands: tmux takes twice as much."""
_NUMBER_SIGN = "\uff03"
"""What `#` becomes: it looks much the same, and no format begins with it."""
_NO_SERVER = ("no server running on ", "(No such file or directory)")
_PANES = "#{session_id} #{window_id} #{pane_id} #{window_index} #{pane_index} #{session_name}:#{window_name}"
_CLIENTS = "#{client_control_mode} #{session_id} #{client_name}"


class Pane(msgspec.Struct, frozen=True):
    """A pane where it is shown: a window may be linked into several sessions. `session`, `window`, `pane` are ids."""

    session: str
    window: str
    pane: str
    window_index: str
    pane_index: str
    session_name: str
    window_name: str


class Client(msgspec.Struct, frozen=True):
    """A terminal in which somebody looks at a session."""

    session: str
    name: str


class Found(msgspec.Struct, frozen=True):
    """What a server has at this moment."""

    panes: tuple[Pane, ...] = ()
    clients: tuple[Client, ...] = ()


class Place(msgspec.Struct, frozen=True, order=True):
    """What options are set on: a pane, window or session, by its id; `session` is the one that shows it."""

    flags: tuple[str, ...]
    target: str
    session: str


class Server:
    """The server that tmux itself would choose: that of `TMUX`, else the default one; or that of a socket."""

    def __init__(self, environ: Mapping[str, str], socket: str = "", seconds: float = SECONDS) -> None:
        self._environ = environ
        self._seconds = seconds
        self._socket = ("-S", socket) if socket else ()

    @property
    def is_installed(self) -> bool:
        return shutil.which("tmux", path=self._environ.get("PATH", "/usr/bin:/bin")) is not None

    def look(self) -> Found | None:
        """What there is; None where no server runs: none is ever started. Raises ProcessError."""
        told = self._ask(("list-panes", "-a", "-F", _PANES, ";", "list-clients", "-F", f"client {_CLIENTS}"))
        return None if told is None else parsed(told)

    def options(self, prefix: str) -> tuple[str, ...]:
        """The names of the global options that begin with this; none where no server runs. Raises ProcessError."""
        names = (line.partition(" ")[0] for line in (self._ask(("show-options", "-g")) or "").split("\n"))
        return tuple(name for name in names if name.startswith(prefix))

    def run(self, groups: Iterable[Sequence[Sequence[str]]]) -> None:
        """Runs groups of commands, each group as a whole, whatever becomes of this process. Raises ProcessError."""
        for sequence in sequences(groups):
            self._ask(sequence)

    def _ask(self, words: Sequence[str]) -> str | None:
        result = process.run(("tmux", "-u", *self._socket, *words), env=self._environ, seconds=self._seconds)
        said = result.stderr.decode(errors="replace").strip()
        if result.timed_out:
            raise ProcessError("tmux does not answer", why=f"it did not within {self._seconds:g} s")
        if result.status and any(words in said for words in _NO_SERVER):
            return None
        if result.status:
            raise ProcessError("tmux refused", why=said.partition("\n")[0] or f"status {result.status}")
        return result.stdout.decode(errors="replace")


def inert(text: str, width: int = WIDTH) -> str:
    """The text as one line of printable characters that does nothing in tmux, however often it is expanded."""
    line = " ".join(strip_controls(text[: 64 * width]).split()).replace("#", _NUMBER_SIGN)
    return line if len(line) <= width else line[: width - 1] + "…"


def parsed(told: str) -> Found:
    """What `look` was told. Names stand last: they may have blanks in them."""
    panes, clients = [], []
    for line in told.split("\n"):
        if line.startswith("client 0 "):  # control clients are programs
            clients.append(Client(*line.split(" ", 3)[2:]))
        elif line.startswith("$"):
            *ids, names = line.split(" ", 5)
            session, _, window = names.partition(":")  # there is none in a session's name
            panes.append(Pane(ids[0], ids[1], ids[2], ids[3], ids[4], session, window))
    return Found(tuple(panes), tuple(clients))


def places(panes: Iterable[Pane], terminal: str) -> tuple[Place, ...]:
    """What a terminal named `SESSION`, `SESSION:WINDOW`, `SESSION:WINDOW.PANE` or `%ID` is: nothing where none is.

    Names are compared whole; a window may be named by its index. What tmux would make of other targets does not count.
    """
    if terminal.startswith("%"):
        return _unique(Place(("-p",), pane.pane, pane.session) for pane in panes if pane.pane == terminal)
    session, _, window = terminal.partition(":")
    mine = [pane for pane in panes if pane.session_name == session]
    if not window:
        return _unique(Place((), pane.session, pane.session) for pane in mine)
    name, _, index = window.rpartition(".")
    return _unique(
        Place(("-w",), pane.window, pane.session) for pane in mine if window in (pane.window_name, pane.window_index)
    ) or _unique(
        Place(("-p",), pane.pane, pane.session)
        for pane in mine
        if pane.pane_index == index and name in (pane.window_name, pane.window_index)
    )


def sequences(groups: Iterable[Sequence[Sequence[str]]]) -> Iterator[tuple[str, ...]]:
    """The words of as few runs of tmux as will do; no group is divided."""
    words: list[str] = []
    for group in groups:
        more = [word for command in group for word in (*map(_argument, command), ";")]
        if words and _size(words) + _size(more) > _ROOM:
            yield tuple(words)
            words = []
        words += more
    if words:
        yield tuple(words)


def _argument(word: str) -> str:
    """The word, which tmux would take for the end of a command where it ends in a semicolon."""
    return f"{word[:-1]}\\;" if word.endswith(";") else word


def _size(words: Iterable[str]) -> int:
    return sum(len(word.encode()) + 1 for word in words)


def _unique(found: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(found))
