"""Older journals become today's, or stay as they are."""

import sqlite3
from collections.abc import Iterator

import pytest

from checkpoint.store.schema import MIGRATIONS, migrate


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    yield opened
    opened.close()


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def tables(connection: sqlite3.Connection) -> list[str]:
    rows = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return [row[0] for row in rows]


def add_notes(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE notes (text TEXT)")


def add_author(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE notes ADD COLUMN author TEXT")


def fail(connection: sqlite3.Connection) -> None:
    add_notes(connection)
    raise RuntimeError


def test_an_empty_file_gets_every_table(connection: sqlite3.Connection) -> None:
    migrate(connection)
    assert (version(connection), tables(connection)) == (
        len(MIGRATIONS),
        ["degraded", "evidence", "outbox", "plans", "runs", "verdicts"],
    )


def test_only_the_missing_steps_are_taken(connection: sqlite3.Connection) -> None:
    migrate(connection, (add_notes,))
    connection.execute("INSERT INTO notes VALUES ('kept')")
    migrate(connection, (add_notes, add_author))
    assert version(connection) == 2
    assert connection.execute("SELECT * FROM notes").fetchall() == [("kept", None)]


def test_a_step_that_fails_changes_nothing(connection: sqlite3.Connection) -> None:
    migrate(connection, (lambda c: None,))
    with pytest.raises(RuntimeError):
        migrate(connection, (lambda c: None, fail))
    assert (version(connection), tables(connection)) == (1, [])


def test_a_second_time_nothing_is_done(connection: sqlite3.Connection) -> None:
    migrate(connection)
    before = connection.total_changes
    migrate(connection)
    assert connection.total_changes == before
