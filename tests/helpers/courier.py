"""Couriers that tell of one checkpoint after the other, in several ways, until somebody kills them.

`python -m tests.helpers.courier` has everything imported that they need. For each task that it reads, a line of JSON,
it forks one, and writes its process id, and when it has ended its status.
"""

import contextlib
import itertools
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator

import msgspec

from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, TeamNotice
from checkpoint.notify.delivery import Couriers, open_outbox
from checkpoint.notify.registry import find_notifiers
from checkpoint.notify.rows import row
from checkpoint.notify.slack import SlackNotifier

_APART, _CLOSE = 600.0, 10.0
"""Seconds between two checkpoints by the courier's clock: enough for a message of its own, and too few for one."""
ROUNDS = 20
"""Times that the last courier looks for what is due: more than any notice needs."""


class Task(msgspec.Struct):
    """One life of a courier, the `life`th. The last one begins nothing, and ends what others have begun."""

    way: str
    means: Means
    life: int
    is_last: bool


def notice(number: int) -> Notice:
    return Notice(
        f"run-{number}",
        "plan.md",
        f"Shop: step {number}/999",
        "backend: 1 failing",
        at=time.time(),
        teams=(TeamNotice("backend", f"1. Do what follows {number}"),),
    )


def by_outbox(task: Task) -> None:
    """Ours: what a checkpoint has to say is put into the outbox, and carried from there."""
    slack = SlackNotifier("slack", "#plans", "", task.means, wait=lambda seconds: None)
    notifiers = (slack, *find_notifiers(["terminal", "file"], task.means))
    outbox = open_outbox(task.means.folder)
    number = begun(task.way, task.means) + 1
    clock = Clock(number + task.life)
    with Couriers(task.means.folder, notifiers, clock) as couriers:
        for each in range(number, number + ROUNDS) if task.is_last else itertools.count(number):
            if not task.is_last:
                outbox.add(clock(), [row(notifier.name, notice(each)) for notifier in notifiers])
            couriers.wake()
            couriers.wait()
            clock.steps += 1


class Clock:
    """The courier's: for some checkpoints much time passes until the next, for some little."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> float:
        close = self.steps // 3
        return time.time() + (self.steps - close) * _APART + close * _CLOSE


def by_sending_first(task: Task) -> None:
    """A message is sent, and then it is noted that it was."""
    with _notes(task.means) as (first, note):
        for number in _numbers(first, task):
            _post(task, number)
            note(number)


def by_noting_first(task: Task) -> None:
    """It is noted that a message was sent, and then it is."""
    with _notes(task.means) as (first, note):
        for number in _numbers(first, task):
            note(number)
            _post(task, number)


WAYS: dict[str, Callable[[Task], None]] = {
    "outbox": by_outbox,
    "send, then record": by_sending_first,
    "record, then send": by_noting_first,
}


def begun(way: str, means: Means) -> int:
    """How many checkpoints there were to tell of."""
    if way == "outbox":
        with contextlib.closing(open_outbox(means.folder)) as outbox:
            keys = outbox.keys()
        return max((int(key.removeprefix("run-")) for key in keys if key.startswith("run-")), default=0)
    with _notes(means) as (first, _):
        return first - 1


@contextlib.contextmanager
def _notes(means: Means) -> Iterator[tuple[int, Callable[[int], object]]]:
    """The first number that is not noted, and what notes one: it is on the disk when that returns."""
    connection = sqlite3.connect(f"{means.folder}/notes.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS notes (number INTEGER)")
    (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM notes").fetchone()
    try:
        yield last + 1, lambda number: connection.execute("INSERT INTO notes VALUES (?)", (number,))
    finally:
        connection.close()


def _numbers(first: int, task: Task) -> Iterator[int]:
    return itertools.count(first) if not task.is_last else iter(())


def _post(task: Task, number: int) -> None:
    means = task.means
    client = load("slack_sdk.web.client").WebClient(means.environ["SLACK"], base_url=means.slack_api, retry_handlers=[])
    client.chat_postMessage(channel="#plans", text=notice(number).title)


def main() -> None:
    for name in ("slack_sdk.web.client", "slack_sdk.errors", "http.client"):
        load(name)
    for line in sys.stdin:
        task = msgspec.json.decode(line, type=Task)
        pid = os.fork()
        if not pid:
            _work(task)
        _say(pid)
        _say(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _work(task: Task) -> None:
    """Never returns: it is a fork, and what is behind it is the parent's."""
    try:
        WAYS[task.way](task)
    except BaseException:  # noqa: BLE001 - nothing may get out of it
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
