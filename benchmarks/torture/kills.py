"""A checkpoint is killed with SIGKILL, and then taken once more: that next run has to put everything right.

At random: real `checkpoint now` processes, killed at moments spread evenly from start to end, notices included; two of
three together with everything that they have started, git's children too, one of three alone, so that its git goes on.
The remote is a bare repository on the disk, the same behind HTTP, or there is none; every fifth run is a first one,
without a private clone and a journal. At named points: the run stops itself where a function of the product is
entered or left, and is then killed with all that it has started.

Before each, the person edits the plan and publishes it, and the teams deliver something else. The next run is right
where it ends with status 0; the published plan is complete, says what is on the disk, and has kept every word of the
person's; there is one commit for this state, and one notice, in Slack and in the file; both repositories and
the private clone are sound; no lock is left; and the person's checkout is as it was, or at the new commit, and clean.

The naive way is git in the person's work tree: pull, edit, add, commit, push. It is killed at random moments in the
same scenes, and held against the same, notices and private clone aside.
"""

import random
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from queue import SimpleQueue
from typing import Final, NamedTuple

from benchmarks.torture.kill_cases import NAIVE, OURS, Case, Result, Worker, at_point, at_random
from benchmarks.torture.kill_points import POINTS
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.smart_http import served

PROMISE = Promise(
    2,
    "A kill at any instruction needs no human.",
    "500 kills -9 at random moments: next run right 500/500; each named crash point × 20: one commit, one notice",
)


class Size(NamedTuple):
    """How many kills there are, at random and at each point of one in `every`.

    `measured` is how many undisturbed runs say how long one takes; `workers` are at work at the same time.
    """

    kills: int
    naive: int
    times: int
    every: int
    measured: int
    workers: int


FULL: Final = Size(kills=500, naive=150, times=20, every=1, measured=5, workers=4)
SHORT: Final = Size(kills=4, naive=2, times=1, every=12, measured=1, workers=3)


def run(trial: Trial) -> Outcome:
    size = SHORT if trial.short else FULL
    chance = random.Random(trial.seed)
    cases = [*at_random(OURS, size.kills, chance), *at_random(NAIVE, size.naive, chance)]
    cases += [case for point in POINTS[:: size.every] for case in at_point(point, size.times)]
    chance.shuffle(cases)
    return outcome(carried_out(cases, trial, size))


def carried_out(cases: Sequence[Case], trial: Trial, size: Size) -> list[Result]:
    """The results, in no order. Each of the workers takes what comes next."""
    with ExitStack() as stack:
        address, _ = stack.enter_context(served(trial.folder))
        free: SimpleQueue[Worker] = SimpleQueue()
        for number in range(size.workers):
            free.put(Worker(trial.folder, f"worker{number}", address, stack, size.measured))
        done = count(1)

        def one(case: Case) -> Result:
            worker = free.get()
            try:
                result = worker.carry_out(case)
            finally:
                free.put(worker)
            trial.say(f"{next(done)} of {len(cases)}: {case.name}")
            return result

        with ThreadPoolExecutor(size.workers) as pool:
            return [*pool.map(one, cases)]


def outcome(results: Sequence[Result]) -> Outcome:
    """What was counted, and each of our cases in which something was wrong."""
    random_ones = [each for each in results if each.case.way == OURS and not each.case.point]
    at_points = [each for each in results if each.case.point]
    naive = [each for each in results if each.case.way == NAIVE]
    broken = [f"{each.case.name}: {'; '.join(each.wrong)}" for each in (*random_ones, *at_points) if each.wrong]
    points = len({each.case.point for each in at_points})
    reached = f"{right(random_ones)}; {points} points: {right(at_points)}, one commit and one notice each"
    return Outcome(f"next run right {reached}", f"next run right {right(naive)}", tuple(broken), details(results))


def right(results: Sequence[Result]) -> str:
    return f"{sum(not each.wrong for each in results)}/{len(results)}"


def details(results: Sequence[Result]) -> str:
    """The points, and what was wrong in the naive way."""
    named = {point: [each for each in results if each.case.point == point] for point in POINTS}
    lines = ["| killed | next run right |", "|---|---|"]
    lines += [f"| {point.name} | {right(named[point])} |" for point in POINTS if named[point]]
    hit = sum(each.hit for each in results if not each.case.point and each.case.way == OURS)
    wrong = Counter(fault.split(":")[0] for each in results if each.case.way == NAIVE for fault in each.wrong)
    naive = "; ".join(f"{fault} ({number} times)" for fault, number in wrong.most_common(6))
    said = (f"Of the kills at random, {hit} came before the end of the run.", f"The naive way: {naive or 'nothing'}.")
    return "\n".join((*lines, "", *said))
