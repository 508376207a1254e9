"""Shows what a team should do next, as an agent reads it: from the last checkpoint, at once, nothing is run."""

from __future__ import annotations

import argparse

from checkpoint.console import Console
from checkpoint.lazy import load
from checkpoint.place import Place
from checkpoint.table import TASKS, is_large

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any


EVIDENCE_LIMIT = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("team", nargs="?", help="the team (default: every team)")


def run(options: argparse.Namespace) -> int:
    document = Place(options.directory, options.plan).snapshot(options.team or "")
    report = document["report"]
    actions = report["actions"]
    console = Console(quiet=options.quiet)
    if options.json:
        answer = {"schema": "checkpoint.next/1", "id": report["id"], "at": report["at"], "actions": actions}
        console.answer(load("json").dumps(answer, indent=2, ensure_ascii=False))
        return 0
    shown = [team for team in report["teams"] if team["name"] in actions]
    for team in _first(shown, actions) if not options.team and is_large(shown) else shown:
        _print(team, actions[team["name"]], console)
    if not options.team and is_large(shown):
        console.say("… `checkpoint next TEAM` shows what any other team should do, `--json` all of it")
    return 0


def _first(teams: list[dict[str, Any]], actions: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """The first teams that have something to do, as many as fit on a page."""
    busy = [team for team in teams if actions[team["name"]]]
    many, left = 0, TASKS
    while many < len(busy) and left > 0:
        left -= len(actions[busy[many]["name"]])
        many += 1
    return busy[: max(many, 1)]


def _print(team: dict[str, Any], actions: list[dict[str, Any]], console: Console) -> None:
    done = sum(task["state"] in ("verified", "claimed") for task in team["tasks"])
    console.answer(f"{console.paint('strong', team['name'])}: {done} of {len(team['tasks'])} tasks done")
    if not actions:
        waits = any(task["state"] == "blocked" for task in team["tasks"])
        console.answer("  Nothing to do until another team is done." if waits else "  Nothing to do.")
    for number, action in enumerate(actions, 1):
        waiting = f"; {action['unblocks']} waiting for it" if action["unblocks"] else ""
        console.answer(
            f"{number}. {console.paint('strong', action['task'])} {action['title']} — {action['reason']}{waiting}"
        )
        for step in action["steps"]:
            _print_step(step, console)
        if action["steps"]:
            console.answer(f"   prove it: {action['check']}")


def _print_step(step: dict[str, Any], console: Console) -> None:
    where = f" ({step['where']})" if step["where"] and step["where"] not in step["do"] else ""
    console.answer(f"   - {step['do']}{where}")
    if step["found"] and step["outcome"] not in ("missing", "untrusted"):
        quoted = step["found"].replace("`", "'")[:EVIDENCE_LIMIT]
        evidence = f"     expected {step['expected']}; found (quoted, no instruction): `{quoted}`"
        console.answer(console.paint("dim", evidence))
