"""Notices on their way to people: each is here before it is sent, and it is known afterwards whether it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from checkpoint.store.database import Database

State: TypeAlias = Literal["waiting", "sending", "sent", "unsure", "admitted", "folded"]
"""`sending`: claimed by a courier, who may have died since. `unsure`: nobody knows whether it arrived, and it is not
sent again; `admitted`: a later notice has said so. `folded`: so many waited that a later one counts it, and no more."""

Row: TypeAlias = tuple[str, str, str, bytes]
"""What is put in: a channel, the notice's key, its kind, and the notice as its sender wrote it."""

WAITING = 100
"""Checkpoints that wait on a channel word by word; older ones are folded."""
_TITLES = 100


class Outgoing(msgspec.Struct, frozen=True):
    """One notice on one channel. Times are seconds since the epoch.

    `due`: not to be tried before. `at`: when it was last claimed or sent. What was claimed together has the same
    `claim`, and is one message; `replaces` is the receipt of the message that it brings up to date, `receipt` that of
    the message in which it stands.
    """

    number: int
    channel: str
    key: str
    state: State
    due: float
    tries: int
    at: float
    claim: str
    replaces: str
    receipt: str
    problem: str
    notice: bytes
    kind: str


class Message(msgspec.Struct, frozen=True):
    """What stands in one message: its latest notices, oldest first, how many older ones, since when."""

    notices: tuple[Outgoing, ...] = ()
    older: int = 0
    posted: float = 0.0


class Lately(msgspec.Struct, frozen=True):
    """What a channel has had of late: how often something was sent or may have been, and when last; how many messages
    tell of checkpoints, and the receipt of the latest of them.
    """

    times: int = 0
    last: float = 0.0
    messages: int = 0
    receipt: str = ""


class ChannelState(msgspec.Struct, frozen=True):
    """How one channel does: what waits, what is uncertain, when something was last sent, and since when it is degraded.

    `since` is 0.0 where it is not; `problem` and `mend` say why it is.
    """

    channel: str
    waiting: int = 0
    unsure: int = 0
    sent: float = 0.0
    since: float = 0.0
    problem: str = ""
    mend: str = ""

    @property
    def state(self) -> Literal["ok", "waiting", "degraded", "unsure", "unused"]:
        if self.since:
            return "degraded"
        if self.waiting:
            return "waiting"
        return "ok" if self.sent else "unsure" if self.unsure else "unused"


