"""When checkpoints are due: a cron expression, a time zone, and the moments that they name.

Moments are seconds since the epoch. Which minutes of which days an expression names is cronsim's to say, without any
time zone. What becomes of these minutes where clocks change is decided here, as Debian's cron does it:

- A time of day that is fixed (neither minute nor hour begins with `*`) and skipped comes right after the change; one
  that the clocks show twice comes the first time only.
- All else follows the clocks: it comes whenever they show a minute that matches.
"""

from __future__ import annotations

import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime, timedelta
from math import floor

import msgspec
from cronsim import CronSim, CronSimError

from checkpoint.slots import slot_at

_DAY = 86400
_LONGEST = 250
"""Characters of an expression: more than one that lists every minute takes."""
_FIELDS = {
    "minute": "minutes from 0 to 59, such as `30`, `*/15` or `0,20,40`",
    "hour": "hours from 0 to 23, such as `9`, `9-18` or `*/2`",
    "day-of-month": "days from 1 to 31 that a month has, such as `1`, `1-7` or `L` for its last",
    "month": "months from 1 to 12 or `jan` to `dec`, such as `*/3` or `mar-oct`",
    "day-of-week": "weekdays from 0 to 7 or `sun` to `sat`, such as `mon-fri`, `mon#1` or `5L`",
}
_ANY_CYCLE = datetime(2001, 1, 1)  # noqa: DTZ001 - a time of the calendar, in no zone
"""From here on every date that the calendar has comes within cronsim's fifty years."""
_NOT_THE_SAME_EVERYWHERE = ("localtime", "posixrules", "Factory")
_OF_OTHER_CLOCKS = ("posix/", "right/")


class Schedule(msgspec.Struct, frozen=True):
    """A cron expression of five fields in a time zone, UTC where `zone` is empty.

    Raises ValueError, in a line that says what was expected, where either is none.
    """

    expression: str
    zone: str = ""

    def __post_init__(self) -> None:
        wrong = problem(self.expression, self.zone)
        if wrong or not self.expression.strip():
            raise ValueError(f"expected {wrong or 'an expression'}")

    @property
    def text(self) -> str:
        """The schedule as people are told of it."""
        return f"{' '.join(self.expression.split())} ({self.zone or 'UTC'})"

    def shown(self, moment: float) -> str:
        """The moment as the clocks of the zone show it, for people: `Mon 23 Nov 09:00`."""
        return datetime.fromtimestamp(moment, self._zone).strftime("%a %d %b %H:%M")

    def after(self, moment: float) -> float | None:
        """The first slot later than the moment; None where none comes within fifty years."""
        slots = self._fixed_after if self._is_fixed else self._shown_after
        found = slots(floor(moment))
        return None if found is None else float(found)

    def latest(self, moment: float) -> float | None:
        """The last slot at or before the moment; None where none came within fifty years."""
        slot = self._one_before(floor(moment))
        while slot is not None and (following := self.after(slot)) is not None and following <= moment:
            slot = following
        return slot

    def slot(self, moment: float) -> str:
        """The name of the slot at this moment, the same for whoever computes it: `cron:2026-11-21T15:30Z`."""
        return slot_at(moment)

    @property
    def _is_fixed(self) -> bool:
        minute, hour, *_ = self.expression.split()
        return not minute.startswith("*") and not hour.startswith("*")

    @property
    def _zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.zone or "UTC")

    def _times(self, start: datetime, *, reverse: bool = False) -> Iterator[datetime]:
        """The times of the calendar, in no zone, that the expression names after or before `start`."""
        return CronSim(self.expression, start, reverse)

    def _fixed_after(self, moment: int) -> int | None:
        zone = self._zone
        for time in self._times(_shown(moment, zone)):
            # In the hour that is shown again, the first times come from the hour before.
            if (slot := _first(time, zone) or _skip_to(time, zone)) > moment:
                return slot
        return None

    def _shown_after(self, moment: int) -> int | None:
        zone, begin = self._zone, moment + 1
        while True:
            time = next(self._times(_shown(begin, zone) - timedelta(seconds=1)), None)
            if time is None:
                return None
            found = begin + int((time - _shown(begin, zone)).total_seconds())
            change = _change(zone, begin, found)
            if change is None:
                return found
            begin = change

    def _one_before(self, moment: int) -> float | None:
        """A slot at or before the moment with at most an hour's worth of slots between the two."""
        zone = self._zone
        for time in self._times(_shown(moment, zone) + timedelta(seconds=1), reverse=True):
            slot = _first(time, zone) or (_skip_to(time, zone) if self._is_fixed else None)
            if slot is not None:
                return float(slot)
        return None


