"""One kind of failure that strikes operation 1, 2, … of a checkpoint, until it has fewer operations than that."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.failures_world import SETTLED_STATE, Ended, Found, Way, World, complaints, state

MOST = 200
"""Operations after which something is wrong with how a series ends."""


class Struck(NamedTuple):
    """How a run ended, and the operation that failed in it; "" where it has fewer."""

    ended: Ended
    what: str


class Series(NamedTuple):
    """`strike` takes a checkpoint whose n-th operation fails in this way.

    `few` are the operations that the short form strikes, none where it leaves the series out. `only` is the one that is
    struck at full size where each costs a long wait; 0 for all. A run may take `limit` seconds, and end with one of
    `statuses` where it did not succeed; `first` and `served` make the world, and `prepare` the rest of it.
    """

    family: str
    name: str
    strike: Callable[[World, int], Struck]
    few: tuple[int, ...] = ()
    only: int = 0
    limit: float = 30.0
    statuses: tuple[int, ...] = (4, 6, 7)
    first: bool = False
    served: bool = False
    prepare: Callable[[World], None] = lambda world: None


class Case(NamedTuple):
    """One failure and what came of it; `problems` are what must not be, in words."""

    family: str
    name: str
    state: str
    problems: tuple[str, ...]


def cases(alike: Sequence[Series], way: Way, folder: Path, *, short: bool) -> Iterator[Case]:
    """Strikes one operation after the other, all series in one world below an empty folder: that of the first."""
    with World(folder, way, first=alike[0].first, served=alike[0].served) as world:
        alike[0].prepare(world)
        for series in alike:
            yield from _cases(series, world, short=short)


def _cases(series: Series, world: World, *, short: bool) -> Iterator[Case]:
    every = (series.only,) if series.only else range(1, MOST)
    for number in series.few if short else every:
        world.restore()
        struck = series.strike(world, number)
        if not struck.what:
            return
        yield judged(series, number, struck, world)


def judged(series: Series, number: int, struck: Struck, world: World) -> Case:
    found = world.found()
    following = world.settled()
    name = f"{series.name}, {number}: {struck.what}"
    what = state(struck.ended, found)
    return Case(series.family, name, what, tuple(problems(series, struck.ended, found, following)))


def problems(series: Series, ended: Ended, found: Found, following: tuple[Ended, Found]) -> Iterator[str]:
    """What must not be: a state between, an end without a word or of the wrong class, a next run that is not right."""
    if state(ended, found) == "between":
        yield f"between: status {ended.status}, {found}"
    if ended.status and ended.status not in series.statuses:
        yield f"status {ended.status}: {ended.err[-300:]!r}"
    yield from complaints(ended, series.limit)
    next_ended, settled = following
    if next_ended.status:
        yield f"the next run: status {next_ended.status}, {next_ended.err[-300:]!r}"
    if settled != SETTLED_STATE:
        yield f"after the next run: {settled}"
