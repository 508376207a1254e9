"""What a plan expects, kept from run to run, so that a weaker plan is noticed.

The text has one line for the settings and one for each team, in their order. Its digest is that of the digests of its
lines: what one team is expected to deliver is put into words, and counted, apart from what the others are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from checkpoint.plan.model import Expectation, Plan, Settings, Task, Team


class _Wanted(msgspec.Struct, frozen=True, array_like=True, gc=False):
    artifact: str
    validator: str
    arguments: tuple[str, ...]


class _Task(msgspec.Struct, frozen=True, array_like=True, gc=False):
    id: str
    after: tuple[str, ...]
    wanted: tuple[_Wanted, ...]


class _Team(msgspec.Struct, frozen=True, array_like=True, gc=False):
    name: str
    folder: str
    ref: str
    terminal: str
    agent: str
    notify: tuple[str, ...]
    owner: str
    budget: str
    tasks: tuple[_Task, ...]


def expected(plan: Plan) -> bytes:
    """All that the plan expects, without its places, titles and ticks: equal for plans that expect the same."""
    return b"\n".join([head(plan.settings), *_PARTS.of(plan.teams)])


def head(settings: Settings) -> bytes:
    """The first line of the text, without its end."""
    return msgspec.json.encode(settings)


def part(team: Team) -> bytes:
    """The line that tells what this team is expected to deliver, and where; without its end."""
    tasks = [(t.id, t.after, [(e.artifact, e.validator, e.arguments) for e in t.expectations]) for t in team.tasks]
    place = (team.name, team.folder, team.ref, team.terminal, team.agent, team.notify, team.owner, team.budget)
    return msgspec.json.encode((*place, tasks))


def digest(text: bytes) -> str:
    """The digest of what `expected` says, in hexadecimal."""
    return sealed(line_digest(line) for line in text.split(b"\n"))


def line_digest(line: bytes) -> bytes:
    """The 32 bytes that stand for a line, such as `head` or `part`."""
    return hashlib.sha256(line).digest()


def sealed(lines: Iterable[bytes]) -> str:
    """The same digest, where those of the lines are known: that of the settings, then those of the teams in order."""
    return hashlib.sha256(b"".join(lines)).hexdigest()


def restored(content: bytes) -> Plan | None:
    """The plan that `expected` kept; None where another version kept something that this one cannot read."""
    first, *lines = content.split(b"\n")
    try:
        settings = msgspec.json.decode(first, type=Settings)
        return Plan(settings=settings, teams=tuple(_team(msgspec.json.decode(line, type=_Team)) for line in lines))
    except msgspec.DecodeError:
        return None


def _team(kept: _Team) -> Team:
    return Team(
        name=kept.name,
        folder=kept.folder,
        ref=kept.ref,
        terminal=kept.terminal,
        agent=kept.agent,
        notify=kept.notify,
        owner=kept.owner,
        budget=kept.budget,
        tasks=tuple(_task(task) for task in kept.tasks),
    )


def _task(kept: _Task) -> Task:
    wanted = tuple(Expectation(each.artifact, each.validator, each.arguments) for each in kept.wanted)
    return Task(kept.id, "", ticked=False, after=kept.after, expectations=wanted)


class _Parts:
    """The lines of the teams that were asked about last: an unchanged plan is asked about at every step of a run."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Team, bytes]] = {}

    def of(self, teams: Iterable[Team]) -> list[bytes]:
        before, found = self._kept, []
        kept: dict[int, tuple[Team, bytes]] = {}
        for team in teams:
            same = before.get(id(team))
            line = same[1] if same is not None and same[0] is team else part(team)
            kept[id(team)] = (team, line)
            found.append(line)
        self._kept = kept
        return found


_PARTS = _Parts()
