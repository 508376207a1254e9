"""One SQLite file: every transaction is on the disk when it returns, and a damaged file is kept, never overwritten."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from checkpoint import private
from checkpoint.errors import Busy, CheckpointError, Stalled
from checkpoint.store.schema import migrate

T = TypeVar("T")

_BUSY_SECONDS = 10.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TAKEN = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL)
_PRIMARY = 0xFF
"""The part of SQLite's extended error codes that names the kind of error."""


class Database:
    """`set_aside` names the damaged files that were moved out of the way since this was opened."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.set_aside: tuple[str, ...] = ()
        self._connection: sqlite3.Connection | None = None
        self._guard(lambda connection: None)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What `work` makes of one consistent state of the tables."""
        return self._guard(lambda connection: _transaction(connection, "BEGIN", work))

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Runs `work` in a transaction: all of its changes are durable when this returns, or there are none.

        It is run a second time where the file turned out to be damaged and a new one was begun.
        """
        return self._guard(lambda connection: _transaction(connection, "BEGIN IMMEDIATE", work))

    def shrink(self) -> None:
        """Gives the space of what was deleted back to the disk."""
        self._guard(_shrink)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _guard(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._open())
        except sqlite3.IntegrityError:
            raise
        except sqlite3.DatabaseError as error:
            if _kind(error) not in _DAMAGED:
                raise _mended(self._path, error) from error
        except OSError as error:
            raise private.unusable(self._path, error) from error
        try:
            self._doubt()
            return work(self._open())
        except sqlite3.DatabaseError as error:
            raise _mended(self._path, error) from error
        except OSError as error:
            raise private.unusable(self._path, error) from error

    def _doubt(self) -> None:
        """Sets a damaged file aside. SQLite says the same of a read that failed once: then the file stays."""
        self.close()
        if not _is_whole(self._path):
            self._move_away()

    def _open(self) -> sqlite3.Connection:
        if self._connection and not self._is_current():
            self.close()  # another process has set the file aside
        if self._connection is None:
            _ensure(self._path)
            self._identity = os.stat(self._path)
            self._connection = _connect(self._path)
        return self._connection

    def _is_current(self) -> bool:
        return os.path.exists(self._path) and os.path.samestat(os.stat(self._path), self._identity)

    def _move_away(self) -> None:
        if not self._is_current():
            return  # another process was faster: what stands there now is new
        aside = f"{self._path}.damaged-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}"
        for suffix in ("-wal", "-shm", ""):
            if os.path.exists(self._path + suffix):
                os.rename(self._path + suffix, aside + suffix)
        self.set_aside += (aside,)


def _ensure(path: str) -> None:
    """Puts a new database where there is none: complete, since two processes cannot both prepare one in its place."""
    if os.path.lexists(path):
        private.refuse_foreign(path, os.lstat(path))
        return
    beside = private.beside(path)
    try:
        os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        _connect(beside, "auto_vacuum = INCREMENTAL").close()
        os.link(beside, path)
    except FileExistsError:
        return  # another process was faster
    except OSError as error:
        raise private.unusable(path, error) from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            private.discard(beside + suffix)


def _opened(path: str) -> sqlite3.Connection:
    """A connection to a file that is there: SQLite would make one that others can read."""
    address = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return sqlite3.connect(f"file:{address}?mode=rw", timeout=_BUSY_SECONDS, isolation_level=None, uri=True)


def _connect(path: str, *first: str) -> sqlite3.Connection:
    connection = _opened(path)
    try:
        for setting in (*first, "journal_mode = WAL", "synchronous = FULL"):
            connection.execute(f"PRAGMA {setting}")
        migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _is_whole(path: str) -> bool:
    """Whether all of the file can be read, and makes sense."""
    try:
        connection = _opened(path)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return _kind(error) not in _DAMAGED


def _transaction(connection: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]) -> T:
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            _roll_back(connection)
        raise
    return result


def _roll_back(connection: sqlite3.Connection) -> None:
    """Gives up what has been done; where the disk refuses even that, the next one who opens the file does."""
    try:
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        connection.close()


def _shrink(connection: sqlite3.Connection) -> None:
    connection.executescript("PRAGMA incremental_vacuum")  # `execute` would free a single page
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _kind(error: sqlite3.DatabaseError) -> int:
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY


def _mended(path: str, error: sqlite3.DatabaseError) -> CheckpointError:
    if _kind(error) in _TAKEN:
        return Busy("the journal is in use", why=f"{path}: {error}", mend="try again in a moment")
    return Stalled(
        "the journal cannot be used", why=f"{path}: {error}", mend="free some space, or mend its permissions"
    )
