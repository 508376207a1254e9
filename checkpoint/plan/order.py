"""Tasks that could never begin."""

from __future__ import annotations

from collections.abc import Iterator

from checkpoint.graph import cycles
from checkpoint.plan.model import Plan, Problem


def circles(plan: Plan) -> Iterator[Problem]:
    """A problem for each circle of tasks that wait for one another. It forbids using the plan."""
    for cycle in cycles({task.id: task.after for team in plan.teams for task in team.tasks if task.after}):
        first = plan.tasks[cycle[0]]
        found = " after ".join((*cycle, cycle[0]))
        expected = "tasks that do not wait for each other"
        yield Problem(first.line, first.column, found, expected, "take one `after` out", rule="cycle")
