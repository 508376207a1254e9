"""Slots of a schedule by their names: the same for whoever computes them, and read without what computes schedules."""

from __future__ import annotations

from datetime import UTC, datetime

_SLOT = "cron:%Y-%m-%dT%H:%MZ"


def slot_at(moment: float) -> str:
    """The name of the slot at this moment, seconds since the epoch: `cron:2026-11-21T15:30Z`."""
    return datetime.fromtimestamp(moment, UTC).strftime(_SLOT)


def moment_of(slot: str) -> float | None:
    """The moment that a slot's name tells; None for the name of another occasion than a schedule's."""
    try:
        moment = datetime.fromisoformat(slot.removeprefix("cron:"))  # strptime would be slow to load
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo and moment.strftime(_SLOT) == slot else None
