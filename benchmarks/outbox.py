"""Who is told what, when couriers are killed, connections break, and much happens at once; beside how else it is done.

Kills: a process that tells of one checkpoint after the other is killed (`kill -9`) at a random moment, and the next one
goes on from what it left. *Send, then record* notes each message after it was sent, *record, then send* before; both
post with slack-sdk, its retries off, and note in SQLite, on the disk. Each message takes 40 ms to Slack and back.

Faults: with each notice one message goes wrong: Slack accepts it and ends the connection without an answer, or answers
500; or it takes nothing, and answers 429 or 503. slack-sdk is used as it comes, and with all of its retry handlers; who
uses it takes an error for "not sent", and goes on.

Burst: 30 notices within 5 seconds, to a Slack that takes one message a second, as Slack does.

Slack is the tests' own, on the loopback: a server that accepts and refuses as Slack does, and keeps what it accepted.
*Lost* is what nobody could ever read there, *twice* what stands in two messages. On the terminal, *twice* is what was
printed twice; a line that stands for earlier checkpoints tells of them too. Nobody can ask a terminal what it shows, so
a kill in the microseconds between printing and noting lets one appear again. The file has only the latest notice:
*lost* would be that the last is missing or something is not whole, *twice* that an earlier one came back.
"""

import argparse
import contextlib
import http.client
import logging
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeAlias

from slack_sdk.errors import SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.handler import RetryHandler
from slack_sdk.web.client import WebClient

from benchmarks.floor import ROOT, load, machine
from checkpoint.notify import Means
from checkpoint.notify.delivery import Couriers, open_outbox
from checkpoint.notify.rows import row
from checkpoint.notify.slack import SlackNotifier
from tests.helpers.courier import ROUNDS, WAYS, Clock, notice
from tests.helpers.killing import DistantSlack, Told, World, told_in
from tests.helpers.slack_answers import Fault, Kind
from tests.helpers.slack_server import SlackServer

KILLS = 150
FAULTS: tuple[Kind, ...] = ("dropped", "failed", "limited", "html")
EACH = 10
"""Notices with the same fault."""
BURST, SECONDS = 30, 5.0

Teller: TypeAlias = Callable[[int], None]
"""Tells of one step."""
Way: TypeAlias = Callable[[SlackServer], AbstractContextManager[Teller]]


class Row(NamedTuple):
    """What came of one way. `most`: what may be told twice, where nothing may be lost; None only shows the figures."""

    name: str
    told: Told
    most: int | None
    messages: int | None = None

    @property
    def is_met(self) -> bool:
        return self.most is None or (not self.told.lost and self.told.twice <= self.most)

    @property
    def line(self) -> str:
        messages = "" if self.messages is None else str(self.messages)
        most = "" if self.most is None else f"0 / {self.most}"
        verdict = "" if self.most is None else "met" if self.is_met else "**missed**"
        figures = (self.told.notices, messages, self.told.lost, self.told.twice, most, verdict)
        return f"| {self.name} | {' | '.join(map(str, figures))} |"


def kills(times: int, seed: int) -> Iterator[Row]:
    for way in WAYS:
        with tempfile.TemporaryDirectory() as folder, DistantSlack() as slack:
            with World(Path(folder), slack, way, seed) as world:
                world.kill(times)
                told = world.told()
            for channel, each in told.items():
                messages = len(slack.roots) if channel == "Slack" else None
                if way == "outbox":
                    yield Row(f"outbox: {channel}", each, 1 if channel == "terminal" else 0, messages)
                else:
                    yield Row(way, each, None, messages)


def faults(way: Way) -> tuple[Told, int]:
    with SlackServer(pace=0.0) as slack:
        with way(slack) as tell:
            for number in range(len(FAULTS) * EACH):
                slack.fail(Fault(FAULTS[number % len(FAULTS)], "chat.postMessage"))
                tell(number + 1)
        return told_in(slack, len(FAULTS) * EACH), len(slack.roots)


