"""Every promise of docs/reliability.md, put to the test, beside the naive way to do the same in the same run.

Each line is a module of `benchmarks/torture/`, which says what exactly is done and what is counted. A short form of
each runs with the tests.
"""

import argparse
import importlib
import re
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple, cast

from benchmarks.floor import ROOT, load, machine
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
    torture: Torture
    outcome: Outcome
    seconds: float

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
    row = Row(name, torture, outcome, time.monotonic() - began)
    print(f"{'broken' if outcome.broken else 'met':6}  {name}: {outcome.reached}", flush=True)
    for each in outcome.broken:
        print(f"        {each}", flush=True)
    return row


def table(rows: list[Row]) -> str:
    head = ["| # | promise | to be reached | reached | the naive way | |", "|---|---|---|---|---|---|"]
    return "\n".join((*head, *(row.line for row in rows)))


def page(rows: list[Row], seed: int) -> str:
    closing = f"Seed {seed}; load {load()}. {machine()}."
    return "\n\n".join(((__doc__ or "").strip(), table(rows), *(row.details for row in rows), closing))


def write(text: str, promises: str) -> None:
    """Writes the results' page, and the table of docs/reliability.md between its two comments."""
    results, told = ROOT / "benchmarks" / "results" / "torture.md", ROOT / "docs" / "reliability.md"
    results.write_text(f"# torture\n\n{text}\n\nMade by `make torture ARGS=--write`.\n")
    before, opening, _, closing, after = re.split(r"(<!-- /?torture.*-->\n)", told.read_text())
    told.write_text(f"{before}{opening}{promises}\n{closing}{after}")


def main() -> int:
    """Prints a line for each promise, then the page; 1 where one of them was broken."""
    parser = argparse.ArgumentParser(
        "benchmarks.torture", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(NAMES)}")
    parser.add_argument("--short", action="store_true", help="as small as the tests run them")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="of what is random")
    parser.add_argument("--write", action="store_true", help="write results/torture.md and docs/reliability.md too")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown or (options.write and (options.names or options.short)):
        parser.error(f"no such promise: {', '.join(unknown)}" if unknown else "--write needs all of them, at full size")
    rows = [put_to_test(name, options.seed, short=options.short) for name in options.names or NAMES]
    text = page(rows, options.seed)
    print(f"\n{text}")
    if options.write:
        write(text, table(rows))
    return int(any(row.outcome.broken for row in rows))


if __name__ == "__main__":
    sys.exit(main())
