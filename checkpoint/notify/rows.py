"""A notice as it lies in the outbox: small enough to be kept for each channel, however much there was to say."""

from __future__ import annotations

import msgspec

from checkpoint.notify import Notice, TeamNotice
from checkpoint.store.outbox import Outgoing, Row

TITLE = 1000
"""Characters of a title that are kept."""
TEXT = 64 * 1024
"""Characters of a text that are kept, and of the texts of all teams together."""
_LEAST = 1000
"""Characters that a team has of that at least."""
_NAME = 200
# Made before there are threads: two that learn a type at the same moment crash msgspec.
_NOTICE = msgspec.json.Decoder(Notice)


def row(channel: str, notice: Notice) -> Row:
    """The notice as it is put into the outbox for a channel."""
    return (channel, notice.key, notice.kind, msgspec.json.encode(_fitted(notice)))


def decoded(outgoing: Outgoing) -> Notice:
    """The notice; where a later version has put in what this one cannot read, one that says so."""
    try:
        return _NOTICE.decode(outgoing.notice)
    except msgspec.DecodeError:
        return Notice(outgoing.key, "", "a notice that this version of checkpoint cannot read", "")


def _fitted(notice: Notice) -> Notice:
    room = max(_LEAST, TEXT // max(1, len(notice.teams)))
    teams = tuple(
        TeamNotice(team.team, _cut(team.text, room), team.terminal if len(team.terminal) <= _NAME else "")
        for team in notice.teams
    )
    return msgspec.structs.replace(notice, title=_cut(notice.title, TITLE), text=_cut(notice.text, TEXT), teams=teams)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