def burst(way: Way) -> tuple[Told, int]:
    with SlackServer() as slack:
        with way(slack) as tell:
            for number in range(BURST):
                tell(number + 1)
                time.sleep(SECONDS / BURST)
        return told_in(slack, BURST), len(slack.roots)


@contextlib.contextmanager
def by_outbox(slack: SlackServer, *, at_once: bool) -> Iterator[Teller]:
    """Ours. Unless it happens at once, much time passes between the notices, by the clock of the couriers."""
    with tempfile.TemporaryDirectory() as folder:
        means = Means(folder, f"{folder}/marks", slack_api=slack.url, slack_token="env:T", environ={"T": slack.token})
        notifier = SlackNotifier("slack", "#plans", "", means)
        outbox, clock = open_outbox(folder), Clock(1)
        with contextlib.closing(outbox), Couriers(folder, [notifier], time.time if at_once else clock) as couriers:

            def tell(number: int) -> None:
                outbox.add(time.time() if at_once else clock(), [row("slack", notice(number))])
                couriers.wake()
                if not at_once:
                    couriers.wait()
                    clock.steps += 3

            yield tell
            for _ in range(ROUNDS):
                if outbox.unsent("slack"):
                    clock.steps += 3
                    couriers.wake()
                    couriers.wait()


@contextlib.contextmanager
def by_sdk(slack: SlackServer, *handlers: RetryHandler) -> Iterator[Teller]:
    """slack-sdk's client with these retry handlers; without any, with those that it has by itself."""
    client = WebClient(slack.token, base_url=slack.url)
    if handlers:
        client = WebClient(slack.token, base_url=slack.url, retry_handlers=list(handlers))

    def tell(number: int) -> None:
        with contextlib.suppress(SlackClientError, http.client.HTTPException, OSError):
            client.chat_postMessage(channel="#plans", text=notice(number).title)

    yield tell


def everything(slack: SlackServer) -> AbstractContextManager[Teller]:
    handlers = (ConnectionErrorRetryHandler(), RateLimitErrorRetryHandler(), ServerErrorRetryHandler())
    return by_sdk(slack, *handlers)


PEERS: dict[str, Way] = {"slack-sdk, as it comes": by_sdk, "slack-sdk, with all retry handlers": everything}


def compared(measure: Callable[[Way], tuple[Told, int]], *, at_once: bool) -> Iterator[Row]:
    ways: dict[str, Way] = {"outbox: Slack": partial(by_outbox, at_once=at_once), **PEERS}
    for name, way in ways.items():
        told, messages = measure(way)
        yield Row(name, told, None if name in PEERS else 0, messages)


def table(title: str, rows: list[Row]) -> str:
    head = ["| way | notices | messages | lost | twice | at most | |", "|---|---|---|---|---|---|---|"]
    return "\n".join((f"## {title}", "", *head, *(row.line for row in rows)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=KILLS, help=f"how often each is killed (default: {KILLS})")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 10**6, help="of the moments at which they are")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/outbox.md too")
    options = parser.parse_args()
    logging.disable()
    parts = {
        f"{options.kills} kills": list(kills(options.kills, options.seed)),
        f"{len(FAULTS) * EACH} faults": list(compared(faults, at_once=False)),
        f"A burst of {BURST}": list(compared(burst, at_once=True)),
    }
    tables = "\n\n".join(table(title, rows) for title, rows in parts.items())
    text = f"{(__doc__ or '').strip()}\n\n{tables}\n\nSeed {options.seed}; load {load()}. {machine()}.\n"
    print(text)
    if options.write:
        target = ROOT / "benchmarks" / "results" / "outbox.md"
        target.write_text(f"# outbox\n\n{text}\nMade by `python -m benchmarks.outbox --write`.\n")
    return 0 if all(row.is_met for rows in parts.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
