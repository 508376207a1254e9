"""A report as `check` and `now` print it: all of a small one, a page of a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.console import Console
from checkpoint.report import Report
from checkpoint.table import finding_lines, first_to_do, is_large, page, task_lines

Explains: TypeAlias = Callable[[dict[str, Any]], bool]


def bare(report: Report) -> dict[str, Any]:
    """The report as plain data, teams without their tasks: those of a hundred thousand are looked into as needed."""
    teams = tuple(replace(team, tasks=()) for team in report.teams)
    document: dict[str, Any] = msgspec.to_builtins(replace(report, teams=teams, actions={}))
    return document


def report_lines(
    report: Report, console: Console, command: str, explains: Explains, *, spaced: bool = False
) -> Iterator[str]:
    """A line a task below its team, with what is wrong where the task `explains` itself.

    `command` is what shows all of one team; an empty line comes before each team where they are `spaced`.
    """
    teams = bare(report)["teams"]
    tasks = {team.name: team.tasks for team in report.teams}

    def all_of(team: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = msgspec.to_builtins(list(tasks[team["name"]]))
        return found

    def to_do(team: dict[str, Any]) -> list[dict[str, Any]]:
        left = [task for task in tasks[team["name"]] if not task.is_done] if _is_open(team) else []
        return first_to_do(msgspec.to_builtins(left))

    def lines(team: dict[str, Any], shown: list[dict[str, Any]]) -> Iterable[str]:
        for task, line in zip(shown, task_lines({**team, "tasks": shown}, console), strict=True):
            yield line
            if explains(task):
                yield from finding_lines(task, console)

    if is_large(teams):
        yield from page(teams, to_do, lines, console, command)
        return
    for team in teams:
        yield from [""] * spaced
        yield console.paint("strong", team["name"]) + f"  {team['place']}"
        yield from lines(team, all_of(team))


def _is_open(team: dict[str, Any]) -> bool:
    count = team["count"]
    return bool(count["verified"] + count["claimed"] < count["tasks"])
