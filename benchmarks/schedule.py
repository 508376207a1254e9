"""When jobs run around the changes of clocks in 2026: ours, beside APScheduler's own CronTrigger and cronsim alone.

Ten zones with two changes each, twelve expressions, so 240 cases of four days each. What is right is told minute by
minute, without any of the three, by the rules of Debian's cron: a job at a fixed time runs once a day, right after the
change where the change skips its time; all others run whenever the clocks show their minute. Seven of the twelve
expressions are daily.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import NamedTuple
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]
from cronsim import CronSim

from benchmarks.floor import ROOT, machine
from checkpoint.schedule import Schedule
from tests.helpers.clock_changes import Case, Run, by_the_minute, cases, doubled, never_shown, repeated, shown, skipped


class Result(NamedTuple):
    """What an engine made of all cases: counts, and microseconds for each date."""

    name: str
    skipped: int
    repeated: int
    never_shown: int
    doubled: int
    differing: int
    cost: float


def ours(case: Case) -> Iterator[Run]:
    schedule, moment = Schedule(case.expression, case.zone), case.begin - 1.0
    while (following := schedule.after(moment)) is not None:
        moment = following
        yield Run(int(moment), shown(moment, case.zone))


def apscheduler(case: Case) -> Iterator[Run]:
    """As APScheduler's own loop asks: each date at the one before."""
    zone = ZoneInfo(case.zone)
    trigger = CronTrigger.from_crontab(case.expression, timezone=zone)
    previous, now = None, datetime.fromtimestamp(case.begin, zone)
    while True:
        previous = now = trigger.get_next_fire_time(previous, now)
        yield _run(now)


def cronsim(case: Case) -> Iterator[Run]:
    return map(_run, CronSim(case.expression, datetime.fromtimestamp(case.begin - 1, ZoneInfo(case.zone))))


def _run(date: datetime) -> Run:
    return Run(int(date.timestamp()), date.replace(tzinfo=None, fold=0))


def within(case: Case, engine: Callable[[Case], Iterator[Run]]) -> list[Run]:
    runs = []
    for run in engine(case):
        if run.moment >= case.end:
            break
        runs.append(run)
    return runs


def result(name: str, engine: Callable[[Case], Iterator[Run]], every: list[tuple[Case, list[int]]]) -> Result:
    began = time.process_time()
    runs = [within(case, engine) for case, _ in every]
    cost = (time.process_time() - began) / sum(map(len, runs)) * 1e6
    pairs = [(case, made) for (case, _), made in zip(every, runs, strict=True)]
    return Result(
        name,
        sum(len(skipped(*pair)) for pair in pairs),
        sum(len(repeated(*pair)) for pair in pairs),
        sum(len(never_shown(*pair)) for pair in pairs),
        sum(len(doubled(made)) for made in runs),
        sum([run.moment for run in made] != right for (_, right), made in zip(every, runs, strict=True)),
        cost,
    )


def results() -> list[Result]:
    every = [(case, by_the_minute(case)) for case in cases()]
    return [
        result("checkpoint", ours, every),
        result(f"APScheduler {version('apscheduler')}, `CronTrigger`", apscheduler, every),
        result(f"cronsim {version('cronsim')}, with its own time zones", cronsim, every),
    ]


def table(found: list[Result]) -> str:
    lines = [
        "| engine | days skipped | days with two runs | times never shown | twice at once | not right | µs a date |",
        "|---|---|---|---|---|---|---|",
        *(f"| {' | '.join(map(str, each[:-1]))} | {each.cost:.0f} |" for each in found),
    ]
    return "\n".join(lines)


def main() -> int:
    """Prints the table, and writes it where asked to; 1 where ours is not right in every case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/schedule.md too")
    options = parser.parse_args()
    found = results()
    text = f"{(__doc__ or '').strip()}\n\n{table(found)}\n\n{machine()}.\n"
    print(text)
    if options.write:
        target = ROOT / "benchmarks" / "results" / "schedule.md"
        target.write_text(f"# schedule\n\n{text}\nMade by `python -m benchmarks.schedule --write`.\n")
    return int(any(found[0][1:-1]))


if __name__ == "__main__":
    sys.exit(main())
