"""Takes checkpoints by itself: at the times of the plan's schedule, and when something changes that they depend on.

It runs until it is stopped, and ends the checkpoint at hand before it does. With --once it takes the one that is due
or that changes ask for, if there is one, and ends: for a timer or crontab. With --install it shows what has this done
by systemd or cron; with --write it writes that too.
"""

from __future__ import annotations

import argparse
import calendar
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from checkpoint.commands.publishing import add_branch
from checkpoint.console import Console
from checkpoint.documents import Served
from checkpoint.errors import UsageError
from checkpoint.lazy import load
from checkpoint.triggers.server import Server

_STYLES = {"checkpoint": "strong", "setback": "bad", "failed": "warn", "note": "warn", "recovered": "good"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="take the checkpoint that is due, if one is, and end")
    parser.add_argument("--no-watch", action="store_true", help="go by the schedule alone, not by what changes")
    add_branch(parser)
    parser.add_argument(
        "--install",
        nargs="?",
        const="auto",
        choices=("auto", "systemd", "crontab"),
        help="show what has it started by systemd, or by cron where there is no systemd",
    )
    parser.add_argument("--write", action="store_true", help="with --install: write it")


def run(options: argparse.Namespace) -> int:
    if options.write and not options.install:
        raise UsageError("--write goes with --install", mend="checkpoint serve --install --write")
    if options.install:
        status: int = load("checkpoint.commands.installing").show_or_write(options)
        return status
    console = Console(quiet=options.quiet)
    watches, branch = not options.no_watch, options.branch
    server = Server(options.directory, options.plan, _printer(options, console), watches=watches, publish_branch=branch)
    with _ended_by_signals(server):
        server.once() if options.once else server.run()
    return 0


def _printer(options: argparse.Namespace, console: Console) -> Callable[[Served], None]:
    def line(served: Served) -> None:
        if options.json:
            console.answer(msgspec.json.encode(served).decode())
        elif not options.quiet or served.event in ("setback", "failed"):
            console.answer(f"{_local(served.at)}  {console.paint(_STYLES.get(served.event, 'dim'), served.text)}")
        console.stream.flush()

    return line


def _local(at: str) -> str:
    """The time of day here, of a moment in UTC."""
    moment = calendar.timegm(time.strptime(at, "%Y-%m-%dT%H:%M:%SZ"))
    return time.strftime("%H:%M:%S", time.localtime(moment))


@contextmanager
def _ended_by_signals(server: Server) -> Iterator[None]:
    """The first signal ends the server after the checkpoint at hand; a second one ends it at once."""

    def end(number: int, frame: object) -> None:
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)
        server.stop()

    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
