"""Every run and what it proved. What is said to be done comes from here, never from the plan's own marks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

import msgspec

from checkpoint.baseline import digest
from checkpoint.errors import Stalled
from checkpoint.slots import moment_of
from checkpoint.store.database import Database
from checkpoint.store.runs import Evidence, Run
from checkpoint.verdicts import Verdict

T = TypeVar("T")

_FINISHED = "result IN ('published', 'unchanged')"
_UNDID = "result = 'undid'"
_RUNNING = "result = 'running'"
_OVER = "result NOT IN ('running', 'interrupted', 'retry')"
_TOGETHER = 1000
"""Verdicts that are written down together."""
_LATEST = 200
"""Runs that are looked through for the last slot: a made-up one may come after a later one."""
_AHEAD = 3000
"""Runs that are looked through for slots that a clock shows again: two days of one a minute."""


def plan_digest(text: bytes) -> str:
    """The name under which the journal keeps a plan's text."""
    return digest(text)


class Journal:
    """`begin` is called while the store's lock is held; everything else at any time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept: list[Evidence] = []

    def begin(self, run: Run) -> None:
        """Records that a run has begun, and that those still said to be running were interrupted."""

        def work(connection: sqlite3.Connection) -> None:
            for left in _select(connection, _RUNNING):
                _update(connection, msgspec.structs.replace(left, result="interrupted"))
            connection.execute(
                "INSERT INTO runs (id, result, started, plan, document) VALUES (?, ?, ?, ?, ?)",
                (run.id, run.result, run.started, run.plan, msgspec.json.encode(run)),
            )

        self._database.write(work)

    def forget(self, name: str) -> None:
        """A run that has begun and was asked for by mistake leaves nothing behind."""
        self._database.write(lambda connection: connection.execute("DELETE FROM runs WHERE id = ?", (name,)))

    def finish(
        self,
        run: Run,
        verdicts: Iterable[Verdict] = (),
        plan: bytes | None = None,
        beside: Callable[[sqlite3.Connection], object] = lambda connection: None,
    ) -> Run:
        """Records how the run ended, its verdicts, its evidence so far, and the plan's text, all at once.

        `beside` is done in the same transaction. Returns the run as recorded, with the digest of the plan. Where the
        journal had to begin anew meanwhile, the run is added.
        """
        if plan is not None:
            run = msgspec.structs.replace(run, plan=plan_digest(plan))
        found = tuple(verdicts)

        def work(connection: sqlite3.Connection) -> None:
            _update(connection, run)
            documents = (msgspec.json.encode(found[at : at + _TOGETHER]) for at in range(0, len(found), _TOGETHER))
            rows = ((run.id, number, document) for number, document in enumerate(documents))
            connection.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", rows)
            connection.executemany(
                "INSERT OR REPLACE INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?)", map(msgspec.structs.astuple, self._kept)
            )
            if plan is not None:
                connection.execute("INSERT OR IGNORE INTO plans VALUES (?, ?)", (run.plan, plan))
            beside(connection)

        self._database.write(work)
        self._kept.clear()
        return run

    def attach(self, evidence: Evidence) -> None:
        """Notes what was kept behind a verdict; recorded when the run finishes."""
        self._kept.append(evidence)

    def runs(self, limit: int = 50) -> list[Run]:
        """The latest runs, newest first."""
        return self._database.read(lambda connection: _select(connection, "TRUE", limit))

    def run(self, name: str) -> Run | None:
        """The run with that id, or the only one whose id begins so."""

        def work(connection: sqlite3.Connection) -> list[Run]:
            exact = _select(connection, "id = ?", 1, name)
            named = exact or _select(connection, "substr(id, 1, length(?)) = ?", 2, name, name)
            return named or [*islice((run for run in _newest(connection, "TRUE") if run.published.startswith(name)), 2)]

        found = self._database.read(work) if name else []
        return found[0] if len(found) == 1 else None

    def last(self, *, finished: bool = True, branch: str = "", undos: bool = False) -> Run | None:
        """The latest run, or the latest on a branch; with `finished`, the latest that went through all its steps.

        With `undos`, what undid one counts too.
        """
        condition = f"({_FINISHED} OR {_UNDID})" if finished and undos else _FINISHED if finished else "TRUE"

        def work(connection: sqlite3.Connection) -> Run | None:
            runs = _newest(connection, condition)
            return next((run for run in runs if not branch or run.branch == branch), None)

        return self._database.read(work)

    def standing(self, branch: str) -> Run | None:
        """The latest run on a branch that went through all its steps and that nothing has undone here."""

        def work(connection: sqlite3.Connection) -> Run | None:
            down_to = ""
            for run in _newest(connection, f"{_FINISHED} OR {_UNDID}"):
                if down_to:
                    down_to = "" if run.id == down_to else down_to
                elif run.branch == branch and not run.undoes:
                    return run
                elif run.branch == branch:
                    down_to = _known(connection, run.undoes)
            return None

        return self._database.read(work)

    def handled(self, branch: str, now: float) -> float | None:
        """The moment up to which scheduled slots of a branch are taken care of, in seconds since the epoch.

        None for never. A checkpoint that was taken for another reason stands for the slots before it. What lies after
        `now` counts for nothing: a clock was ahead.
        """

        def work(connection: sqlite3.Connection) -> list[float]:
            runs = _newest(connection, _OVER)
            moments = (_moment(run) for run in runs if run.branch == branch)
            return list(islice((each for each in moments if each is not None and each <= now), _LATEST))

        return max(self._database.read(work), default=None)

    def ahead(self, branch: str, now: float) -> tuple[float, ...]:
        """The moments after `now` of scheduled slots of a branch that are taken care of: the clock was set back."""

        def work(connection: sqlite3.Connection) -> list[float | None]:
            runs = islice(_newest(connection, _OVER), _AHEAD)
            return [moment_of(run.slot) for run in runs if run.branch == branch]

        return tuple(each for each in self._database.read(work) if each is not None and each > now)

    def verified(self) -> frozenset[str]:
        """The tasks that the last finished run has proven."""
        last = self.last()
        return frozenset(last.verified if last else ())

    def verdicts(self, run: str) -> tuple[Verdict, ...]:
        """The verdicts of the run with that id; none where it is unknown or has not ended.

        Those of teams that it has not looked into are of earlier runs, as far as these have not been forgotten.
        """
        found: list[Verdict] = []
        teams: set[str] = set()
        while run:
            new = [each for each in self._own_verdicts(run) if each.team not in teams]
            found += new
            teams |= {each.team for each in new}
            taken = self.run(run)
            run = taken.rest if taken and taken.id == run else ""
        return tuple(found)

    def _own_verdicts(self, run: str) -> list[Verdict]:
        """The verdicts that were judged in that run. Until they had a table of their own they stood with the runs."""
        query = (
            "SELECT document FROM (SELECT number, document FROM verdicts WHERE run = ?1 UNION ALL"
            " SELECT -1, verdicts FROM runs WHERE id = ?1) ORDER BY number"
        )
        rows = self._database.read(lambda connection: connection.execute(query, (run,)).fetchall())
        return [verdict for row in rows for verdict in _decode(row[0], tuple[Verdict, ...])]

    def plan(self, digest: str) -> bytes | None:
        """The text of a plan that a run was about; None where it has been pruned, or is not what the digest names."""
        kept = self._one("SELECT text FROM plans WHERE digest = ?", digest)
        return kept if isinstance(kept, bytes) and plan_digest(kept) == digest else None

    def evidence(self, run: str, task: str = "", expectation: str = "") -> list[Evidence]:
        """What was kept in a run: all of it, or that of one task or expectation, in order of team, task and name."""

        def work(connection: sqlite3.Connection) -> list[Evidence]:
            rows = connection.execute(
                "SELECT * FROM evidence WHERE run = ? AND (? = '' OR task = ?) AND (? = '' OR expectation = ?)",
                (run, task, task, expectation, expectation),
            )
            return [Evidence(*row) for row in rows]

        return self._database.read(work)

    def _one(self, query: str, parameter: str) -> bytes | None:
        row = self._database.read(lambda connection: connection.execute(query, (parameter,)).fetchone())
        return row[0] if row else None


def _moment(run: Run) -> float | None:
    """The moment of the slot that a run took care of; for one that was taken for another reason, when it began."""
    return moment_of(run.slot) or (run.started if run.is_finished else None)


def _select(connection: sqlite3.Connection, condition: str, limit: int = -1, *parameters: str) -> list[Run]:
    return list(islice(_newest(connection, condition, *parameters), None if limit < 0 else limit))


def _newest(connection: sqlite3.Connection, condition: str, *parameters: str) -> Iterator[Run]:
    query = f"SELECT document FROM runs WHERE {condition} ORDER BY number DESC"  # noqa: S608 - our own words
    return (_decode(row[0], Run) for row in connection.execute(query, parameters))


def _known(connection: sqlite3.Connection, name: str) -> str:
    """That id, where a run has it that is done; else "" """
    return name if _select(connection, f"id = ? AND ({_FINISHED} OR {_UNDID})", 1, name) else ""


def _update(connection: sqlite3.Connection, run: Run) -> None:
    connection.execute(
        "INSERT INTO runs (id, result, started, plan, document) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET result = excluded.result, plan = excluded.plan, document = excluded.document",
        (run.id, run.result, run.started, run.plan, msgspec.json.encode(run)),
    )


def _decode(document: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.DecodeError as error:
        mend = "update checkpoint, or move the journal away: a new one is begun"
        raise Stalled("the journal holds a record that cannot be read", why=str(error), mend=mend) from error
