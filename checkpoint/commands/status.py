"""Shows the last checkpoint at once, from the private store: nothing is run, fetched or validated.

Each proof is green, red, stale (what it looked at has changed since) or missing (it is gone).
"""

from __future__ import annotations

import argparse

from checkpoint.console import Console
from checkpoint.freshness import freshness
from checkpoint.lazy import load
from checkpoint.location import read_ref
from checkpoint.place import Place
from checkpoint.table import first_to_do, is_done, is_large, page, task_lines, team_table

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("team", nargs="?", help="one team alone")


def run(options: argparse.Namespace) -> int:
    document = Place(options.directory, options.plan).snapshot(options.team or "")
    document["freshness"] = {
        task["id"]: {verdict["expectation"]: _fresh(verdict, document) for verdict in task["verdicts"]}
        for team in document["report"]["teams"]
        for task in team["tasks"]
    }
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(load("json").dumps(document, indent=2, ensure_ascii=False))
    else:
        _print(document, console)
    return 0


def _fresh(verdict: dict[str, Any], document: dict[str, Any]) -> str:
    ref = document["refs"].get(verdict["team"])
    if ref is None:
        return freshness(verdict, document["roots"][verdict["team"]])
    folder, name, commit = ref
    if read_ref(folder, name) != commit:
        return "stale"
    return "green" if verdict["outcome"] == "passed" else "red"


def _print(document: dict[str, Any], console: Console) -> None:
    report = document["report"]
    for line in team_table(report, console):
        console.answer(line)
    for line in _team_lines(report["teams"], document["freshness"], console):
        console.say(line)
    commit = f", {document['commit'][:10]}" if document["commit"] else ""
    console.say()
    console.say(f"checkpoint {report['id']} of {report['plan']}, {report['at']}{commit} ({document['result']})")


def _team_lines(teams: list[dict[str, Any]], fresh: dict[str, dict[str, str]], console: Console) -> Iterator[str]:
    words = {team["name"]: _words(team, fresh) for team in teams}

    def lines(team: dict[str, Any], tasks: list[dict[str, Any]]) -> list[str]:
        return task_lines({**team, "tasks": tasks}, console, words[team["name"]])

    def to_look_at(team: dict[str, Any]) -> list[dict[str, Any]]:
        said = words[team["name"]]
        return first_to_do(task for task in team["tasks"] if said[task["id"]] or not is_done(task))

    if is_large(teams):
        yield from page(teams, to_look_at, lines, console, "checkpoint status")
        return
    for team in teams:
        yield ""
        yield console.paint("strong", team["name"]) + f"  {team['place']}"
        yield from lines(team, team["tasks"])


def _words(team: dict[str, Any], fresh: dict[str, dict[str, str]]) -> dict[str, str]:
    """What to say of tasks whose proofs no longer stand as they were."""
    words = {"missing": "gone since", "stale": "changed since"}
    found = {}
    for task in team["tasks"]:
        states = fresh.get(task["id"], {}).values()
        found[task["id"]] = next((words[state] for state in ("missing", "stale") if state in states), "")
    return found
