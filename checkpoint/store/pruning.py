"""What the store forgets: by age, and by size, but never what the last runs refer to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable

import msgspec

DAY = 86400.0
_RECENT = 3600.0
"""Seconds for which a file stays although no run names it: the run that wrote it may not have ended yet."""

_TEXTS = """
    SELECT run, digest, size FROM evidence
    UNION ALL SELECT runs.id, plans.digest, length(plans.text) FROM runs JOIN plans ON plans.digest = runs.plan
"""
_NEEDED = """
    SELECT id FROM runs WHERE number = (SELECT max(number) FROM runs)
    OR number = (SELECT max(number) FROM runs WHERE result IN ('published', 'unchanged'))
"""


class Pruned(msgspec.Struct, frozen=True):
    """What was removed: runs of the journal, raw files, and the bytes that went with the runs."""

    runs: int = 0
    files: int = 0
    bytes: int = 0


class Kept(msgspec.Struct, frozen=True):
    """What a run takes: its own bytes in the journal, and the texts it refers to, by digest, with their sizes."""

    id: str
    started: float
    bytes: int
    texts: dict[str, int] = {}
    needed: bool = False


def surplus(runs: Iterable[Kept], oldest: float, limit: int) -> list[str]:
    """The ids to forget of runs given from the newest to the oldest: those begun before `oldest`, and those that would
    take the total beyond `limit` bytes.

    A text that several runs refer to counts once. A needed run counts, and stays.
    """
    seen: set[str] = set()
    total = 0
    gone = []
    for run in sorted(runs, key=lambda run: not run.needed):
        total += run.bytes + sum(size for digest, size in run.texts.items() if digest not in seen)
        seen |= run.texts.keys()
        if not run.needed and (run.started < oldest or total > limit):
            gone.append(run.id)
    return gone


def total(runs: Iterable[Kept]) -> int:
    """The bytes that these runs take."""
    taken = list(runs)
    texts = {digest: size for run in taken for digest, size in run.texts.items()}
    return sum(run.bytes for run in taken) + sum(texts.values())


def kept(connection: sqlite3.Connection) -> list[Kept]:
    """Every run of the journal with what it takes, newest first; the last, and the last finished, are needed."""
    texts: dict[str, dict[str, int]] = {}
    for run, digest, size in connection.execute(_TEXTS):
        texts.setdefault(run, {})[digest] = size
    needed = {row[0] for row in connection.execute(_NEEDED)}
    rows = connection.execute(
        "SELECT id, started, length(document) + length(verdicts)"
        " + ifnull((SELECT sum(length(document)) FROM verdicts WHERE run = id), 0) FROM runs ORDER BY number DESC"
    )
    return [Kept(run, started, size, texts.get(run, {}), run in needed) for run, started, size in rows]


def forget(connection: sqlite3.Connection, runs: Iterable[str]) -> None:
    """Removes these runs, and the plans that no other run is about."""
    names = [(run,) for run in runs]
    connection.executemany("DELETE FROM evidence WHERE run = ?", names)
    connection.executemany("DELETE FROM verdicts WHERE run = ?", names)
    connection.executemany("DELETE FROM runs WHERE id = ?", names)
    connection.execute("DELETE FROM plans WHERE digest NOT IN (SELECT plan FROM runs)")


def forget_notices(connection: sqlite3.Connection, settled: float, oldest: float) -> None:
    """Removes what was settled before one moment, and what still waits from before the other.

    The last notice of each channel stays: it says when that channel last carried anything. A trouble counts as if it
    still waited: who heard of it is to hear of its end.
    """
    connection.execute(
        "DELETE FROM outbox WHERE (at < iif(kind = 'trouble', ?, ?) AND state NOT IN ('waiting', 'sending', 'folded')"
        " OR due < ?) AND number NOT IN (SELECT max(number) FROM outbox GROUP BY channel)",
        (oldest, settled, oldest),
    )


def sweep(folder: str, is_wanted: Callable[[str], bool], now: float) -> int:
    """Removes the files of a folder, if it is there, that are neither wanted nor recent; returns how many."""
    if not os.path.isdir(folder):
        return 0
    with os.scandir(folder) as entries:
        gone = [entry.path for entry in entries if not is_wanted(entry.name) and _is_old(entry, now)]
    for path in gone:
        os.unlink(path)
    return len(gone)


def _is_old(entry: os.DirEntry[str], now: float) -> bool:
    return entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < now - _RECENT
