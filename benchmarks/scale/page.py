"""The page of results: a table of all figures that have limits, then what every program took."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from benchmarks.scale.model import Limit, Of, Row, Subject, amount, judged, ratio, worst
from benchmarks.scale.taking import Taken

_MEMORY = 300.0
_MEGABYTE = 1e6


def rows_of(taken: Taken) -> list[Row]:
    """A group's limits, held against its rounds."""
    return worst([_judged(limit, taken) for limit in taken.group.limits])


def _judged(limit: Limit, taken: Taken) -> Row:
    row = judged(limit, taken.rounds)
    failed = [f"{name}: {why}" for name, why in taken.failed.items()]
    return row._replace(note="; ".join(failed)) if row.figure is None and failed else row


def memory(every: Iterable[Taken]) -> Row:
    """The most that any process of ours took in any group."""
    peaks = [
        (_median(taken, subject, "peak") / _MEGABYTE, f"{taken.group.name}: {subject.name}")
        for taken in every
        for subject in taken.group.subjects
        if subject.ours and subject.name not in taken.failed and taken.rounds
    ]
    most, where = max(peaks, default=(None, "nothing was measured"))
    return Row("memory, all of the above", most, _MEMORY, "MB", note=where)


def summary(rows: Iterable[Row]) -> str:
    """A line for each figure. Ratios are of the wall, and of CPU beside it."""
    head = ["| work | held against | at most | prototype | measured | by CPU | |", "|---|---|--:|--:|--:|--:|---|"]
    return "\n".join((*head, *map(_line, rows)))


def _line(row: Row) -> str:
    most = "" if row.most is None else _with_unit(row.most, row.unit)
    found = row.note if row.figure is None else _with_unit(row.figure, row.unit)
    beside = "" if row.beside is None else _with_unit(row.beside, row.unit)
    remark = f" ({row.note})" if row.note and row.figure is not None else ""
    return f"| {row.work} | {row.against}{remark} | {most} | {row.prototype} | {found} | {beside} | {row.verdict} |"


def _with_unit(figure: float, unit: str) -> str:
    return f"{figure:.3g} {unit}"


def details(taken: Taken) -> str:
    """What each program of a group took, with its exact command."""
    group = taken.group
    lines = [
        f"## {group.name}",
        "",
        " ".join(group.about.split()),
        "",
        f"| program | command | wall | CPU | peak | × wall | × CPU | (medians of {len(taken.rounds)}) |",
        "|---|---|--:|--:|--:|--:|--:|---|",
        *(_program(taken, each) for each in group.subjects),
    ]
    return "\n".join([*lines, *_absent(group.missing)])


def _absent(missing: Sequence[str]) -> Iterator[str]:
    if missing:
        yield ""
        yield f"Not measured: {'; '.join(missing)}."


def _program(taken: Taken, subject: Subject) -> str:
    command = subject.command.replace("|", "\\|")
    if subject.name in taken.failed:
        return f"| {subject.name} | `{command}` | | | | | | failed: {taken.failed[subject.name]} |"
    wall, cpu, peak = (_median(taken, subject, of) for of in ("wall", "cpu", "peak"))
    spread = sorted(each[subject.name].wall for each in taken.rounds)
    ratios = " | ".join(_factor(taken, subject, of) for of in ("wall", "cpu"))
    times = f"{_seconds(wall)} | {_seconds(cpu)} | {peak / _MEGABYTE:.0f} MB"
    return f"| {subject.name} | `{command}` | {times} | {ratios} | {_seconds(spread[0])} to {_seconds(spread[-1])} |"


def _factor(taken: Taken, subject: Subject, of: Of) -> str:
    reference = taken.group.reference
    if reference in taken.failed or reference not in taken.rounds[0]:
        return ""
    return f"{statistics.median(ratio(subject.name, reference)(each, of) for each in taken.rounds):.3g}"


def _median(taken: Taken, subject: Subject, of: Of) -> float:
    return statistics.median(amount(subject.name)(each, of) for each in taken.rounds)


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"
