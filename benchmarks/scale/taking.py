"""Programs taken in turns: each round runs every subject once, in an order that rotates from round to round."""

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.scale.model import Group, Round, Sample

_PATIENCE = 600.0
_SHORTEST = 300


class Taken(NamedTuple):
    """All rounds of a group after the one that warms the caches, and why subjects failed that are not in them."""

    group: Group
    rounds: Sequence[Round]
    failed: Mapping[str, str]


def run(words: Sequence[str], cwd: Path, env: Mapping[str, str], statuses: Collection[int] = (0,)) -> Sample:
    """Runs a program to its end, its output discarded. Raises RuntimeError for any other status.

    What it uses counts with all of its children that were waited for. Its memory is that of the largest process.
    """
    with tempfile.TemporaryFile() as errors:
        began = time.perf_counter()
        process = subprocess.Popen(
            words, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        alarm = threading.Timer(_PATIENCE, process.kill)
        alarm.start()
        _, code, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(code)
        if process.returncode not in statuses:
            errors.seek(0)
            said = " ".join(os.fsdecode(errors.read()).split())[-_SHORTEST:]
            raise RuntimeError(f"`{' '.join(words)[:_SHORTEST]}` ended with {process.returncode}: {said}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024.0)


def program(
    words: Sequence[str | Path], cwd: Path, env: Mapping[str, str], statuses: Collection[int] = (0,)
) -> Callable[[], Sample]:
    """A subject's turn that is one program."""
    return lambda: run([*map(str, words)], cwd, env, statuses)


def rotated(number: int, count: int) -> list[int]:
    """The order of a round: each begins with another subject."""
    return [(number + place) % count for place in range(count)]


def take(group: Group, say: Callable[[str], None]) -> Taken:
    """Measures a group. A subject that fails once is left out, and why is said; the others go on."""
    rounds: list[dict[str, Sample]] = []
    failed: dict[str, str] = {}
    for number in range(group.rounds + 1):
        taken: dict[str, Sample] = {}
        for place in rotated(number, len(group.subjects)):
            subject = group.subjects[place]
            if subject.name in failed:
                continue
            try:
                subject.prepare()
                taken[subject.name] = subject.take()
            except RuntimeError as error:
                failed[subject.name] = str(error)
                say(f"{group.name}: {subject.name}: {error}")
        rounds.extend([taken] if number else [])
        walls = ", ".join(f"{name} {sample.wall:.3f}" for name, sample in taken.items())
        say(f"{group.name}: round {number} of {group.rounds}: {walls}")
    return Taken(group, [_without(each, failed) for each in rounds], failed)


def _without(taken: Round, failed: Mapping[str, str]) -> Round:
    return {name: sample for name, sample in taken.items() if name not in failed}
