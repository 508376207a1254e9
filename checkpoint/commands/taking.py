"""A checkpoint by hand: taken, and shown. `checkpoint now` imports this while its fetch is under way."""

from __future__ import annotations

import argparse
import os
from typing import Any

import msgspec

from checkpoint.branch import Branch
from checkpoint.commands.printing import bare, report_lines
from checkpoint.commands.progress import shown_progress
from checkpoint.console import Console
from checkpoint.documents import Now, Told, to_json
from checkpoint.errors import UsageError
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.delivery import Couriers
from checkpoint.orchestrator import Checkpoint, Request
from checkpoint.table import team_table
from checkpoint.verdicts import Verdict
from checkpoint.wording import meddled, weakened
from checkpoint.workspace import Workspace


class Taken(msgspec.Struct, frozen=True):
    """A checkpoint that has been taken, and the couriers that carry its notices; none in a dry run."""

    document: Now
    workspace: Workspace
    couriers: Couriers | None


def take(branch: Branch, options: argparse.Namespace) -> Taken:
    """Takes the checkpoint of a branch that is held."""
    if not options.slot.isprintable() or options.slot != options.slot.strip():
        raise UsageError("a slot is one line of text", mend="name it without blanks at its ends, as in cron:nightly")
    name = os.urandom(8).hex()
    request = Request(name, options.slot or f"manual:{name}", dry_run=options.dry_run)
    console = Console(quiet=options.quiet or options.json)
    workspace = Workspace.on(branch)
    workspace.fresh = options.fresh
    # They begin while the fetch is under way, and carry while git brings the person's checkout up to date.
    notifiers = chosen_notifiers(workspace)
    couriers = None if options.dry_run else Couriers(workspace.store_folder, notifiers).start()
    with shown_progress(options) as progress:

        def announce(verdict: Verdict) -> None:
            progress.close()
            style = "good" if verdict.outcome == "passed" else "bad"
            console.say(f"{console.paint(style, verdict.outcome)}  {verdict.task}  {verdict.expectation}")

        carry = couriers.wake if couriers else lambda: None
        document = Checkpoint(workspace, request, notifiers, progress, announce, carry).take()
    return Taken(document, workspace, couriers)


def finish(taken: Taken, options: argparse.Namespace) -> int:
    """Prints what came of it, waits until everybody has been told, and returns the exit status."""
    console = Console(quiet=options.quiet)
    if not options.json:
        _print(taken.document, taken.workspace, console)
    told = told_by(taken.couriers) if taken.couriers else ()
    if options.json:
        console.answer(to_json(msgspec.structs.replace(taken.document, told=told)))
    else:
        for each in told:
            if each.problem:
                console.say(console.paint("warn", f"note: {each.channel} was not told yet: {each.problem}"))
    return taken.document.report.exit_code if options.exit_code else 0


def told_by(couriers: Couriers) -> tuple[Told, ...]:
    """What was carried, once there is nothing left to carry for now: it is waited for a while, and no longer."""
    found = couriers.wait()
    couriers.stop()
    return tuple(each for each in found if each.sent or each.problem)


def _print(taken: Now, workspace: Workspace, console: Console) -> None:
    for line in team_table(bare(taken.report), console):
        console.answer(line)
    for line in report_lines(taken.report, console, "checkpoint status", _is_wrong, spaced=True):
        console.say(line)
    for each in taken.report.weakened:
        console.answer(console.paint("warn", weakened(each)))
    for other in taken.report.foreign:
        console.answer(console.paint("warn", meddled(other)))
    for line in taken.diff.splitlines():
        console.answer(line)
    console.say()
    console.say(_result(taken, workspace))
    for note in taken.notes:
        console.say(console.paint("warn", f"note: {note}"))


def _is_wrong(task: dict[str, Any]) -> bool:
    return task["state"] in ("failing", "missing", "unapproved")


def _result(taken: Now, workspace: Workspace) -> str:
    where = workspace.source.where
    return {
        "published": f"published {taken.commit[:10]} on {where}",
        "unchanged": f"nothing new since the last checkpoint: no commit on {where}",
        "dry-run": "dry run: nothing was published, nobody was told",
        "already-done": "nothing to do",
    }[taken.result]
