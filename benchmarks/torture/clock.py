"""Clocks are changed, set, and stand still while a machine sleeps.

**Changed**, as laws have it: the 240 cases of `benchmarks/schedule.py`, ten zones with two changes each and twelve
expressions, held against what Debian's cron does, told minute by minute. Counted are the daily jobs that skip a day, or
run twice on one.

**Set**, while an hourly schedule is kept by processes that all look at one clock (libfaketime; their monotonic clock
stays as it is): forward by an hour; back by an hour, so that an hour is shown again, and the next one afterwards; eight
hours forward while the processes are stopped, as if the machine had slept. In a second story it is set while they are
down: back by an hour, and forward by five. To get to an hour it is set to some seconds before it. Each story has two
servers, each with a plan of its own: one watches, the other goes by the schedule alone. In every turn an hour must come
within 60 seconds; in the end each has come once, and no other one: counted are the runs in the journal and the commits
on the remote.

The naive way is APScheduler's cron trigger and scheduler with their defaults, in the same cases, by the same clock.
"""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import NamedTuple

from benchmarks.schedule import Result, apscheduler, ours, result
from benchmarks.torture.clock_keepers import Keeper, Naive, Ours
from benchmarks.torture.clock_story import FULL, NOON, SHORT, Kept, Stage, play_down, play_set
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.clock_changes import by_the_minute, cases
from tests.helpers.fake_clock import MISSING, FakeClock, is_available
from tests.helpers.homes import at_home

PROMISE = Promise(
    5,
    "An hour of the schedule comes once, whatever the clock does.",
    "240 clock changes: 0 days skipped, 0 doubled; set and suspended: 14/14 within 60 s, 0 twice",
)
_EVERY_SHORT = 8
"""Of so many cases of clock changes the short form goes through one."""


class Found(NamedTuple):
    """What one way made of the cases, and of the story: nothing where the clock cannot be set here."""

    changed: Result
    cases: int
    kept: Sequence[Kept]


def run(trial: Trial) -> Outcome:
    trial.say("clock changes")
    every = [(case, by_the_minute(case)) for case in islice(cases(), None, None, _EVERY_SHORT if trial.short else 1)]
    changed = [result(engine.__name__, engine, every) for engine in (ours, apscheduler)]
    kept = stories(trial) if is_available() else []
    mine, naive = (
        Found(each, len(every), [one for one in kept if one.is_ours != is_naive])
        for each, is_naive in zip(changed, (False, True), strict=True)
    )
    return Outcome(figure(mine), figure(naive), tuple(broken(mine)), details(kept))


def stories(trial: Trial) -> list[Kept]:
    """Has all keep their hours while the clock is set; in the short form in the first story only."""
    plays = {"set": play_set} if trial.short else {"set": play_set, "down": play_down}
    with at_home(trial.folder / "home", CHECKPOINT_NOTIFY=""), ExitStack() as stack:
        stages = [stage(trial, name) for name in plays]
        for each in (keeper for one in stages for keeper in one.keepers):
            stack.callback(each.kill)
        with ThreadPoolExecutor() as pool:
            for playing in [pool.submit(play, one) for play, one in zip(plays.values(), stages, strict=True)]:
                playing.result()
        return [kept for one in stages for kept in one.kept()]


def stage(trial: Trial, name: str) -> Stage:
    """In the short form there is one server, which looks more often: when it wakes up is all that differs."""
    folder, env = trial.folder / name, {"CHECKPOINT_POLL": "1s"} if trial.short else {}
    folder.mkdir()
    clock = FakeClock(folder / "clock", NOON)
    keepers: list[Keeper] = [Ours(folder / "scheduled", clock, "--no-watch", env=env), Naive(folder / "naive", clock)]
    if not trial.short:
        keepers.insert(0, Ours(folder / "watching", clock))
    return Stage(clock, keepers, SHORT if trial.short else FULL, trial.say)


def figure(found: Found) -> str:
    """What was reached, in the words of the promise's figure."""
    changed = (
        f"{found.cases} clock changes: {found.changed.skipped} days skipped, {found.changed.repeated} doubled; "
        f"set and suspended: "
    )
    if not found.kept:
        return f"{changed}not run ({MISSING})"
    came = [has_come for each in found.kept for has_come in each.came.values()]
    repeated = sum(len(each.repeated) for each in found.kept)
    return f"{changed}{sum(came)}/{len(came)} within 60 s, {repeated} twice"


def broken(found: Found) -> Iterable[str]:
    """Every way in which the promise was not kept."""
    counts = found.changed
    for name, count in (
        ("days skipped", counts.skipped),
        ("days with two runs", counts.repeated),
        ("times that no clock shows", counts.never_shown),
        ("moments with two runs", counts.doubled),
        ("cases that are not as cron's", counts.differing),
    ):
        if count:
            yield f"clock changes: {count} {name}"
    for kept in found.kept:
        yield from (f"{kept.name}: {name}: the hour did not come within 60 s" for name in kept.missed)
        yield from (
            f"{kept.name}: {_shown(hour)} came {kept.runs[hour]} times" for hour in (*kept.lost, *kept.repeated)
        )
        yield from (f"{kept.name}: {_shown(hour)} was not to come" for hour in kept.uncalled)


def details(kept: Sequence[Kept]) -> str:
    """A table: in which turns each of them kept the hour, and which hours came more than once."""
    rows = (
        f"| {name} | `{each.name}` | {'came' if has_come else 'did not come'} |"
        for each in kept
        for name, has_come in each.came.items()
    )
    twice = (
        f"| {_shown(hour)} | `{each.name}` | came {each.runs[hour]} times |" for each in kept for hour in each.repeated
    )
    return "\n".join(("| hour | by | |\n|---|---|---|", *rows, *twice)) if kept else ""


def _shown(hour: float) -> str:
    return time.strftime("%H:%M", time.gmtime(hour)) if hour >= 0 else "an hour without a run of its own"
