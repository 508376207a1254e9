"""Notices on their way to people: each is here before it is sent, and it is known afterwards whether it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from checkpoint.store.database import Database

State: TypeAlias = Literal["waiting", "sending", "sent", "unsure", "admitted"]
"""`sending`: claimed by a courier, who may have died since. `unsure`: nobody knows whether it arrived, and it is not
sent again; `admitted`: a later notice has said so."""


Row: TypeAlias = tuple[str, str, bytes]
"""What is put in: a channel, the notice's key, and the notice as its sender wrote it."""


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


class ChannelState(msgspec.Struct, frozen=True):
    """How one channel does: what waits, what is uncertain, when something was last sent, and since when it is degraded.

    `since` is 0.0 where it is not; `due` is when the oldest that waits is tried next.
    """

    channel: str
    waiting: int = 0
    unsure: int = 0
    sent: float = 0.0
    due: float = 0.0
    since: float = 0.0
    problem: str = ""

    @property
    def state(self) -> Literal["ok", "waiting", "degraded", "unused"]:
        if self.since:
            return "degraded"
        return "waiting" if self.waiting else "ok" if self.sent else "unused"


class Outbox:
    """The outbox of one plan. Every change is durable when it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def close(self) -> None:
        self._database.close()

    def add(self, now: float, notices: Iterable[Row]) -> None:
        """Puts notices in; one that its channel has had already is left out."""
        self._database.write(adding(now, notices))

    def unsent(self, channel: str) -> list[Outgoing]:
        """What waits on a channel or is being sent, in its order."""
        return self._select("channel = ? AND state IN ('waiting', 'sending') ORDER BY number", channel)

    def unsure(self, channel: str) -> list[Outgoing]:
        """What may or may not have arrived, and has not been admitted yet."""
        return self._select("channel = ? AND state = 'unsure' ORDER BY number", channel)

    def sent_since(self, channel: str, moment: float) -> list[Outgoing]:
        return self._select("channel = ? AND state = 'sent' AND at >= ? ORDER BY number", channel, moment)

    def standing_in(self, channel: str, receipt: str) -> list[Outgoing]:
        """What the message with that receipt says."""
        return self._select("channel = ? AND receipt = ? AND state = 'sent' ORDER BY number", channel, receipt)

    def last(self, channel: str) -> float:
        """When something was last claimed or sent on a channel; 0.0 where nothing ever was."""
        query = "SELECT coalesce(max(at), 0.0) FROM outbox WHERE channel = ?"
        moment: float = self._database.read(lambda connection: connection.execute(query, (channel,)).fetchone())[0]
        return moment

    def claim(self, batch: Sequence[Outgoing], replaces: str, now: float, due: float) -> None:
        """Notes that these are about to be sent as one message; after a crash they are looked for from `due` on."""
        self._update(
            batch, "state = 'sending', claim = ?, replaces = ?, at = ?, due = ?", batch[-1].key, replaces, now, due
        )

    def sent(self, batch: Sequence[Outgoing], receipt: str, now: float) -> None:
        self._update(batch, "state = 'sent', receipt = ?, problem = '', at = ?", receipt, now)

    def postpone(self, batch: Sequence[Outgoing], state: State, due: float, problem: str) -> None:
        """Notes a try that failed; `state` says whether they may have arrived (`sending`) or not (`waiting`)."""
        self._update(batch, "state = ?, due = ?, problem = ?, tries = tries + 1", state, due, problem)

    def give_up(self, batch: Sequence[Outgoing], problem: str) -> None:
        """Notes that nobody can find out whether these arrived."""
        self._update(batch, "state = 'unsure', problem = ?", problem)

    def admit(self, batch: Sequence[Outgoing]) -> None:
        """Notes that people were told of these that they may not have arrived."""
        self._update(batch, "state = 'admitted'")

    def degrade(self, channel: str, problem: str, now: float) -> bool:
        """Notes that a channel fails; whether that is new."""

        def work(connection: sqlite3.Connection) -> bool:
            known = connection.execute("SELECT 1 FROM degraded WHERE channel = ?", (channel,)).fetchone()
            connection.execute(
                "INSERT INTO degraded VALUES (?, ?, ?) ON CONFLICT (channel) DO UPDATE SET problem = excluded.problem",
                (channel, now, problem),
            )
            return known is None

        return self._database.write(work)

    def recover(self, channel: str) -> bool:
        """Notes that a channel works; whether that is new."""
        known = self._database.read(
            lambda connection: connection.execute("SELECT 1 FROM degraded WHERE channel = ?", (channel,)).fetchone()
        )
        if known:
            self._database.write(lambda c: c.execute("DELETE FROM degraded WHERE channel = ?", (channel,)))
        return known is not None

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

    def _update(self, batch: Sequence[Outgoing], changes: str, *parameters: object) -> None:
        self._database.write(lambda connection: _update(connection, batch, changes, *parameters))


def adding(now: float, notices: Iterable[Row]) -> Callable[[sqlite3.Connection], None]:
    """What puts notices into the outbox within a transaction of its caller: see `Outbox.add`."""
    rows = [(channel, key, now, notice) for channel, key, notice in notices]

    def work(connection: sqlite3.Connection) -> None:
        connection.executemany("INSERT OR IGNORE INTO outbox (channel, key, due, notice) VALUES (?, ?, ?, ?)", rows)

    return work


def _update(connection: sqlite3.Connection, batch: Sequence[Outgoing], changes: str, *parameters: object) -> None:
    query = f"UPDATE outbox SET {changes} WHERE number = ?"  # noqa: S608 - our own words
    connection.executemany(query, [(*parameters, each.number) for each in batch])


_COUNTED = """
    SELECT channel, sum(state IN ('waiting', 'sending')), sum(state = 'unsure'), max(at * (state = 'sent')),
        coalesce(min(CASE WHEN state IN ('waiting', 'sending') THEN due END), 0.0)
    FROM outbox GROUP BY channel
"""


def _channels(connection: sqlite3.Connection) -> dict[str, ChannelState]:
    degraded = {row[0]: row[1:] for row in connection.execute("SELECT channel, since, problem FROM degraded")}
    counted = {row[0]: row[1:] for row in connection.execute(_COUNTED)}
    return {
        name: ChannelState(name, *counted.get(name, (0, 0, 0.0, 0.0)), *degraded.get(name, (0.0, "")))
        for name in sorted({*counted, *degraded})
    }