def of_plan(expression: str, zone: str) -> Schedule | None:
    """The schedule of a plan's settings; None where there is no expression. Raises ValueError as `Schedule` does."""
    return Schedule(expression, zone) if expression.strip() else None


def problem(expression: str, zone: str) -> str:
    """What was expected instead, as a phrase; empty where both are right, or empty themselves."""
    return expression_problem(expression) or zone_problem(zone)


def expression_problem(expression: str) -> str:
    """What was expected instead of this expression, as a phrase; empty where it is right, or empty."""
    fields = expression.split()
    if not fields:
        return ""
    if len(fields) == len(_FIELDS) + 1:
        return "five fields, minute first: a schedule has no seconds"
    if len(fields) != len(_FIELDS):
        return "five fields: minute, hour, day, month and weekday"
    if len(expression) > _LONGEST:
        return f"at most {_LONGEST} characters"
    try:
        comes = next(CronSim(expression, _ANY_CYCLE), None)
    except (CronSimError, ValueError) as error:
        return _FIELDS.get(str(error).removeprefix("Bad "), "numbers")
    return "" if comes else "a date that the calendar has"


def zone_problem(zone: str) -> str:
    """What was expected instead of this time zone, as a phrase; empty where it is right, or empty."""
    if not zone or (_is_the_same_everywhere(zone) and _is_known(zone)):
        return ""
    if not _is_known("UTC"):
        return "a time zone that this machine knows, and it knows none: install the package `tzdata`"
    return "the name of a time zone"


def zones() -> list[str]:
    """The names of all time zones that this machine knows."""
    return sorted(zoneinfo.available_timezones())


def _is_the_same_everywhere(zone: str) -> bool:
    return zone not in _NOT_THE_SAME_EVERYWHERE and not zone.startswith(_OF_OTHER_CLOCKS)


def _is_known(zone: str) -> bool:
    try:
        zoneinfo.ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _offset(moment: int, zone: zoneinfo.ZoneInfo) -> timedelta:
    return datetime.fromtimestamp(moment, zone).utcoffset() or timedelta()


def _shown(moment: int, zone: zoneinfo.ZoneInfo) -> datetime:
    """What the clocks show at the moment."""
    return datetime.fromtimestamp(moment, zone).replace(tzinfo=None, fold=0)


def _first(time: datetime, zone: zoneinfo.ZoneInfo) -> int | None:
    """The first moment at which the clocks show this time; None where they skip it."""
    moment = int(time.replace(tzinfo=zone).timestamp())
    return moment if _shown(moment, zone) == time else None


def _skip_to(time: datetime, zone: zoneinfo.ZoneInfo) -> int:
    """The moment of the change at which the clocks skip this time."""
    before, after = (int(time.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (1, 0))
    return before + bisect_left(range(before, after), True, key=lambda each: _shown(each, zone) > time)


def _change(zone: zoneinfo.ZoneInfo, begin: int, end: int) -> int | None:
    """The first moment after `begin` and up to `end` at which the clocks have been changed."""
    offset = _offset(begin, zone)
    for day in range(begin, end, _DAY):
        upto = min(day + _DAY, end)
        if _offset(upto, zone) != offset:
            return day + bisect_left(range(day, upto), True, key=lambda each: _offset(each, zone) != offset)
    return None
