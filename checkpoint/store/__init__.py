"""Everything private about one plan's runs, in one folder that is the user's alone.

lock                 held by the run that is under way
journal.db           every run: its verdicts, its plan's text, what evidence it kept; the outbox
raw/                 raw logs, command output and diffs, each named by its sha256
outcomes/            what commands did that declare what they read, by what decided it (see checkpoint.store.outcomes)
status.marshal       the last report, ready for `checkpoint status` (see checkpoint.snapshot)
teams-*              what it found of each team
here.marshal         how the plan in the work tree looks that is the published one (see checkpoint.untouched)
accounted-*.marshal  what `serve` has taken account of, by branch (see checkpoint.triggers.accounted_file)
couriers/            a lock for each channel, held by whoever carries its notices (see checkpoint.notify.delivery)
marks/               what notifiers have carried to where (see checkpoint.notify.marks)
notices/             the latest notices (see checkpoint.notify.file)
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType

from checkpoint import private
from checkpoint.store.database import Database
from checkpoint.store.journal import Journal
from checkpoint.store.lock import locked
from checkpoint.store.outbox import Outbox
from checkpoint.store.outcomes import Outcomes
from checkpoint.store.pruning import DAY, Pruned, forget, forget_notices, kept, surplus, sweep, total
from checkpoint.store.raw import LIMIT, RawFiles
from checkpoint.store.runs import Evidence


class Store:
    """The store in that folder, created where there is none.

    Raises Stalled where the folder is not the user's alone or cannot be written, ConfigurationError where a newer
    checkpoint wrote it.
    """

    def __init__(self, folder: str) -> None:
        private.make_folder(folder)
        self.folder = folder
        self._database = Database(f"{folder}/journal.db")
        self._raw = RawFiles(f"{folder}/raw")
        self.journal = Journal(self._database)
        self.outbox = Outbox(self._database)

    @property
    def set_aside(self) -> tuple[str, ...]:
        """Damaged journals that were moved out of the way since this store was opened, for the user to be told."""
        return self._database.set_aside

    def lock(self, wait: float = 0.0) -> AbstractContextManager[None]:
        """Holds the plan for one run. Raises Busy, naming the holder, where it is not free within `wait` seconds."""
        return locked(f"{self.folder}/lock", wait)

    def keep(self, run: str, team: str, task: str, expectation: str, name: str, text: str, limit: int = LIMIT) -> str:
        """Keeps raw output behind a verdict, of a longer text than `limit` bytes head and tail; returns its digest.

        After a crash the text is whole or not there. It is found by `journal.evidence` once the run has finished.
        """
        digest, size = self._raw.add(text, limit)
        self.journal.attach(Evidence(run, team, task, expectation, name, digest, size))
        return digest

    def text(self, digest: str) -> str | None:
        """What was kept under that digest; None where it has been pruned."""
        return self._raw.read(digest)

    def prune(self, now: float, *, days: float = 30.0, size: int = 500_000_000) -> Pruned:
        """Forgets runs older than `days`, then the oldest ones until the rest takes at most `size` bytes.

        The last run and the last finished one stay whatever they take. Returns what was removed.
        """
        runs = self._database.read(kept)
        gone = set(surplus(runs, now - days * DAY, size))
        stay = [run for run in runs if run.id not in gone]
        if gone:
            self._database.write(lambda connection: forget(connection, gone))
            self._database.shrink()
        self._database.write(lambda connection: forget_notices(connection, now - DAY, now - days * DAY))
        for folder in (self.folder, *(f"{self.folder}/notices{each}" for each in ("", "/teams", "/trouble"))):
            sweep(folder, _is_whole, now)
        Outcomes(f"{self.folder}/outcomes").prune(now - days * DAY, size // 4)
        wanted = {digest for run in stay for digest in run.texts}
        files = sweep(f"{self.folder}/raw", wanted.__contains__, now)
        return Pruned(len(gone), files, total(runs) - total(stay))

    def close(self) -> None:
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _is_whole(name: str) -> bool:
    """Whether a file is no leftover of a process that was killed while writing."""
    return not name.startswith(".")
