"""What is promised, and what came of putting it to the test."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Protocol


class Promise(NamedTuple):
    """One row of docs/reliability.md. `figure` is what has to be reached, at full size."""

    number: int
    sentence: str
    figure: str


class Outcome(NamedTuple):
    """What was counted, in our way and in the naive one, in the same run.

    `reached` and `naive` are each one line in the words of the promise's figure. `broken` names every case in which
    the promise was not kept; none means that it was. `details` is Markdown, shown beneath the table.
    """

    reached: str
    naive: str
    broken: tuple[str, ...] = ()
    details: str = ""


class Trial(NamedTuple):
    """How a promise is put to the test.

    `short` is the size that runs with the tests: seconds, not minutes. `seed` makes what is random repeatable, `folder`
    is empty and gone afterwards, and `say` shows a line of progress.
    """

    seed: int
    folder: Path
    short: bool = False
    say: Callable[[str], None] = lambda line: None


class Torture(Protocol):
    """What each module of this package offers that is named in `torture/trials.py`."""

    PROMISE: Promise

    def run(self, trial: Trial) -> Outcome:
        """Puts the promise to the test. Raises nothing for a promise that is broken: the outcome says so."""
