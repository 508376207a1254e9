"""A plan held against what the teams delivered: what `now` and `check` have in common."""

from __future__ import annotations

from collections.abc import Mapping

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
    actions: Mapping[str, tuple[Action, ...]]
    roots: dict[str, str]
    commits: dict[str, str]
    refs: dict[str, str]
    looks: dict[str, Looked] = {}
    """How each team's files looked when they began to be judged."""
    unblocks: Mapping[str, int] = {}
    """How many tasks wait for one, directly or not."""
    lines: dict[str, int] = {}
    """The line of each team's heading."""


class Elsewhere(msgspec.Struct, frozen=True):
    """What must be known of the rest of a plan where only some teams are judged: tasks done, and how many wait."""

    done: frozenset[str]
    unblocks: Mapping[str, int]


def prove(
    workspace: Workspace,
    plan: Plan,
    before: Before,
    keep: Evidence,
    progress: Progress,
    announce: Announce = lambda verdict: None,
    fetched: str = "",
    snapshot: Snapshot | None = None,
    elsewhere: Elsewhere | None = None,
    looks: Mapping[str, Looked] = {},
) -> Proof:
    """Judges every expectation of the plan; refs and references as in the `fetched` commit, or as they stand here.

    But for what the last checkpoint, whose snapshot that is, has judged and nothing has touched since. Of teams whose
    files have been looked at already, `looks` tells how they looked.
    """
    before = Before(*map(frozenset, msgspec.structs.astuple(before)))
    standing = workspace.standing(plan, snapshot, fetched)
    looks, known = _standing(plan, standing, before, looks)
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
    teams = report(plan, found, before, names, elsewhere.done if elsewhere else frozenset())
    waiting = elsewhere.unblocks if elsewhere else unblocks({task.id: task.after for task in plan.tasks.values()})
    actions = {team.name: next_actions(team, waiting) for team in teams}
    refs = {team.name: team.ref for team in plan.teams if team.ref}
    lines = {team.name: team.line for team in plan.teams}
    return Proof(tuple(found), teams, actions, places.roots, places.commits, refs, looks, waiting, lines)


def _standing(
    plan: Plan, standing: Standing, before: Before, looks: Mapping[str, Looked]
) -> tuple[dict[str, Looked], Known]:
    """How each team's files look, taken before anything is judged, and the verdicts that stand."""
    taken, known = {}, Known()
    for team in plan.teams:
        looked = looks.get(team.name) or standing.look(team)
        taken[team.name], found = standing.verdicts(team, looked, before.verified)
        known |= found
    return taken, known


def _key(job: Job) -> tuple[str, str]:
    return job.task.id, job.expectation.text
