"""Validates only: no pull, no commit, no notices. Exit 1 where a proof fails, 5 where only an approval is missing.

Takes the plan as it lies in the work tree, and looks at the teams and tasks named, or at all.
"""

from __future__ import annotations

import argparse

from checkpoint.commands.judging import add_fresh
from checkpoint.console import Console
from checkpoint.lazy import load, load_msgspec
from checkpoint.place import Place
from checkpoint.snapshot import Snapshot
from checkpoint.table import report_lines
from checkpoint.untouched import untouched

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="*", metavar="TEAM|TASK", help="teams and tasks to look at (default: all)")
    add_fresh(parser)


def run(options: argparse.Namespace) -> int:
    is_all = not (options.what or options.fresh or options.json)
    snapshot = untouched(Place(options.directory, options.plan)) if is_all else None
    status = _said(snapshot, Console(quiet=options.quiet)) if snapshot else None
    if status is not None:
        return status
    load_msgspec()
    found: int = load("checkpoint.commands.checking").run(options)
    return found


def _said(snapshot: Snapshot, console: Console) -> int | None:
    """Says what the last checkpoint has found, and returns the exit status; None where that cannot be read any more."""
    bodies: dict[str, Any] = {}

    def tasks_of(team: str) -> list[dict[str, Any]]:
        bodies[team] = snapshot.body(team)
        found: list[dict[str, Any]] = bodies[team]["tasks"] if bodies[team] else []
        return found

    lines = list(report_lines(snapshot.teams, tasks_of, console, "checkpoint check", lambda task: True))
    if snapshot.kept is None or None in bodies.values():
        return None
    for line in lines:
        console.say(line)
    console.answer(snapshot.kept["headline"])
    return int(snapshot.kept["status"])
