"""`checkpoint check` where there is something to look into."""

from __future__ import annotations

import argparse
import time
from contextlib import suppress

from checkpoint.commands.printing import report_lines
from checkpoint.commands.progress import shown_progress
from checkpoint.console import Console
from checkpoint.documents import Check, to_json
from checkpoint.errors import UsageError, some
from checkpoint.kept import verdict_of
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.proof import Proof, prove
from checkpoint.record import last_report
from checkpoint.report import Report
from checkpoint.sequel import NotEnough, sequel_here
from checkpoint.snapshot import open_snapshot
from checkpoint.validation.engine import Progress, narrow
from checkpoint.verdicts import Before
from checkpoint.workspace import Workspace


def run(options: argparse.Namespace) -> int:
    workspace = Workspace(options.directory, options.plan)
    workspace.fresh = options.fresh
    text = workspace.read_plan()
    with shown_progress(options) as progress:
        report = _judged(workspace, text, options.what, progress)
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Check(proven=report.is_proven, report=report)))
    else:
        _print(report, console)
    return report.exit_code


def _judged(workspace: Workspace, text: bytes, names: list[str], progress: Progress) -> Report:
    """The plan of the work tree, judged; nothing is kept."""
    snapshot = open_snapshot(workspace.store_folder)
    sequel = None if names else sequel_here(workspace, snapshot, text)
    if sequel:
        with suppress(NotEnough):
            proof = sequel.prove(_keep, progress, lambda verdict: None)
            return _report(workspace, sequel.plan, proof)
    plan = workspace.usable(text)
    _known(plan, names)
    plan = narrow(plan, names)
    last = last_report(workspace)
    before = Before.of(last.teams) if last else Before()
    return _report(workspace, plan, prove(workspace, plan, before, _keep, progress, snapshot=snapshot))


def _report(workspace: Workspace, plan: Plan, proof: Proof) -> Report:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(workspace.now))
    settings, path = plan.settings, workspace.plan_path
    return Report("", "", "check", at, path, plan.title, "", "", settings.transparency, proof.teams, proof.actions)


def _keep(team: Team, task: Task, expectation: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
    return tuple(evidence)


def _known(plan: Plan, names: list[str]) -> None:
    known = {team.name for team in plan.teams} | set(plan.tasks)
    for name in names:
        if name not in known:
            raise UsageError(f"no team or task `{name}`", why=f"the plan has {some(sorted(known)) or 'none'}")


def _print(report: Report, console: Console) -> None:
    for line in report_lines(report, console, "checkpoint check", lambda task: True):
        console.say(line)
    console.answer(verdict_of(report))
