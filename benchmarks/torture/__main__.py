"""Every promise of docs/reliability.md, put to the test, beside the naive way to do the same in the same run.

Each line is a module of `benchmarks/torture/`, which says what exactly is done and what is counted. A short form of
each runs with the tests.
"""

import argparse
import multiprocessing
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor

from benchmarks.floor import ROOT, load, machine
from benchmarks.torture.trials import NAMES, Row, put_to_test


def rows_of(names: Sequence[str], seed: int, *, short: bool, jobs: int) -> list[Row]:
    """So many at a time, each in a process of its own: they change their environment, and wait a lot."""
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        working = [pool.submit(put_to_test, name, seed, short=short) for name in names]
        return [each.result() for each in working]


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
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="so many at the same time (default: 1)")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="of what is random")
    parser.add_argument("--write", action="store_true", help="write results/torture.md and docs/reliability.md too")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in NAMES]
    if unknown or (options.write and (options.names or options.short)):
        parser.error(f"no such promise: {', '.join(unknown)}" if unknown else "--write needs all of them, at full size")
    rows = rows_of(options.names or NAMES, options.seed, short=options.short, jobs=options.jobs)
    text = page(rows, options.seed)
    print(f"\n{text}")
    if options.write:
        write(text, table(rows))
    return int(any(row.outcome.broken for row in rows))


if __name__ == "__main__":
    sys.exit(main())
