"""What commands cost, each beside its floor: the same work without this program, measured in the same round.

A machine's load and clock drift from second to second, so the commands take turns and every figure is the median of the
ratios within a round, not a ratio of medians from different minutes.
"""

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ROUNDS = 11


class Cost(NamedTuple):
    """Seconds on the wall, and of CPU: a process, and all of its children that it waited for."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: object) -> "Cost":
        return Cost(self.wall + other.wall, self.cpu + other.cpu) if isinstance(other, Cost) else NotImplemented


class Row(NamedTuple):
    """One figure: `run` measures the command, `floor` what it is held against.

    `limit` is a factor of the wall, or seconds of CPU where there is no floor; None only shows the figures.
    """

    name: str
    run: Callable[[], Cost]
    floor: Callable[[], Cost] | None
    limit: float | None


class Result(NamedTuple):
    """The medians of a row's rounds; `ratio` is of CPU and `wall_ratio` of the wall, both with least and most."""

    row: Row
    cost: Cost
    floor: Cost
    ratios: tuple[float, float, float]
    wall_ratios: tuple[float, float, float]

    @property
    def figure(self) -> float:
        """What the limit is held against: how long a user waits, as a ratio, or seconds of CPU."""
        return self.wall_ratios[1] if self.row.floor else self.cost.cpu

    @property
    def is_met(self) -> bool:
        return self.row.limit is None or self.figure <= self.row.limit


class Done(NamedTuple):
    """How a program ended."""

    status: int
    output: bytes
    cost: Cost


def run(argv: Sequence[str], cwd: str | Path, env: Mapping[str, str], data: bytes = b"") -> Done:
    """Runs a program to its end. What it writes to standard error is discarded."""
    pipe = subprocess.PIPE
    began = time.perf_counter()
    process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    with contextlib.suppress(BrokenPipeError), process.stdin as stdin:
        stdin.write(data)
    with process.stdout as stdout:
        output = stdout.read()
    _, code, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(code)
    return Done(process.returncode, output, Cost(wall, usage.ru_utime + usage.ru_stime))


def measure(argv: Sequence[str], cwd: str | Path, env: Mapping[str, str]) -> Cost:
    """What a program costs that must succeed. Raises RuntimeError where it does not."""
    done = run(argv, cwd, env)
    if done.status:
        raise RuntimeError(f"{' '.join(argv)}: status {done.status}")
    return done.cost


def compare(rows: Sequence[Row], rounds: int) -> list[Result]:
    """Measures all rows in turns, after one round that warms the caches."""
    nothing = Cost()
    taken: list[list[tuple[Cost, Cost]]] = [[] for _ in rows]
    for number in range(rounds + 1):
        for row, costs in zip(rows, taken, strict=True):
            pair = (row.floor() if row.floor else nothing, row.run())
            costs.extend([pair] if number else [])
        print(f"round {number} of {rounds}", file=sys.stderr)
    return [_result(row, costs) for row, costs in zip(rows, taken, strict=True)]


def _result(row: Row, costs: list[tuple[Cost, Cost]]) -> Result:
    ratios = _spread(cost.cpu / floor.cpu if floor.cpu else 0.0 for floor, cost in costs)
    wall_ratios = _spread(cost.wall / floor.wall if floor.wall else 0.0 for floor, cost in costs)
    return Result(row, _median(cost for _, cost in costs), _median(floor for floor, _ in costs), ratios, wall_ratios)


def _median(costs: Iterable[Cost]) -> Cost:
    return Cost(*map(statistics.median, zip(*costs, strict=True)))


def _spread(ratios: Iterable[float]) -> tuple[float, float, float]:
    each = sorted(ratios)
    return each[0], statistics.median(each), each[-1]


def table(results: Iterable[Result]) -> str:
    """The results as Markdown; times in milliseconds, CPU / wall."""
    lines = [
        "| what | cost | floor | × CPU | × wall | at most | |",
        "|---|---|---|---|---|---|---|",
        *map(_line, results),
    ]
    return "\n".join(lines)


def _line(result: Result) -> str:
    cost, floor = (f"{each.cpu * 1000:.0f} / {each.wall * 1000:.0f} ms" for each in (result.cost, result.floor))
    verdict = "" if result.row.limit is None else "met" if result.is_met else "**missed**"
    if not result.row.floor and result.row.limit is not None:
        return f"| {result.row.name} | {cost} | | | | {result.row.limit * 1000:.0f} ms of CPU | {verdict} |"
    spreads = (
        f"{middle:.2f} ({least:.2f} to {most:.2f})" for least, middle, most in (result.ratios, result.wall_ratios)
    )
    limit = "" if result.row.limit is None else f"{result.row.limit:g} × wall"
    return f"| {result.row.name} | {cost} | {floor} | {' | '.join(spreads)} | {limit} | {verdict} |"


def machine() -> str:
    """What the figures depend on: the processor, the system, and the versions."""
    git = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {git}"
    return f"{os.cpu_count()} × {_processor()}, {system}"


def load() -> str:
    """The load of the last minute: above the number of processors, ratios of the wall say little."""
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def report(name: str, about: str, make_rows: Callable[[Path, Path], Sequence[Row]]) -> int:
    """Measures, prints the table, writes it where asked to; 1 where a limit is missed.

    `make_rows` gets a folder that is removed afterwards, and the command that is measured.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured (default: {ROUNDS})")
    parser.add_argument("--checkpoint", type=Path, default=Path(sys.executable).with_name("checkpoint"), metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"write benchmarks/results/{name}.md too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
        results = compare(make_rows(Path(folder), options.checkpoint.absolute()), options.rounds)
    closing = f"Medians of {options.rounds} rounds, CPU / wall; load {load()}. {machine()}."
    text = f"{about.strip()}\n\n{table(results)}\n\n{closing}\n"
    print(text)
    if options.write:
        target = ROOT / "benchmarks" / "results" / f"{name}.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(f"# {name}\n\n{text}\nMade by `make bench ARGS=--write`.\n")
    return 0 if all(result.is_met for result in results) else 1
