"""When a server is killed: at random moments, after changes, within checkpoints, and just before a minute begins."""

import random
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from typing import Literal, NamedTuple, TypeAlias

from benchmarks.serving.people import Diary
from benchmarks.serving.process import Serving

Aim: TypeAlias = Literal["anywhere", "change", "checkpoint", "minute"]

_LEAD = 15.0
"""Seconds at the beginning and at the end in which nothing is killed."""
_LONGEST = 10.0
_DELAYS: dict[Aim, float] = {"anywhere": 0.0, "change": 4.0, "checkpoint": 0.6}
"""Seconds, at most, from what is waited for: a change has had its checkpoint by then, one that has begun is told."""
_MINUTES = 3
"""Minutes that begin while it is down, at least: else chance alone would make for one or none."""


class Kill(NamedTuple):
    """`at` is in seconds since the epoch; `delay` is what passes after what it waits for; `down` until it is
    started again."""

    at: float
    aim: Aim
    delay: float
    down: float


def planned(number: int, began: float, seconds: float, seed: int) -> list[Kill]:
    """So many kills in that time; about half of them are restarted at once, the others after up to ten seconds."""
    chance = random.Random(f"{seed} kills")
    first, last = began + _LEAD, began + seconds - _LEAD
    due = range(int(first // 60 + 1) * 60, int(last), 60)
    minutes = chance.sample(due, min(len(due), number, _MINUTES))
    found = [
        Kill(minute - chance.uniform(0.1, 3.0), "minute", 0.0, chance.uniform(3.0, _LONGEST)) for minute in minutes
    ]
    found += [
        _kill(chance.uniform(first, last), aim, chance) for aim, _ in zip(cycle(_DELAYS), range(number - len(found)))
    ]
    return sorted(found)


def _kill(at: float, aim: Aim, chance: random.Random) -> Kill:
    down = 0.0 if chance.random() < 0.5 else chance.uniform(0.0, _LONGEST)
    return Kill(at, aim, chance.uniform(0.0, _DELAYS[aim]), down)


def carry_out(kills: Sequence[Kill], serving: Serving, diary: Diary, until: float) -> None:
    """Kills and restarts; `until` is the moment of the end. One whose moment has passed meanwhile comes at once."""
    for kill in kills:
        time.sleep(max(0.0, kill.at - time.time()))
        left = max(0.0, until - _LEAD - time.time())
        if kill.aim == "change":
            diary.wait_for_another(left)
        elif kill.aim == "checkpoint":
            with suppress(TimeoutError):
                serving.wait_for("changed", left)
        time.sleep(kill.delay)
        diary.note("kill", aim=kill.aim, delay=kill.delay, down=kill.down)
        serving.kill()
        time.sleep(kill.down)
        serving.start()
        diary.note("start")
