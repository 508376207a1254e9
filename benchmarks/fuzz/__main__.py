"""Searches for inputs on which the plan's reader, its writers, or the readers of what teams deliver break a promise.

What is promised stands in `plan_targets.py` and `text_targets.py`. With atheris (`pip install atheris`) the search is
guided by coverage, one target after the other, each in a process of its own; without, hypothesis makes the inputs.
Either way they are plans, or nearly: lines of real ones put together, moved, indented, repeated, cut, in other
encodings.

A target ends at its first fault. The input lies in the folder of findings then, and belongs into a test.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import time
import traceback
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT, load, machine
from benchmarks.fuzz.targets import TARGETS, Target
from benchmarks.fuzz.unguided import search_for

_REACHED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_TRIED = re.compile(r"stat::number_of_executed_units: (\d+)")
_NOISE = re.compile(r"^(INFO|#\d+|stat::|\s*NEW_FUNC|Done|==\d+==)")


class Row(NamedTuple):
    """One target: seconds, inputs tried, code reached (edges and features), inputs kept, and what was found."""

    name: str
    seconds: float
    tried: int
    edges: int = 0
    features: int = 0
    kept: int = 0
    found: str = ""

    @property
    def line(self) -> str:
        cells = (self.name, f"{self.seconds:.0f}", f"{self.tried:,}", self.edges or "", self.features or "")
        return f"| {' | '.join(map(str, cells))} | {self.kept or ''} | {'**a fault**' if self.found else 'none'} |"


def guided(name: str, seconds: float, folder: Path, seed: int) -> Row:
    """atheris in a process of its own, with the corpus of earlier runs where the folder holds one."""
    corpus, findings = folder / name, folder / "findings" / name
    corpus.mkdir(parents=True, exist_ok=True)
    findings.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    words = (name, str(round(seconds)), str(corpus), str(findings), str(seed))
    command = [sys.executable, "-m", "benchmarks.fuzz.guided", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace", check=False)
    reached = _REACHED.findall(done.stderr)
    tried = _TRIED.search(done.stderr)
    found = "" if done.returncode == 0 else told(done.stdout + done.stderr)
    edges, features, kept = map(int, reached[-1]) if reached else (0, 0, 0)
    return Row(name, time.monotonic() - began, int(tried[1]) if tried else 0, edges, features, kept, found)


def told(output: str) -> str:
    """What was raised, and where its input lies, without libFuzzer's own lines."""
    return "\n".join(line for line in output.splitlines() if line.strip() and not _NOISE.match(line))


def unguided(name: str, target: Target, seconds: float) -> Row:
    began = time.monotonic()
    try:
        tried, found = search_for(target, seconds), ""
    except Exception:  # noqa: BLE001 - what a target raises is what is looked for
        tried, found = 0, traceback.format_exc()
    return Row(name, time.monotonic() - began, tried, found=found)


def page(rows: list[Row], how: str) -> str:
    head = ["| target | s | inputs | edges | features | kept | found |", "|---|--:|--:|--:|--:|--:|---|"]
    total = f"{sum(row.tried for row in rows):,} inputs in {sum(row.seconds for row in rows) / 60:.1f} minutes, {how}"
    return "\n".join((*head, *(row.line for row in rows), "", f"{total}; load {load()}. {machine()}."))


def main() -> int:
    """Prints a table; 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"only these: {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=float, default=600, help="in all; each target gets its share")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="of what is random")
    parser.add_argument("--unguided", action="store_true", help="by hypothesis, also where atheris is installed")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "fuzz", help="of inputs kept and of findings")
    options = parser.parse_args()
    if unknown := [name for name in options.names if name not in TARGETS]:
        parser.error(f"no such target: {', '.join(unknown)}")
    is_guided = not options.unguided and importlib.util.find_spec("atheris") is not None
    chosen = {name: target for name, target in TARGETS.items() if name in (options.names or TARGETS)}
    shares, rows = sum(target.share for target in chosen.values()), []
    for name, target in chosen.items():
        seconds = options.seconds * target.share / shares
        row = guided(name, seconds, options.folder, options.seed) if is_guided else unguided(name, target, seconds)
        print(row.line, *filter(None, [row.found]), sep="\n", flush=True)
        rows.append(row)
    print(f"\n{page(rows, 'guided by coverage' if is_guided else 'by hypothesis')}")
    return int(any(row.found for row in rows))


if __name__ == "__main__":
    sys.exit(main())
