"""A hundred thousand artifacts: what each kind of run costs, beside the tools that one would use instead.

1,000 teams with 100 tasks each, in a repository of 100,000 files. Each figure is the median of the ratios within a
round, in which all programs of a group take turns; the order of a round begins with another program each time. The wall
is what limits hold for, unless a row says otherwise; CPU, with that of all children, stands beside it. Memory is that
of the largest process of a run, and never less than the 20 MB or so of the benchmark itself, which starts it.
Prototypes, from which the limits come, had no rules, no reports and no locks. All repositories are made here, with
`gc.auto` at 0.
"""

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.floor import ROOT, load, machine
from benchmarks.scale import peers, serving
from benchmarks.scale.bench import SHORT, Bench, Size, large
from benchmarks.scale.commands import commands
from benchmarks.scale.cycles import large_cycle, small_cycle
from benchmarks.scale.full import exists, growth, sha256
from benchmarks.scale.model import Group, Row
from benchmarks.scale.others import others
from benchmarks.scale.page import details, memory, rows_of, summary
from benchmarks.scale.plans import plans
from benchmarks.scale.recheck import committed, edited, unchanged
from benchmarks.scale.taking import Taken, take

GROUPS: Mapping[str, Callable[[Bench], Group]] = {
    "small": small_cycle,
    "plan": plans,
    "exists": exists,
    "sha256": sha256,
    "unchanged": unchanged,
    "edited": edited,
    "committed": committed,
    "cycle": large_cycle,
    "commands": commands,
    "others": others,
    "growth": growth,
}
SERVE = "serve"


def measured(bench: Bench, names: Sequence[str]) -> tuple[list[Taken], list[Row]]:
    """The groups of these names, and all rows. A group that cannot be made ready raises what it met."""
    every = [take(GROUPS[name](bench), bench.say) for name in names if name in GROUPS]
    rows = [row for taken in every for row in rows_of(taken)]
    if SERVE in names:
        rows += _serving(bench)
    return every, [*rows, memory(every)]


def _serving(bench: Bench) -> Sequence[Row]:
    place = large(bench)
    place.clean()
    bench.say("serve")
    return serving.measure(bench.checkpoint, place.work)


def page(every: Sequence[Taken], rows: Sequence[Row], bench: Bench, seconds: float) -> str:
    """Markdown: the table, what each program took, and on what machine."""
    closing = f"Measured in {seconds / 60:.0f} minutes; load {load()} at the end. {machine()}, {_versions(bench)}."
    return "\n\n".join(((__doc__ or "").strip(), summary(rows), *map(details, every), closing))


def _versions(bench: Bench) -> str:
    return ", ".join(peers.versions(bench.tools))


def main() -> int:
    """Prints the page, and writes it where asked to; 1 where a limit is not met."""
    options = _options()
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {line}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = options.folder.absolute() if options.folder else Path(name)
        size = SHORT if options.short else Size()
        size = size._replace(rounds=options.rounds) if options.rounds else size
        bench = Bench(folder, options.checkpoint.absolute(), size, ROOT / "build" / "peers", say)
        if not options.without_peers:
            peers.install(bench.tools, say)
        every, rows = measured(bench, options.only or (*GROUPS, SERVE))
    text = page(every, rows, bench, time.monotonic() - began)
    print(text)
    if options.write:
        _write(text, summary(rows))
    return int(any(row.is_missed for row in rows))


def _write(text: str, told: str) -> None:
    """Writes the page of results, and the table of docs/performance.md between its two comments."""
    results, told_in = ROOT / "benchmarks" / "results" / "scale.md", ROOT / "docs" / "performance.md"
    results.write_text(f"# scale\n\n{text}\n\nMade by `make bench ARGS=--write`.\n")
    before, opening, _, closing, after = re.split(r"(<!-- /?scale.*-->\n)", told_in.read_text())
    told_in.write_text(f"{before}{opening}\n{told}\n\n{closing}{after}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "benchmarks.scale", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = ", ".join((*GROUPS, SERVE))
    parser.add_argument("--only", action="append", metavar="ROW", choices=(*GROUPS, SERVE), help=f"one of {names}")
    parser.add_argument("--checkpoint", type=Path, default=Path(sys.executable).with_name("checkpoint"), metavar="FILE")
    parser.add_argument("--rounds", type=int, help="how often each is measured (default: 7)")
    parser.add_argument("--short", action="store_true", help="as small as the tests run it")
    parser.add_argument("--folder", type=Path, help="where repositories are kept, to be used again")
    parser.add_argument("--without-peers", action="store_true", help="install no programs to compare with")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/scale.md too")
    options = parser.parse_args()
    if options.write and (options.only or options.short):
        parser.error("--write needs all rows, at full size")
    return options


if __name__ == "__main__":
    sys.exit(main())
