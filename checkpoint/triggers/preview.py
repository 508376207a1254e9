"""What teams have delivered in whose folders something has just changed: judged at once, ahead of the checkpoint.

No verdict of a checkpoint: commands are not run, nothing is compared with other teams, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import groupby

import msgspec

from checkpoint.plan.model import Plan, Task, Team
from checkpoint.registry import our_names
from checkpoint.validation.engine import jobs, validate
from checkpoint.validation.trust import ApprovedRules
from checkpoint.verdicts import Verdict
from checkpoint.workspace import Workspace

SECONDS = 1.0
"""For one expectation; what takes longer waits for the checkpoint."""
TEAMS_LIMIT = 10
"""Teams of which more are not worth being judged twice."""


class Preview(msgspec.Struct, frozen=True):
    """How many of one team's expectations were judged and hold, how many `wait`, and the first that does not hold."""

    team: str
    judged: int
    holds: int
    waits: int
    wrong: Verdict | None = None


def previews(workspace: Workspace, plan: Plan, teams: Collection[Team], commit: str) -> tuple[Preview, ...]:
    """What is true of these teams of the plan now, with references as in the commit; nothing where they are many."""
    if len(teams) > TEAMS_LIMIT:
        return ()
    named = {team.name: team for team in teams}
    concerned, pure = msgspec.structs.replace(plan, teams=tuple(named.values())), _pure()
    work = [job for job in jobs(concerned) if job.expectation.validator in pure]
    if not work:
        return ()
    with workspace.places(commit) as places:
        rules = ApprovedRules(workspace.trust, concerned)
        verdicts = validate(work, places, rules, lambda *given: (), copies=True, seconds=SECONDS)
    return tuple(_previews(named, verdicts))


def _pure() -> frozenset[str]:
    """The validators that only read: what else a plan names runs something."""
    return frozenset(name for name in our_names() if name != "command")


def _previews(named: dict[str, Team], verdicts: Iterable[Verdict]) -> Iterator[Preview]:
    for name, found in groupby(verdicts, key=lambda verdict: verdict.team):
        judged = tuple(found)
        wrong = [each for each in judged if each.outcome != "passed"]
        waits = sum(map(_expectations, named[name].tasks)) - len(judged)
        yield Preview(name, len(judged), len(judged) - len(wrong), waits, wrong[0] if wrong else None)


def _expectations(task: Task) -> int:
    return len(task.expectations)
