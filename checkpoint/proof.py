"""A plan held against what the teams delivered: what `now` and `check` have in common."""

from __future__ import annotations

import msgspec

from checkpoint.actions import Action, next_actions
from checkpoint.graph import unblocks
from checkpoint.plan.model import Plan
from checkpoint.validation.engine import Announce, Evidence, Progress, jobs, validate
from checkpoint.validation.trust import ApprovedRules
from checkpoint.verdicts import Before, TeamReport, Verdict, report
from checkpoint.workspace import Workspace


class Proof(msgspec.Struct, frozen=True):
    """What was proven: verdicts, teams, their actions. `roots` and `commits` say where each team was looked at."""

    verdicts: tuple[Verdict, ...]
    teams: tuple[TeamReport, ...]
    actions: dict[str, tuple[Action, ...]]
    roots: dict[str, str]
    commits: dict[str, str]
    refs: dict[str, str]


def prove(
    workspace: Workspace,
    plan: Plan,
    before: Before,
    keep: Evidence,
    progress: Progress,
    announce: Announce = lambda verdict: None,
    fetched: str = "",
) -> Proof:
    """Judges every expectation of the plan; refs and references as in the `fetched` commit, or as they stand here."""
    with workspace.places(fetched) as places:
        rules = ApprovedRules(workspace.trust, plan)
        copies = plan.settings.copies == "allow"
        found = validate(
            jobs(plan), places, rules, keep, copies=copies, owners=before.verified, progress=progress, announce=announce
        )
        names = {team.name: places(team).place for team in plan.teams}
    teams = report(plan, found, before, names)
    waiting = unblocks({task.id: task.after for task in plan.tasks.values()})
    actions = {team.name: next_actions(team, waiting) for team in teams}
    refs = {team.name: team.ref for team in plan.teams if team.ref}
    return Proof(tuple(found), teams, actions, places.roots, places.commits, refs)
