"""Undoes a checkpoint: publishes the plan's boxes and blocks as they were before it, on the newest plan.

Without an ID it is the last one that published and has not been undone: a second `checkpoint undo` undoes the one
before that. With the ID of an undo, what it undid is back. What people have written since stays, and so does a box of a
task that somebody has ticked or unticked since.

An undo takes back what the plan says, not what is true: the next checkpoint, by schedule, by hand or because something
changed, looks anew and publishes what it finds. `checkpoint serve` takes none because of the undo alone. So mend first
what was wrong (the folder, the branch, a validator), or take the time to, while the plan says what it said before.
"""

from __future__ import annotations

import argparse
import os

import msgspec

from checkpoint.branch import Branch
from checkpoint.commands.publishing import add_branch
from checkpoint.commands.taking import told_by
from checkpoint.console import Console
from checkpoint.documents import Undo, to_json
from checkpoint.errors import UsageError
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.delivery import Couriers
from checkpoint.record import Request
from checkpoint.undoing import Undoing
from checkpoint.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", nargs="?", help="a checkpoint's id or commit, or how it begins (default: the last one)")
    parser.add_argument("--dry-run", action="store_true", help="publish and tell nothing; show the diff")
    add_branch(parser)


def run(options: argparse.Namespace) -> int:
    if options.id is not None and not options.id.strip():
        raise UsageError("the checkpoint's id is empty", mend="leave it out to undo the last one")
    branch = Branch(options.directory, options.plan, options.branch)
    with branch.held():
        workspace = Workspace.on(branch)
        couriers, document = _undone(workspace, options)
    document = msgspec.structs.replace(document, told=told_by(couriers) if couriers else ())
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(document))
    else:
        _print(document, workspace, console)
    return 0


def _undone(workspace: Workspace, options: argparse.Namespace) -> tuple[Couriers | None, Undo]:
    notifiers = chosen_notifiers(workspace)
    couriers = None if options.dry_run else Couriers(workspace.store_folder, notifiers).start()
    name = os.urandom(8).hex()
    request = Request(name, f"undo:{name}", "undo", options.dry_run)
    carry = couriers.wake if couriers else lambda: None
    return couriers, Undoing(workspace, request, options.id or "", notifiers, carry).undo()


def _print(document: Undo, workspace: Workspace, console: Console) -> None:
    for line in document.diff.splitlines():
        console.answer(line)
    console.say(_result(document, workspace))
    for note in document.notes:
        console.say(console.paint("warn", f"note: {note}"))
    for each in document.told:
        if each.problem:
            console.say(console.paint("warn", f"note: {each.channel} was not told yet: {each.problem}"))


def _result(document: Undo, workspace: Workspace) -> str:
    where = workspace.source.where
    return {
        "published": f"undid checkpoint {document.undone}: published {document.commit[:10]} on {where}",
        "already-done": "nothing to do",
        "dry-run": f"dry run: this would undo checkpoint {document.undone}; nothing was published, nobody was told",
    }[document.result]
