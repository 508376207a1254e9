"""What a plan expects, kept from run to run, so that a weaker plan is noticed."""

from __future__ import annotations

import msgspec

from checkpoint.plan.model import Plan


def expected(plan: Plan) -> bytes:
    """All that the plan expects, without its places, titles and ticks: equal for plans that expect the same."""
    teams = []
    for team in plan.teams:
        tasks = tuple(
            msgspec.structs.replace(
                task,
                title="",
                ticked=False,
                line=0,
                column=0,
                expectations=tuple(
                    msgspec.structs.replace(each, comment="", line=0, column=0) for each in task.expectations
                ),
            )
            for task in team.tasks
        )
        teams.append(msgspec.structs.replace(team, title="", line=0, tasks=tasks))
    return msgspec.json.encode(Plan(settings=plan.settings, teams=tuple(teams)))


def restored(content: bytes) -> Plan | None:
    """The plan that `expected` kept; None where another version kept something that this one cannot read."""
    try:
        return msgspec.json.decode(content, type=Plan)
    except msgspec.DecodeError:
        return None