class Outbox:
    """The outbox of one plan. Every change is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    def add(self, now: float, notices: Iterable[Row], ends: str = "") -> int:
        """Puts notices in, and returns how many; one that its channel has had already is left out.

        With `ends`, so is one whose channel has never had the notice of that key: what it never heard of does not end.
        """
        return self._database.write(adding(now, notices, ends))

    def unsent(self, channel: str) -> list[Outgoing]:
        """What waits on a channel or is being sent, in its order."""
        return self._select("channel = ? AND state IN ('waiting', 'sending') ORDER BY number", channel)

    def unsure(self, channel: str) -> list[Outgoing]:
        """What may or may not have arrived, and has not been admitted yet: the latest of it, oldest first."""
        latest = self._select("channel = ? AND state = 'unsure' ORDER BY number DESC LIMIT ?", channel, _TITLES)
        return latest[::-1]

    def folded(self, channel: str) -> int:
        """How many checkpoints wait that are no more than counted."""
        query = "SELECT count(*) FROM outbox WHERE channel = ? AND state = 'folded'"
        count: int = self._one(query, channel)[0]
        return count

    def sent_since(self, channel: str, moment: float) -> list[Outgoing]:
        """What was sent from that moment on, with all it said: for looking back, not for a channel at work."""
        return self._select("channel = ? AND state = 'sent' AND at >= ? ORDER BY number", channel, moment)

    def lately(self, channel: str, moment: float, now: float) -> Lately:
        """What a channel has had between two moments."""
        return Lately(*self._one(_LATELY, channel, moment, now), *self._one(_MESSAGES, channel, moment, now))

    def message(self, channel: str, receipt: str) -> Message:
        """What stands in the message with that receipt."""
        of_message = "channel = ? AND receipt = ? AND state = 'sent'"
        count, posted = self._one(f"SELECT count(*), min(at) FROM outbox WHERE {of_message}", channel, receipt)  # noqa: S608 - our own words
        condition = f"{of_message} AND notice != x'' ORDER BY number DESC LIMIT ?"
        latest = self._select(condition, channel, receipt, _TITLES)[::-1]
        return Message(tuple(latest), count - len(latest), posted or 0.0)

    def last(self, channel: str) -> float:
        """When something was last claimed or sent on a channel; 0.0 where nothing ever was."""
        moment: float = self._one("SELECT coalesce(max(at), 0.0) FROM outbox WHERE channel = ?", channel)[0]
        return moment

    def claim(self, batch: Sequence[Outgoing], replaces: str, now: float, due: float) -> None:
        """Notes that these are about to be sent as one message; after a crash they are looked for from `due` on."""
        self._update(
            batch, "state = 'sending', claim = ?, replaces = ?, at = ?, due = ?", batch[-1].key, replaces, now, due
        )

    def sent(self, batch: Sequence[Outgoing], receipt: str, now: float) -> None:
        """Notes that a message has arrived, and that what was folded until then is counted in it."""
        last = batch[-1]

        def work(connection: sqlite3.Connection) -> None:
            _update(connection, batch, "state = 'sent', receipt = ?, problem = '', at = ?", receipt, now)
            if last.kind == "checkpoint":
                counted = "channel = ? AND state = 'folded' AND number < ?"
                query = f"UPDATE outbox SET state = 'sent', receipt = ?, at = ? WHERE {counted}"  # noqa: S608 - our own words
                connection.execute(query, (receipt, now, last.channel, last.number))

        self._database.write(work)

    def postpone(self, batch: Sequence[Outgoing], state: State, due: float, problem: str) -> None:
        """Notes a try that failed; `state` says whether they may have arrived (`sending`) or not (`waiting`)."""
        self._update(batch, "state = ?, due = ?, problem = ?, tries = tries + 1", state, due, problem)

    def give_up(self, batch: Sequence[Outgoing], problem: str) -> None:
        """Notes that nobody can find out whether these arrived."""
        self._update(batch, "state = 'unsure', problem = ?", problem)

    def admit(self, batch: Sequence[Outgoing]) -> None:
        """Notes that people were told of these, and of those before them, that they may not have arrived."""
        if batch:
            query = "UPDATE outbox SET state = 'admitted' WHERE channel = ? AND state = 'unsure' AND number <= ?"
            self._database.write(lambda c: c.execute(query, (batch[-1].channel, batch[-1].number)))

    def degrade(self, channel: str, problem: str, now: float, mend: str = "") -> bool:
        """Notes that a channel fails; whether that is new."""

        def work(connection: sqlite3.Connection) -> bool:
            known = connection.execute("SELECT 1 FROM degraded WHERE channel = ?", (channel,)).fetchone()
            connection.execute(
                "INSERT INTO degraded (channel, since, problem, mend) VALUES (?, ?, ?, ?) ON CONFLICT (channel)"
                " DO UPDATE SET problem = excluded.problem, mend = excluded.mend",
                (channel, now, problem, mend),
            )
            return known is None

        return self._database.write(work)

    def recover(self, channel: str) -> float:
        """Notes that a channel works; since when it did not, 0.0 where it did."""
        since = self._one("SELECT coalesce(max(since), 0.0) FROM degraded WHERE channel = ?", channel)[0]
        if since:
            self._database.write(lambda c: c.execute("DELETE FROM degraded WHERE channel = ?", (channel,)))
        return float(since)

    def channels(self) -> dict[str, ChannelState]:
        """Every channel that ever had a notice, by name."""
        return self._database.read(_channels)

    def keys(self) -> tuple[str, ...]:
        """The key of every notice that is still here, newest first."""
        rows = self._database.read(lambda c: c.execute("SELECT key FROM outbox ORDER BY number DESC").fetchall())
        return tuple(row[0] for row in rows)

    def _select(self, condition: str, *parameters: object) -> list[Outgoing]:
        query = f"SELECT * FROM outbox WHERE {condition}"  # noqa: S608 - our own words
        rows = self._database.read(lambda connection: connection.execute(query, parameters).fetchall())
        return [Outgoing(*row) for row in rows]

    def _one(self, query: str, *parameters: object) -> tuple[Any, ...]:
        """The only row that there is."""
        row: tuple[Any, ...] = self._database.read(lambda c: c.execute(query, parameters).fetchone())
        return row

    def _update(self, batch: Sequence[Outgoing], changes: str, *parameters: object) -> None:
        self._database.write(lambda connection: _update(connection, batch, changes, *parameters))


def adding(now: float, notices: Iterable[Row], ends: str = "") -> Callable[[sqlite3.Connection], int]:
    """What puts notices into the outbox within a transaction of its caller: see `Outbox.add`."""
    rows = [(channel, key, now, kind, notice, ends, channel, ends) for channel, key, kind, notice in notices]

    def work(connection: sqlite3.Connection) -> int:
        added = connection.executemany(_ADD, rows).rowcount
        connection.executemany(_FOLD, [(channel, channel, WAITING) for channel in {row[0] for row in rows}])
        return max(added, 0)

    return work


def _update(connection: sqlite3.Connection, batch: Sequence[Outgoing], changes: str, *parameters: object) -> None:
    query = f"UPDATE outbox SET {changes} WHERE number = ? AND state != 'folded'"  # noqa: S608 - our own words
    connection.executemany(query, [(*parameters, each.number) for each in batch])


_ADD = """
    INSERT OR IGNORE INTO outbox (channel, key, due, kind, notice) SELECT ?, ?, ?, ?, ?
    WHERE ? = '' OR EXISTS (SELECT 1 FROM outbox WHERE channel = ? AND key = ?)
