"""Where clocks changed in 2026, and what Debian's cron does there, told minute by minute and without any library.

As crontab(5) has it: jobs at a fixed time that was skipped run soon after the change, those in the time that comes
again are not run again; a job is fixed where neither its minute nor its hour begins with `*`. All others run whenever
the clocks show their minute.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

ZONES = (
    "America/Havana",  # at midnight: 00:00 is skipped
    "America/New_York",
    "America/Santiago",  # at midnight, and the day before has two hours from 23:00
    "America/St_Johns",  # half an hour beside the others
    "Antarctica/Troll",  # by two hours
    "Atlantic/Azores",  # at midnight, in one direction
    "Australia/Lord_Howe",  # by half an hour
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Chatham",  # at 02:45
)
DAILY = ("0 0 * * *", "30 0 * * *", "0 1 * * *", "30 1 * * *", "0 2 * * *", "30 2 * * *", "0 3 * * *")
OTHERS = ("0,30 1-3 * * *", "*/15 * * * *", "30 * * * *", "*/20 0-3 * * *", "0 */6 * * *")
EXPRESSIONS = DAILY + OTHERS
_MINUTE = timedelta(minutes=1)


class Case(NamedTuple):
    """An expression in a zone, from two days before a change of its clocks to two days after, in seconds."""

    zone: str
    expression: str
    begin: int
    end: int

    @property
    def is_daily(self) -> bool:
        return self.expression in DAILY


def cases() -> Iterator[Case]:
    """Every zone at each of its changes with every expression."""
    for zone in ZONES:
        for change in changes(zone):
            for expression in EXPRESSIONS:
                yield Case(zone, expression, change - 2 * 86400, change + 2 * 86400)


def changes(zone: str) -> list[int]:
    """The moments of 2026 at which the zone's clocks are changed."""
    known = ZoneInfo(zone)
    begin = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    quarters = range(begin, begin + 365 * 86400, 900)
    return [each for each in quarters if _offset(each, known) != _offset(each - 900, known)]


def _offset(moment: int, zone: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(moment, zone).utcoffset()


def shown(moment: float, zone: str) -> datetime:
    """What the zone's clocks show at the moment."""
    return datetime.fromtimestamp(moment, ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def by_the_minute(case: Case) -> list[int]:
    """When Debian's cron would run the case's job, if every day of the month, month and weekday is `*`."""
    minutes, hours = case.expression.split()[:2]
    named = _named(minutes, hours)
    if minutes.startswith("*") or hours.startswith("*"):
        return [each for each in range(case.begin, case.end, 60) if shown(each, case.zone).time() in named]
    return list(_fixed(case, named))


def _fixed(case: Case, named: frozenset[time]) -> Iterator[int]:
    """The virtual time of cron: it goes forward with the clocks, and waits where they go back."""
    virtual = shown(case.begin, case.zone) - _MINUTE
    for moment in range(case.begin, case.end, 60):
        is_due = False
        while virtual < shown(moment, case.zone):
            virtual += _MINUTE
            is_due = is_due or virtual.time() in named
        if is_due:
            yield moment


def _named(minutes: str, hours: str) -> frozenset[time]:
    return frozenset(time(hour, minute) for hour in _numbers(hours, 24) for minute in _numbers(minutes, 60))


def _numbers(field: str, end: int) -> set[int]:
    """`*`, `*/15`, `1-3`, `0,30`: all that the expressions above have."""
    if field.startswith("*"):
        return set(range(0, end, int(field[2:] or 1)))
    if "-" in field:
        first, last = map(int, field.split("-"))
        return set(range(first, last + 1))
    return set(map(int, field.split(",")))


class Run(NamedTuple):
    """What one engine made of a case: when it ran, and what it took the clocks to show then."""

    moment: int
    shown: datetime


def skipped(case: Case, runs: Sequence[Run]) -> list[date]:
    """The days of a daily job, of those that lie whole within the case, on which it did not run."""
    days = {run.shown.date() for run in runs}
    return [day for day in _whole_days(case) if case.is_daily and day not in days]


def repeated(case: Case, runs: Sequence[Run]) -> list[date]:
    """The days on which a daily job ran more than once."""
    days = Counter(run.shown.date() for run in runs)
    return [day for day, count in days.items() if case.is_daily and count > 1]


def never_shown(case: Case, runs: Sequence[Run]) -> list[datetime]:
    """The times that the clocks never showed."""
    return [run.shown for run in runs if shown(run.moment, case.zone) != run.shown]


def doubled(runs: Sequence[Run]) -> list[int]:
    """The moments at which there was more than one run."""
    return [moment for moment, count in Counter(run.moment for run in runs).items() if count > 1]


def _whole_days(case: Case) -> Iterator[date]:
    day = shown(case.begin, case.zone).date() + timedelta(days=1)
    while day < shown(case.end, case.zone).date():
        yield day
        day += timedelta(days=1)
