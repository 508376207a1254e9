"""The live display of a long run."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Bar:
    """A line on standard error: how many expectations are judged, for how long, and which one is being judged."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            MofNCompleteColumn(),
            BarColumn(20),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._progress.add_task("")
        self._progress.start()

    def show(self, done: int, total: int, what: str) -> None:
        self._progress.update(self._task, completed=done, total=total or None, description=escape(what[:100]))

    def close(self) -> None:
        self._progress.stop()
