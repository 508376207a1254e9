"""What a server says of what happens: a line each, for people and programs."""

from __future__ import annotations

import time

import msgspec

from checkpoint.documents import Happening, Now, Served, Told
from checkpoint.errors import CheckpointError
from checkpoint.record import Request
from checkpoint.schedule import Schedule
from checkpoint.triggers.preview import Preview
from checkpoint.verdicts import Verdict
from checkpoint.wording import headline, number_of


def served(event: Happening, text: str, now: float, slot: str = "") -> Served:
    """That this happened. `now` is in seconds since the epoch."""
    return Served(at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)), event=event, text=text, slot=slot)


def of_checkpoint(taken: Now, request: Request, now: float) -> Served:
    """How a checkpoint ended."""
    words = {
        "published": f"published {taken.commit[:10]}: {headline(taken.report)}",
        "unchanged": f"nothing new: {headline(taken.report)}",
    }
    text = words.get(taken.result, "; ".join(taken.notes))
    said = served("checkpoint", text, now, request.slot)
    return msgspec.structs.replace(said, trigger=request.trigger, result=taken.result, commit=taken.commit)


def of_preview(preview: Preview, now: float) -> Served:
    """What is true of a team now, of which a checkpoint is about to be taken."""
    held = "all" if preview.holds == preview.judged else f"{preview.holds} of"
    parts = [f"{preview.team}: {held} {number_of(preview.judged, 'expectation')} {_hold(preview.judged)}"]
    if preview.wrong:
        parts.append(_reason(preview.wrong))
    if preview.waits:
        parts.append(f"{preview.waits} {'waits' if preview.waits == 1 else 'wait'} for the checkpoint")
    return served("judged", "; ".join(parts), now)


def _hold(many: int) -> str:
    return "holds" if many == 1 else "hold"


def _reason(verdict: Verdict) -> str:
    findings = (f": expected {each.expected}, found {each.found}" for each in verdict.findings[:1])
    return f"{verdict.task} {verdict.expectation}{''.join(findings)}"


def of_channel(told: Told, now: float) -> Served:
    """What a channel has carried, or why it does not."""
    if told.problem:
        return served("failed", f"{told.channel}: {told.problem}", now)
    return served("told", f"{told.channel}: {told.receipt}" if told.receipt else f"{told.channel} was told", now)


def outlook(plan: str, schedule: Schedule | None, following: float | None) -> str:
    """What is served, and when its next slot comes, by the schedule's own clock."""
    if schedule is None or following is None:
        return f"serving {plan}: no schedule"
    return f"serving {plan}: {schedule.text}; next {schedule.shown(following)}"


def failure(error: CheckpointError) -> str:
    """What keeps checkpoints from being taken, and what to do about it."""
    first = getattr(error, "details", ())[:1]
    said = ": ".join((error.line, *first))
    return f"{said} → {error.mend}" if error.mend else said
