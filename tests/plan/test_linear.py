"""Four times as large a plan takes about four times as many steps, and not sixteen."""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from checkpoint.plan.edit import apply
from checkpoint.plan.merge import apart
from checkpoint.plan.parse import parse
from checkpoint.plan.reading import READINGS
from checkpoint.plan.restore import restore
from tests.helpers.plans import TEAM

FEW, MANY = 30, 120
"""Teams: all texts of the larger plan fit into the reader's cache of sections, as those of the smaller one do."""


def steps(work: Callable[[], object]) -> int:
    """How many lines of Python are run: the same on every machine, however busy."""
    count = 0

    def step(_frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def teams(number: int) -> bytes:
    each = "## Team: t%d\n- folder: `x`\n- [ ] **T%d** t\n  - `x` exists\n"
    return (TEAM + "".join(each % (n, n) for n in range(number))).encode()


def taken(data: bytes) -> bytes:
    plan = parse(data)
    return apply(data, dict.fromkeys(plan.tasks, True), {("next", team.name): "words" for team in plan.teams})


def reading(number: int) -> Callable[[], object]:
    return lambda: parse(teams(number))


def reading_markers_in_disorder(number: int) -> Callable[[], object]:
    return lambda: parse(teams(number) + b"<!--checkpoint:-->\n" * number)


def editing(number: int) -> Callable[[], object]:
    return lambda: taken(teams(number))


def restoring(number: int) -> Callable[[], object]:
    was, now = teams(number), taken(teams(number))
    return lambda: restore(now, was, now)


def merging(number: int) -> Callable[[], object]:
    base, ours = teams(number), taken(teams(number))
    return lambda: apart(base, ours, base).whole(ours)


@pytest.mark.parametrize("work", [reading, reading_markers_in_disorder, editing, restoring, merging])
def test_steps_are_linear(work: Callable[[int], Callable[[], object]]) -> None:
    work(1)()
    few, many = work(FEW), work(MANY)
    READINGS.forget()
    first = steps(few)
    READINGS.forget()
    assert steps(many) <= MANY / FEW * first


@pytest.mark.parametrize(
    "words",
    ["(after" + " " * 60_000 + "x", "(after " * 10_000, "- " * 30_000, "`" * 30_000 + " `" * 10_000, "[" * 60_000],
)
def test_no_pattern_goes_back_and_forth_in_a_long_line(words: str) -> None:
    began = time.thread_time()
    parse(f"{TEAM}- [ ] **A1** {words}\n  - `x` {words}\n{words}\n".encode())
    assert time.thread_time() - began < 3
