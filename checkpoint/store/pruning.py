"""What the store forgets: by age, and by size, but never what the last runs refer to."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable

import msgspec

from checkpoint import private

DAY = 86400.0
_RECENT = 3600.0
"""Seconds for which a file stays although no run names it: the run that wrote it may not have ended yet."""


class Pruned(msgspec.Struct, frozen=True):
    """What was removed: runs of the journal, raw files, and the bytes of both."""

    runs: int = 0
    files: int = 0
    bytes: int = 0


class Kept(msgspec.Struct, frozen=True):
    """What a run takes: its own bytes in the journal, and the raw files it refers to with their sizes."""

    id: str
    started: float
    bytes: int
    files: dict[str, int] = {}
    needed: bool = False


def surplus(runs: Iterable[Kept], oldest: float, limit: int) -> list[str]:
    """The ids to forget of runs given from the newest to the oldest: those begun before `oldest`, and those that would
    take the total beyond `limit` bytes.

    A file that several runs refer to counts once. A needed run counts, and stays.
    """
    seen: set[str] = set()
    total = 0
    gone = []
    for run in sorted(runs, key=lambda run: not run.needed):
        total += run.bytes + sum(size for digest, size in run.files.items() if digest not in seen)
        seen |= run.files.keys()
        if not run.needed and (run.started < oldest or total > limit):
            gone.append(run.id)
    return gone


def kept(connection: sqlite3.Connection) -> list[Kept]:
    """Every run of the journal with what it takes, newest first; the last, and the last finished, are needed."""
    files: dict[str, dict[str, int]] = {}
    for run, digest, size in connection.execute("SELECT run, digest, size FROM evidence"):
        files.setdefault(run, {})[digest] = size
    needed = {
        row[0]
        for condition in ("TRUE", "result IN ('published', 'unchanged')")
        for row in connection.execute(f"SELECT id FROM runs WHERE {condition} ORDER BY number DESC LIMIT 1")  # noqa: S608
    }
    rows = connection.execute("SELECT id, started, length(document) + length(verdicts) FROM runs ORDER BY number DESC")
    return [Kept(run, started, size, files.get(run, {}), run in needed) for run, started, size in rows]


def forget(connection: sqlite3.Connection, runs: Iterable[str]) -> None:
    """Removes these runs, and the plans that no other run is about."""
    names = [(run,) for run in runs]
    connection.executemany("DELETE FROM evidence WHERE run = ?", names)
    connection.executemany("DELETE FROM runs WHERE id = ?", names)
    connection.execute("DELETE FROM plans WHERE digest NOT IN (SELECT plan FROM runs)")


def sweep(folder: str, is_wanted: Callable[[str], bool], now: float) -> tuple[int, int]:
    """Removes the files of a folder that are neither wanted nor recent; returns how many, and their bytes."""
    private.make_folder(folder)
    count = total = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            found = entry.stat(follow_symlinks=False)
            if not is_wanted(entry.name) and found.st_mtime < now - _RECENT:
                os.unlink(entry.path)
                count, total = count + 1, total + found.st_size
    return count, total