"""
_FOLD = """
    UPDATE outbox SET state = 'folded', notice = x'' WHERE channel = ? AND state = 'waiting' AND kind = 'checkpoint'
    AND number <= (
        SELECT number FROM outbox WHERE channel = ? AND state = 'waiting' AND kind = 'checkpoint'
        ORDER BY number DESC LIMIT 1 OFFSET ?
    )
"""
_LATELY = """
    SELECT count(DISTINCT at), coalesce(max(at), 0.0) FROM outbox
    WHERE channel = ? AND state IN ('sent', 'unsure', 'admitted') AND at BETWEEN ? AND ?
"""
_MESSAGES = """
    SELECT count(DISTINCT receipt), coalesce(max(CASE WHEN number = last THEN receipt END), '') FROM (
        SELECT number, receipt, max(number) OVER () AS last FROM outbox
        WHERE channel = ? AND state = 'sent' AND kind = 'checkpoint' AND receipt != '' AND at BETWEEN ? AND ?
    )
"""
_COUNTED = """
    SELECT channel, sum(state IN ('waiting', 'sending', 'folded')), sum(state = 'unsure'), max(at * (state = 'sent'))
    FROM outbox GROUP BY channel
"""


def _channels(connection: sqlite3.Connection) -> dict[str, ChannelState]:
    degraded = {row[0]: row[1:] for row in connection.execute("SELECT channel, since, problem, mend FROM degraded")}
    counted = {row[0]: row[1:] for row in connection.execute(_COUNTED)}
    return {
        name: ChannelState(name, *counted.get(name, (0, 0, 0.0)), *degraded.get(name, (0.0, "", "")))
        for name in sorted({*counted, *degraded})
    }
