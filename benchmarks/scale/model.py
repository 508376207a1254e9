"""What is measured at scale, and how it is judged: programs that take turns, and limits that are held against them."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

Of: TypeAlias = Literal["wall", "cpu", "peak"]


class Sample(NamedTuple):
    """One run: seconds on the wall, seconds of CPU of all its processes, bytes of memory of the largest of them."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0


Round: TypeAlias = Mapping[str, Sample]
"""What each subject took in one round, by its name."""


def nothing() -> None:
    """There is nothing to prepare."""


class Subject(NamedTuple):
    """A program that takes its turn. `command` is shown on the page; `prepare` runs before each turn, unmeasured.

    `take` raises RuntimeError where the program does not do its work. What is `ours` counts for the peak of memory.
    """

    name: str
    command: str
    take: Callable[[], Sample]
    prepare: Callable[[], None] = nothing
    ours: bool = False


class Limit(NamedTuple):
    """What a figure may be at most. Limits of the same work, `against` the same, are one row: the worst of them.

    `figure` makes a number of one round, for the wall and for CPU; the median of all rounds is held against `most`, and
    `by` says which of the two. None as `most` only shows the figures. `prototype` is what was reached without rules,
    reports and locks.
    """

    work: str
    against: str
    most: float | None
    figure: Callable[[Round, Of], float]
    by: Of = "wall"
    unit: str = "×"
    prototype: str = ""


class Group(NamedTuple):
    """Subjects that are measured in the same rounds. `reference` is the one that the others are shown as factors of.

    `missing` says which peers are not there, and why.
    """

    name: str
    about: str
    subjects: Sequence[Subject]
    limits: Sequence[Limit]
    reference: str = ""
    rounds: int = 7
    missing: Sequence[str] = ()


class Row(NamedTuple):
    """One line of the page: a figure held against what it may be at most. `beside` is the same figure by CPU.

    `figure` is None where it could not be measured, and `note` then says why.
    """

    work: str
    figure: float | None
    most: float | None
    unit: str = "×"
    against: str = ""
    beside: float | None = None
    prototype: str = ""
    note: str = ""

    @property
    def is_missed(self) -> bool:
        """Whether the limit is broken, or nobody could tell."""
        return self.most is not None and (self.figure is None or self.figure > self.most)

    @property
    def verdict(self) -> str:
        if self.most is None:
            return ""
        return "not measured" if self.figure is None else "**not met**" if self.is_missed else "met"


def ratio(name: str, other: str) -> Callable[[Round, Of], float]:
    """How many times as much one subject takes as another one of the same round."""
    return lambda round_, of: getattr(round_[name], of) / getattr(round_[other], of)


def amount(name: str, scale: float = 1.0) -> Callable[[Round, Of], float]:
    """What a subject takes, in a unit of which `scale` make a second or a byte."""
    return lambda round_, of: getattr(round_[name], of) * scale


def judged(limit: Limit, rounds: Sequence[Round]) -> Row:
    """The medians of all rounds that have the subjects which the limit is about."""
    row = Row(limit.work, None, limit.most, limit.unit, limit.against, prototype=limit.prototype)
    try:
        found = {of: statistics.median(limit.figure(each, of) for each in rounds) for of in (limit.by, "cpu")}
    except (KeyError, statistics.StatisticsError) as error:
        return row._replace(note=f"{error} was not measured" if error.args else "there is nothing to compare")
    return row._replace(figure=found[limit.by], beside=found["cpu"] if limit.by == "wall" else None)


def worst(rows: Sequence[Row]) -> list[Row]:
    """One row for each work and what it is held against: the closest to its limit, or furthest beyond it.

    What was not measured comes before all others.
    """
    kept: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row.work, row.against
        if key not in kept or _strain(row) > _strain(kept[key]):
            kept[key] = row
    return list(kept.values())


def _strain(row: Row) -> float:
    if row.figure is None:
        return float("inf")
    return row.figure / row.most if row.most else 0.0
