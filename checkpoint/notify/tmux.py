"""Tells a notice in tmux: a message to who looks at the teams' sessions, and options for status lines and borders.

| option                | where                                  | what                                    |
| `@checkpoint`         | sessions of the teams, else everywhere | the latest checkpoint, in a line        |
| `@checkpoint_trouble` | everywhere                             | what keeps checkpoints from people now  |
| `@checkpoint_next`    | the pane, window or session of a team  | its first next action                   |

Whether a session was told is known by an option on it, which the server sets together with the message. Of troubles the
latest is shown; each that is open has an option of its own, `@checkpoint_trouble_WHEN_WHICH`, until it is over.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

import msgspec

from checkpoint.errors import ProcessError
from checkpoint.notify import Means, Notice, NotifyError, TeamNotice
from checkpoint.notify.plain import counted, heading, remarks
from checkpoint.tmux import Client, Found, Place, Server, inert, places

Command: TypeAlias = tuple[str, ...]

LEVELS = {"good": "✓", "bad": "✗", "info": "·"}
_MESSAGE = "@checkpoint_message"
_TROUBLE = "@checkpoint_trouble"
_OPEN = re.compile(rf"{_TROUBLE}_\d{{15}}_(?P<which>[0-9a-f]{{12}})")
_CLIENT = re.compile(r"[\w/.-]+", re.ASCII)
"""Names of clients that can stand in quotes: all that tmux itself gives."""
_NUMBER = re.compile(r"\d+\. ")


class TmuxNotifier:
    """Tells the server whatever it has of the teams' terminals. `memory` keeps apart the notices of different plans."""

    name = "tmux"
    template = "tmux"
    repeatable = True
    silent = True

    def __init__(self, server: Server, memory: str = "") -> None:
        self._server = server
        self._memory = memory

    def send(self, notice: Notice) -> str:
        """How many look at it now. Without a server there is nobody to tell. Raises NotifyError."""
        if not self._server.is_installed:
            raise NotifyError("tmux cannot be run", why="it is not on PATH", mend="install tmux", lasting=True)
        try:
            found = self._server.look()
            if found is not None:
                there = self._server.options(f"{_TROUBLE}_") if notice.kind == "trouble" else ()
                told = (*_trouble(notice, self._memory, there), *commands(notice, found, self._memory))
                self._server.run(told)
        except ProcessError as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend) from error
        return counted(len(found.clients), "client") if found else "no tmux server"


class _Seat(msgspec.Struct, frozen=True):
    """A team's place, and what it is to do next there."""

    place: Place
    action: str


def commands(notice: Notice, found: Found, memory: str) -> Iterator[Sequence[Command]]:
    """What the server is to do, in groups that belong together."""
    seats = [
        _Seat(place, f"{team.team}: {_first(team)}")
        for team in notice.teams
        for place in places(found.panes, team.terminal)
    ]
    named = any(team.terminal for team in notice.teams)
    sessions = sorted({seat.place.session for seat in seats} if named else {pane.session for pane in found.panes})
    everywhere: list[tuple[str, ...]] = [("-g",)]
    yield from _options(notice, [("-t", session) for session in sessions] if named else everywhere)
    yield from _actions(seats)
    for session in sessions:
        clients = [client for client in found.clients if client.session == session and _CLIENT.fullmatch(client.name)]
        actions = dict.fromkeys(seat.action for seat in seats if seat.place.session == session)
        if clients:
            yield _message(notice, actions, clients, f"@checkpoint_told_{_digest(memory or notice.plan)}")


def _options(notice: Notice, scopes: Iterable[tuple[str, ...]]) -> Iterator[Sequence[Command]]:
    """The status line's option; only a checkpoint changes it."""
    for scope in scopes:
        if notice.kind == "checkpoint":
            yield [_set(scope, "@checkpoint", f"{LEVELS[notice.level]} {notice.text or notice.title}")]


def _trouble(notice: Notice, memory: str, there: Iterable[str]) -> Iterator[Sequence[Command]]:
    """What a trouble, or its end, makes of the options of those that are open: `there`, by their names."""
    if notice.kind != "trouble":
        return
    which = _digest(f"{memory or notice.plan}\0{notice.about}")
    known = {name: found["which"] for name in there if (found := _OPEN.fullmatch(name))}
    group: list[Command] = [("set-option", "-gqu", name) for name in known if known[name] == which]
    still = [name for name in known if known[name] != which]
    if notice.level != "good":
        still.append(f"{_TROUBLE}_{int(notice.at * 1000):015d}_{which}")
        group.append(_set(("-g",), still[-1], f"! {notice.title}"))
    shown = ("-gqF", _TROUBLE, f"#{{{max(still)}}}") if still else ("-gqu", _TROUBLE)
    yield [*group, ("set-option", *shown)]


def _actions(seats: Iterable[_Seat]) -> Iterator[Sequence[Command]]:
    by_place: dict[Place, list[str]] = {}
    for seat in seats:
        by_place.setdefault(seat.place, []).append(seat.action)
    for place, actions in sorted(by_place.items()):
        yield [_set((*place.flags, "-t", place.target), "@checkpoint_next", " | ".join(actions))]


def _message(notice: Notice, actions: Iterable[str], clients: Sequence[Client], told: str) -> Sequence[Command]:
    """A message to all who look at a session, which the server shows only where it has not been told of it yet."""
    key, session = _digest(notice.key), clients[0].session
    words = (heading(notice), *actions, *remarks(notice), *((notice.text,) if notice.kind != "checkpoint" else ()))
    shown = " ; ".join(f"display-message -c '{client.name}' '#{{{_MESSAGE}}}'" for client in clients)
    return [
        _set(("-s",), _MESSAGE, f"{LEVELS[notice.level]} {' | '.join(words)}"),
        (
            *("if-shell", "-F", "-t", f"{session}:", f"#{{!=:#{{{told}}},{key}}}"),
            f"set-option -q -t '{session}' {told} {key} ; {shown}",
        ),
        ("set-option", "-qsu", _MESSAGE),
    ]


def _set(scope: Sequence[str], option: str, text: str) -> Command:
    return ("set-option", "-q", *scope, "--", option, inert(text))


def _first(team: TeamNotice) -> str:
    """The first line of what a team is to do, without its number."""
    return _NUMBER.sub("", team.text.strip().partition("\n")[0], count=1)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def build(means: Means) -> tuple[TmuxNotifier]:
    return (TmuxNotifier(Server(means.environ), means.marks),)
