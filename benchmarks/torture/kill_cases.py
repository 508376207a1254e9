"""One kill after the other, each with the next run and what was wrong after it."""

import random
import statistics
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple, TypeAlias

from benchmarks.torture.kill_checks import wrong_with, wrong_with_clone, wrong_with_notices
from benchmarks.torture.kill_points import Point
from benchmarks.torture.killed_scene import KINDS, Kind, Scene
from tests.helpers.killing import DistantSlack
from tests.helpers.process_trees import Tree

Way: TypeAlias = tuple[str, ...]

OURS: Way = ("-m", "checkpoint", "now", "--quiet")
NAIVE: Way = ("-m", "benchmarks.torture.killed_naively")
_STOPPING: Way = ("-m", "tests.helpers.stopping")
_FIRSTS = 5
"""One of so many runs is a first one."""
_ALONE = 3
"""One of so many is killed without what it has started."""


class Case(NamedTuple):
    """One kill: at `point`, or that share of a run's duration after its start."""

    way: Way
    kind: Kind
    first: bool
    alone: bool
    share: float
    point: Point | None = None

    @property
    def name(self) -> str:
        way, of = "ours" if self.way == OURS else "naive", "first" if self.first else "later"
        where = self.point.name if self.point else f"at {self.share:.0%}{', alone' if self.alone else ''}"
        return f"{way}, {of} run, remote: {self.kind}, {where}"


class Result(NamedTuple):
    """What was wrong after the next run, and whether the run was hit at all, or had ended before."""

    case: Case
    wrong: tuple[str, ...]
    hit: bool


def at_random(way: Way, number: int, chance: random.Random) -> Iterator[Case]:
    """So many kills, their moments spread evenly over a run, and everything else in turn."""
    for each in range(number):
        first = way == OURS and each % _FIRSTS == 0
        alone = each // len(KINDS) % _ALONE == 0
        yield Case(way, KINDS[each % len(KINDS)], first, alone, (each + chance.random()) / number)


def at_point(point: Point, times: int) -> Iterator[Case]:
    """So many kills there, in each kind of scene that has the point."""
    for each in range(times):
        yield Case(OURS, point.kinds[each % len(point.kinds)], point.first, alone=False, share=0.0, point=point)


class Worker:
    """Carries out cases in a scene for each way and kind; one in which something was wrong is not used again."""

    def __init__(self, folder: Path, name: str, address: str, stack: ExitStack, measured: int) -> None:
        """`measured`: from so many undisturbed runs of a kind it is known how long one takes."""
        self._folder = folder
        self._name = name
        self._address = address
        self._stack = stack
        self._measured = measured
        self._made = 0
        self._scenes: dict[tuple[Way, Kind], Scene] = {}
        self._seconds: dict[tuple[Way, Kind, bool], list[float]] = {}

    def carry_out(self, case: Case) -> Result:
        scene = self._scenes.get((case.way, case.kind)) or self._new_scene(case)
        hit, survivors = self._kill(scene, case)
        again = scene.start(case.way)
        status = again.status()
        survivors.settle()
        wrong = _wrong(scene, case, status)
        if case.point and not hit:
            wrong = (*wrong, "it never came to this point")
        if wrong:
            del self._scenes[case.way, case.kind]
        return Result(case, wrong, hit)

    def _kill(self, scene: Scene, case: Case) -> tuple[bool, Tree]:
        """Whether the run was hit, and what it has left running."""
        seconds = self._duration(scene, case) * case.share
        begin(scene, case.first)
        if case.point:
            tree = scene.start((*_STOPPING, case.point.when, case.point.function, *OURS[2:]))
            hit = tree.stopped()
        else:
            tree = scene.start(case.way)
            hit = not tree.ended_within(seconds)
            if not hit:  # the machine has become faster
                self._known(case).append(tree.seconds())
        tree.kill(alone=case.alone)
        return hit, tree

    def _duration(self, scene: Scene, case: Case) -> float:
        """Seconds that such a run takes, from start to end: the middle of the latest ones."""
        known = self._known(case)
        while not case.point and len(known) < self._measured:
            begin(scene, case.first)
            known.append(scene.start(case.way).seconds())
        return statistics.median(known[-self._measured :]) if known else 0.0

    def _known(self, case: Case) -> list[float]:
        return self._seconds.setdefault((case.way, case.kind, case.first), [])

    def _new_scene(self, case: Case) -> Scene:
        self._made += 1
        slack = DistantSlack()
        self._stack.enter_context(slack)
        scene = Scene(self._folder / f"{self._name}-{self._made}", case.kind, self._address, slack)
        self._scenes[case.way, case.kind] = scene
        return scene


def begin(scene: Scene, first: bool) -> None:
    scene.begin_step()
    if first:
        scene.forget()


def _wrong(scene: Scene, case: Case, status: int) -> tuple[str, ...]:
    faults = wrong_with(scene, status)
    if case.way == OURS:
        faults += [*wrong_with_notices(scene), *wrong_with_clone(scene)]
    return tuple(faults)
