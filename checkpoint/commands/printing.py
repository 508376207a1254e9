"""A report as `check` and `now` print it: all of a small one, a page of a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint import table
from checkpoint.console import Console
from checkpoint.report import Report

Explains: TypeAlias = Callable[[dict[str, Any]], bool]


def bare(report: Report) -> dict[str, Any]:
    """The report as plain data, teams without their tasks: those of a hundred thousand are looked into as needed."""
    teams = tuple(replace(team, tasks=()) for team in report.teams)
    document: dict[str, Any] = msgspec.to_builtins(replace(report, teams=teams, actions={}))
    return document


def report_lines(
    report: Report, console: Console, command: str, explains: Explains, *, spaced: bool = False
) -> Iterator[str]:
    """As `table.report_lines`, of a report."""
    tasks = {team.name: team.tasks for team in report.teams}

    def tasks_of(team: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = msgspec.to_builtins(list(tasks[team]))
        return found

    return table.report_lines(bare(report)["teams"], tasks_of, console, command, explains, spaced=spaced)
