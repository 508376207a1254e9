"""Lists the checkpoints so far, newest first: when, its id, its commit, its result, and how all stood then."""

from __future__ import annotations

import argparse
import time

from checkpoint.console import Console, columns
from checkpoint.documents import Log, LogEntry, to_json
from checkpoint.store.runs import Run
from checkpoint.workspace import Workspace

_MOST = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-n", type=_number, default=20, metavar="N", help="how many (default: 20)")


def _number(word: str) -> int:
    if not word.isascii() or not word.isdigit() or not 0 < int(word[:10]) <= _MOST:
        raise argparse.ArgumentTypeError(f"`{word}` is not a number from 1 to {_MOST}")
    return int(word)


def run(options: argparse.Namespace) -> int:
    with Workspace(options.directory, options.plan) as workspace:
        entries = tuple(_entry(run) for run in workspace.store.journal.runs(options.n))
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Log(checkpoints=entries)))
        return 0
    if not entries:
        console.say("No checkpoint yet: `checkpoint now` takes the first.")
        return 0
    rows = [(each.at, each.id, each.commit[:10] or "-", each.result, each.error or each.headline) for each in entries]
    for line in columns(rows):
        console.answer(line)
    return 0


def _entry(run: Run) -> LogEntry:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(run.started))
    return LogEntry(run.id, at, run.result, run.published, run.headline, run.trigger, run.slot, run.seconds, run.error)
