"""The promises by name, and how one of them is put to the test."""

import importlib
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.torture.promise import Outcome, Torture, Trial

NAMES = (
    "race",
    "kills",
    "failures",
    "slots",
    "clock",
    "outbox",
    "watching",
    "inputs",
    "forgery",
    "injection",
    "secrets",
    "commands",
    "checkout",
    "undo",
)
"""The modules, in the order of their promises' numbers."""


class Row(NamedTuple):
    """A promise and what came of it, in so many seconds."""

    name: str
    outcome: Outcome
    seconds: float

    @property
    def torture(self) -> Torture:
        return torture_named(self.name)

    @property
    def line(self) -> str:
        promise, outcome = self.torture.PROMISE, self.outcome
        verdict = f"**{len(outcome.broken)} broken**" if outcome.broken else "met"
        cells = (promise.number, promise.sentence, promise.figure, outcome.reached, outcome.naive, verdict)
        return f"| {' | '.join(map(str, cells))} |"

    @property
    def details(self) -> str:
        """What stands beneath the table: how it is tested, what was counted, and what was broken."""
        broken = "\n".join(f"- broken: {each}" for each in self.outcome.broken)
        parts = (f"## {self.torture.PROMISE.number}. {self.name}", about(self.torture), self.outcome.details, broken)
        seconds = f"{self.seconds:.0f} s: `make torture ARGS={self.name}`."
        return "\n\n".join((*filter(None, parts), seconds))


def about(torture: Torture) -> str:
    return (torture.__doc__ or "").strip()


def torture_named(name: str) -> Torture:
    return cast(Torture, importlib.import_module(f"benchmarks.torture.{name}"))


def put_to_test(name: str, seed: int, *, short: bool) -> Row:
    def say(line: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{name}: {line}", end="", file=sys.stderr, flush=True)

    torture, began = torture_named(name), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        outcome = torture.run(Trial(seed, Path(folder), short, say))
    say("")
    row = Row(name, outcome, time.monotonic() - began)
    print(f"{'broken' if outcome.broken else 'met':6}  {name}: {outcome.reached}", flush=True)
    for each in outcome.broken:
        print(f"        {each}", flush=True)
    return row
