"""A plan held against what the teams delivered: what `now` and `check` have in common."""

from __future__ import annotations

import msgspec

from checkpoint.actions import Action, next_actions
from checkpoint.graph import unblocks
from checkpoint.plan.model import Plan
from checkpoint.snapshot import Snapshot
from checkpoint.standing import Known, Looked, Standing
from checkpoint.validation.engine import Announce, Evidence, Job, Progress, jobs, validate
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
    looks: dict[str, Looked] = {}
    """How each team's files looked when they began to be judged."""


def prove(
    workspace: Workspace,
    plan: Plan,
    before: Before,
    keep: Evidence,
    progress: Progress,
    announce: Announce = lambda verdict: None,
    fetched: str = "",
    snapshot: Snapshot | None = None,
) -> Proof:
    """Judges every expectation of the plan; refs and references as in the `fetched` commit, or as they stand here.

    But for what the last checkpoint, whose snapshot that is, has judged and nothing has touched since.
    """
    standing = workspace.standing(plan, snapshot, fetched)
    looks, known = _standing(plan, standing, before)
    with workspace.places(fetched) as places:
        rules = ApprovedRules(workspace.trust, plan)
        work = jobs(plan)
        stands = {number: known[key] for number, job in enumerate(work) if (key := _key(job)) in known} if known else {}
        places.run_ahead([job for number, job in enumerate(work) if number not in stands] if stands else work, rules)
        found = validate(
            work,
            places,
            rules,
            keep,
            copies=plan.settings.copies == "allow",
            owners=before.verified,
            standing=stands,
            progress=progress,
            announce=announce,
        )
        names = {team.name: places(team).place for team in plan.teams}
    teams = report(plan, found, before, names)
    waiting = unblocks({task.id: task.after for task in plan.tasks.values()})
    actions = {team.name: next_actions(team, waiting) for team in teams}
    refs = {team.name: team.ref for team in plan.teams if team.ref}
    return Proof(tuple(found), teams, actions, places.roots, places.commits, refs, looks)


def _standing(plan: Plan, standing: Standing, before: Before) -> tuple[dict[str, Looked], Known]:
    """How each team's files look, taken before anything is judged, and the verdicts that stand."""
    looks, known, verified = {}, Known(), frozenset(before.verified)
    for team in plan.teams:
        looks[team.name], found = standing.verdicts(team, standing.look(team), verified)
        known |= found
    return looks, known


def _key(job: Job) -> tuple[str, str]:
    return job.task.id, job.expectation.text
