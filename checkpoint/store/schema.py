"""The journal's tables, and how older ones become today's."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from checkpoint.errors import ConfigurationError


def _runs(connection: sqlite3.Connection) -> None:
    """A run is a document; the columns beside it are those that are asked for."""
    connection.execute(
        "CREATE TABLE runs (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, result TEXT NOT NULL,"
        " started REAL NOT NULL, plan TEXT NOT NULL, document BLOB NOT NULL, verdicts BLOB NOT NULL DEFAULT '[]')"
    )
    connection.execute("CREATE TABLE plans (digest TEXT PRIMARY KEY, text BLOB NOT NULL)")
    connection.execute(
        "CREATE TABLE evidence (run TEXT NOT NULL, team TEXT NOT NULL, task TEXT NOT NULL, expectation TEXT NOT NULL,"
        " name TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,"
        " PRIMARY KEY (run, team, task, expectation, name)) WITHOUT ROWID"
    )
    connection.execute("CREATE INDEX evidence_by_digest ON evidence (digest)")


def _outbox(connection: sqlite3.Connection) -> None:
    """What is to be told on which channel, and the channels that fail."""
    connection.execute(
        "CREATE TABLE outbox (number INTEGER PRIMARY KEY, channel TEXT NOT NULL, key TEXT NOT NULL,"
        " state TEXT NOT NULL DEFAULT 'waiting', due REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"
        " at REAL NOT NULL DEFAULT 0, claim TEXT NOT NULL DEFAULT '', replaces TEXT NOT NULL DEFAULT '',"
        " receipt TEXT NOT NULL DEFAULT '', problem TEXT NOT NULL DEFAULT '', notice BLOB NOT NULL,"
        " UNIQUE (channel, key))"
    )
    connection.execute("CREATE INDEX outbox_by_state ON outbox (channel, state)")
    connection.execute("CREATE TABLE degraded (channel TEXT PRIMARY KEY, since REAL NOT NULL, problem TEXT NOT NULL)")


def _kinds(connection: sqlite3.Connection) -> None:
    """What a notice is, and how a channel that fails is mended."""
    connection.execute("ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'checkpoint'")
    connection.execute("UPDATE outbox SET kind = 'trouble' WHERE instr(key, ':')")
    connection.execute("ALTER TABLE degraded ADD COLUMN mend TEXT NOT NULL DEFAULT ''")


def _verdicts(connection: sqlite3.Connection) -> None:
    """The verdicts of a run, some at a time: those of a hundred thousand expectations are never held at once.

    Those of earlier runs stay where they are: moving them would hold everybody up for seconds.
    """
    connection.execute(
        "CREATE TABLE verdicts (run TEXT NOT NULL, number INTEGER NOT NULL, document BLOB NOT NULL,"
        " PRIMARY KEY (run, number)) WITHOUT ROWID"
    )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_runs, _outbox, _kinds, _verdicts)
"""The n-th takes the tables from version n to version n + 1. Only ever appended to."""


def migrate(
    connection: sqlite3.Connection, migrations: tuple[Callable[[sqlite3.Connection], None], ...] = MIGRATIONS
) -> None:
    """Brings the tables to the newest version, in one transaction.

    Raises ConfigurationError for tables of a newer version than this program knows.
    """
    if _version(connection) == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")  # and only then look again: another process may have been faster
    try:
        _apply(connection, migrations)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _apply(connection: sqlite3.Connection, migrations: tuple[Callable[[sqlite3.Connection], None], ...]) -> None:
    version = _version(connection)
    if version > len(migrations):
        why = f"it has version {version}, and this program knows {len(migrations)}"
        raise ConfigurationError("the journal is of a newer checkpoint", why=why, mend="update checkpoint")
    for step in migrations[version:]:
        step(connection)
    connection.execute(f"PRAGMA user_version = {len(migrations)}")


def _version(connection: sqlite3.Connection) -> int:
    row: tuple[int] = connection.execute("PRAGMA user_version").fetchone()
    return row[0]
