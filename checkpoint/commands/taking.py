"""A checkpoint by hand: taken, and shown. `checkpoint now` imports this while its fetch is under way."""

from __future__ import annotations

import argparse
import os
from typing import Any

import msgspec

from checkpoint.branch import Branch
from checkpoint.commands.progress import shown_progress
from checkpoint.console import Console
from checkpoint.documents import Now, to_json
from checkpoint.errors import UsageError
from checkpoint.orchestrator import Checkpoint, Request
from checkpoint.table import finding_lines, task_lines, team_table
from checkpoint.telling import tell
from checkpoint.verdicts import Verdict
from checkpoint.wording import weakened
from checkpoint.workspace import Workspace


def take(branch: Branch, options: argparse.Namespace) -> tuple[Checkpoint, Now]:
    """Takes the checkpoint of a branch that is held."""
    if not options.slot.isprintable() or options.slot != options.slot.strip():
        raise UsageError("a slot is one line of text", mend="name it without blanks at its ends, as in cron:nightly")
    name = os.urandom(8).hex()
    request = Request(name, options.slot or f"manual:{name}", dry_run=options.dry_run)
    console = Console(quiet=options.quiet or options.json)
    with shown_progress(options) as progress:

        def announce(verdict: Verdict) -> None:
            progress.close()
            style = "good" if verdict.outcome == "passed" else "bad"
            console.say(f"{console.paint(style, verdict.outcome)}  {verdict.task}  {verdict.expectation}")

        checkpoint = Checkpoint(Workspace.on(branch), request, progress, announce)
        return checkpoint, checkpoint.take()


def finish(checkpoint: Checkpoint, taken: Now, options: argparse.Namespace) -> int:
    """Prints what came of it, tells everybody, and returns the exit status."""
    console = Console(quiet=options.quiet)
    if not options.json:
        _print(taken, checkpoint.workspace, console)
    told = () if options.dry_run else tell(checkpoint.workspace, checkpoint.notifiers)
    if options.json:
        console.answer(to_json(msgspec.structs.replace(taken, told=told)))
    else:
        for each in told:
            if each.problem:
                console.say(console.paint("warn", f"note: notifier {each.channel}: {each.problem}"))
    return taken.report.exit_code if options.exit_code else 0


def _print(taken: Now, workspace: Workspace, console: Console) -> None:
    report = msgspec.to_builtins(taken.report)
    for line in team_table(report, console):
        console.answer(line)
    for team in report["teams"]:
        _print_team(team, console)
    for each in taken.report.weakened:
        console.answer(console.paint("warn", weakened(each)))
    for line in taken.diff.splitlines():
        console.answer(line)
    console.say()
    console.say(_result(taken, workspace))
    for note in taken.notes:
        console.say(console.paint("warn", f"note: {note}"))


def _print_team(team: dict[str, Any], console: Console) -> None:
    console.say()
    console.say(console.paint("strong", team["name"]) + f"  {team['place']}")
    for task, line in zip(team["tasks"], task_lines(team, console), strict=True):
        console.say(line)
        if task["state"] in ("failing", "missing"):
            for finding in finding_lines(task, console):
                console.say(finding)


def _result(taken: Now, workspace: Workspace) -> str:
    where = workspace.source.where
    return {
        "published": f"published {taken.commit[:10]} on {where}",
        "unchanged": f"nothing new since the last checkpoint: no commit on {where}",
        "dry-run": "dry run: nothing was published, nobody was told",
        "already-done": "nothing to do",
    }[taken.result]
