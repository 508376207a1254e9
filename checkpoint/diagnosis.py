"""What `doctor` looks at, one function each. Nothing is changed, and what fails is a finding, not an error."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator

from checkpoint import process
from checkpoint.documents import Diagnosis
from checkpoint.errors import CheckpointError
from checkpoint.forge import find_forge
from checkpoint.git.fast_forward import is_modified
from checkpoint.git.merging import ATTRIBUTES, driver, names_driver
from checkpoint.git.source import refuse_unwritable
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.registry import kind
from checkpoint.plan.parse import parse
from checkpoint.schedule import of_plan
from checkpoint.validation.commands import MEND
from checkpoint.validation.lint import problems_of
from checkpoint.wording import number_of
from checkpoint.workspace import Workspace

GIT_LEAST = (2, 34)
"""The oldest git with `safe.bareRepository`'s neighbours and `cat-file --batch` as they are used here."""
PATIENCE = 300.0
"""Seconds within which a scheduled checkpoint should have been taken."""
LOCK_AGE = 600.0
"""Seconds after which a lock of git's is worth a word."""

_OF_THE_PLAN = ("approvals", "sandbox", "notifiers", "schedule")
"""What is known only of a plan that is right."""


def diagnose(workspace: Workspace) -> Iterator[Diagnosis]:
    """Each thing that a checkpoint needs, in the order in which it needs it."""
    looks: tuple[tuple[str, Callable[[Workspace], Diagnosis]], ...] = (
        ("python", _python),
        ("git", _git),
        ("identity", _identity),
        ("plan", _plan),
        ("remote", _remote),
        ("publishing", _publishing),
        ("checkout", _checkout),
        ("merging", _merging),
        ("locks", _locks),
        ("approvals", _approvals),
        ("sandbox", _sandbox),
        ("store", _store),
        ("configuration", _configuration),
        ("notifiers", _notifiers),
        ("schedule", _schedule),
        ("last run", _last),
    )
    plan_state = ""
    for name, look in looks:
        try:
            found = look(workspace)
        except CheckpointError as error:
            words = f"{error.what} ({error.why})" if error.why else error.what
            found = Diagnosis(name, "wrong", words, error.mend)
            if plan_state == "wrong" and name in _OF_THE_PLAN:
                found = Diagnosis(name, "wrong", "cannot be told while the plan is wrong", "mend the plan first")
        plan_state = found.state if name == "plan" else plan_state
        yield found


def _python(workspace: Workspace) -> Diagnosis:
    return Diagnosis("python", "ok", ".".join(map(str, sys.version_info[:3])))


def _git(workspace: Workspace) -> Diagnosis:
    said = process.run(["git", "--version"]).stdout.decode().strip()
    match = re.search(r"(\d+)\.(\d+)", said)
    version = (int(match[1]), int(match[2])) if match else (0, 0)
    least = ".".join(map(str, GIT_LEAST))
    if version < GIT_LEAST:
        return Diagnosis("git", "wrong", said, f"install git {least} or newer")
    return Diagnosis("git", "ok", said)


def _identity(workspace: Workspace) -> Diagnosis:
    who = workspace.checkout.identity
    if not who.name or not who.email:
        mend = "git config --global user.name NAME; git config --global user.email ADDRESS"
        return Diagnosis("identity", "wrong", "git does not know who commits here", mend)
    return Diagnosis("identity", "ok", f"{who.name} <{who.email}>")


def _plan(workspace: Workspace) -> Diagnosis:
    problems = problems_of(workspace)
    errors = sum(problem.severity == "error" for problem in problems)
    found = f"{workspace.plan_path}: {number_of(errors, 'error')}, {number_of(len(problems) - errors, 'warning')}"
    return Diagnosis(
        "plan", "wrong" if errors else "warning" if problems else "ok", found, "checkpoint lint" if problems else ""
    )


def _remote(workspace: Workspace) -> Diagnosis:
    source = workspace.source
    with workspace.held():
        tip = source.tip(workspace.plan_path)
    refuse_unwritable(tip, workspace.plan_path)
    if not source.is_remote:
        return Diagnosis("remote", "warning", "none: checkpoints are committed here and not pushed", "git remote add")
    return Diagnosis("remote", "ok", f"{source.read_at} at {tip.commit[:10]} has the plan")


def _publishing(workspace: Workspace) -> Diagnosis:
    source, chosen = workspace.source, workspace.configuration.pull_request
    if not source.aside:
        return Diagnosis("publishing", "ok", f"to {source.where}")
    checkout = workspace.checkout
    forge = find_forge((checkout.url, checkout.address), chosen)
    if forge:
        return Diagnosis("publishing", "ok", f"to {source.where}; {forge.program} asks people to merge it")
    if chosen == "off":
        return Diagnosis("publishing", "ok", f"to {source.where}, for people to merge")
    found = f"to {source.where}, and nobody is asked to merge it: no program of its forge is known and installed"
    mend = "install gh, glab or tea and log in; or say which, or `off`: the option `pull-request`"
    return Diagnosis("publishing", "warning", found, mend)


def _checkout(workspace: Workspace) -> Diagnosis:
    if is_modified(workspace.checkout, workspace.plan_path):
        found = f"{workspace.plan_path} has uncommitted changes, which checkpoints do not see"
        return Diagnosis("checkout", "warning", found, f"git commit {workspace.plan_path}, then git push")
    if not os.path.exists(os.path.join(workspace.top, workspace.plan_path)):
        mend = "check out the branch that has it, or make one: checkpoint init"
        return Diagnosis("checkout", "warning", f"on {workspace.checkout.branch}, without {workspace.plan_path}", mend)
    return Diagnosis("checkout", "ok", f"on {workspace.checkout.branch}, the plan is committed")


def _merging(workspace: Workspace) -> Diagnosis:
    git = workspace.checkout.git
    if not names_driver(git, workspace.plan_path):
        return Diagnosis("merging", "ok", f"git merges {workspace.plan_path} as any text")
    program = driver(git)
    if not program:
        found = f"{ATTRIBUTES} has {workspace.plan_path} merged by a driver that this clone does not know"
        return Diagnosis("merging", "warning", found, "checkpoint init --merge-driver")
    if not shutil.which(program):
        found = f"this clone has {workspace.plan_path} merged by {program}, which is gone"
        return Diagnosis("merging", "warning", found, "checkpoint init --merge-driver")
    return Diagnosis("merging", "ok", f"what checkpoints wrote into {workspace.plan_path} never conflicts")


def _locks(workspace: Workspace) -> Diagnosis:
    for folder in {workspace.location.git_folder, workspace.location.common_folder}:
        path = os.path.join(folder, "index.lock")
        if os.path.exists(path) and workspace.now - os.stat(path).st_mtime > LOCK_AGE:
            mend = f"if no git command is running: rm '{path}'"
            return Diagnosis("locks", "warning", f"{path} was left behind; checkpoints do not need it", mend)
    return Diagnosis("locks", "ok", "no lock of git's was left behind")


def _approvals(workspace: Workspace) -> Diagnosis:
    items = workspace.trust.items(workspace.usable(workspace.read_plan()))
    waiting = [item for item in items if not workspace.trust.is_approved(item)]
    if waiting:
        return Diagnosis("approvals", "warning", f"{len(waiting)} of {len(items)} are missing", "checkpoint approve")
    return Diagnosis("approvals", "ok", f"{len(items)} of {len(items)}")


def _sandbox(workspace: Workspace) -> Diagnosis:
    plan = parse(workspace.read_plan())
    commands = [each for task in plan.tasks.values() for each in task.expectations if each.validator == "command"]
    wanted = workspace.configuration.sandbox
    if wanted == "off":
        return Diagnosis("sandbox", "ok", "off: commands can do what you can")
    found = workspace.sandbox()
    if found.objection and commands:
        words = f"none: {found.objection}; {number_of(len(commands), 'command')} of the plan can do what you can"
        return Diagnosis("sandbox", "wrong" if wanted == "on" else "warning", words, MEND)
    if found.objection:
        return Diagnosis("sandbox", "ok", f"none, and none is needed: {found.objection}")
    return Diagnosis("sandbox", "ok", f"bubblewrap: {found.words}")


def _store(workspace: Workspace) -> Diagnosis:
    damaged = workspace.store.set_aside
    if damaged:
        return Diagnosis("store", "warning", f"a damaged journal was set aside: {', '.join(damaged)}", "look into it")
    return Diagnosis("store", "ok", workspace.store_folder)


def _configuration(workspace: Workspace) -> Diagnosis:
    changed = {name: source for name, source in workspace.configuration.sources.items() if source != "default"}
    found = ", ".join(f"{name} from {source}" for name, source in sorted(changed.items()) if name != "plan")
    return Diagnosis("configuration", "ok", found or "all defaults")


def _notifiers(workspace: Workspace) -> Diagnosis:
    chosen = [notifier.name for notifier in chosen_notifiers(workspace)]
    states = [each for each in workspace.store.outbox.channels().values() if each.channel in chosen]
    plan = parse(workspace.read_plan())
    named = dict.fromkeys((*plan.settings.notify, *(name for team in plan.teams for name in team.notify)))
    strange = [name for name in named if name not in map(kind, chosen)]
    if strange:
        found = f"{workspace.plan_path} names {', '.join(strange)}, and yours are {', '.join(chosen) or 'none'}"
        return Diagnosis("notifiers", "warning", found, "correct its `notify`, or set the option `notify`")
    degraded = [f"{each.channel}: {each.problem}" for each in states if each.since]
    if degraded:
        return Diagnosis("notifiers", "warning", f"degraded: {'; '.join(degraded)}", "checkpoint notify test")
    waiting = sum(each.waiting for each in states)
    late = f"; waiting to be sent: {number_of(waiting, 'notice')}" if waiting else ""
    return Diagnosis("notifiers", "ok", (", ".join(chosen) or "none") + late)


def _schedule(workspace: Workspace) -> Diagnosis:
    settings = workspace.usable(workspace.read_plan()).settings
    schedule = of_plan(settings.schedule, settings.timezone)
    if schedule is None:
        return Diagnosis("schedule", "ok", "none")
    latest = schedule.latest(workspace.now - PATIENCE)
    handled = workspace.store.journal.handled(workspace.source.branch, workspace.now)
    if latest is not None and (handled is None or handled < latest):
        found = f"{schedule.text}: the checkpoint of {schedule.slot(latest)} was not taken here"
        return Diagnosis("schedule", "warning", found, "checkpoint serve --install, or checkpoint serve")
    return Diagnosis("schedule", "ok", schedule.text)


def _last(workspace: Workspace) -> Diagnosis:
    last = workspace.store.journal.last(finished=False)
    if last is None:
        return Diagnosis("last run", "ok", "none yet")
    if not last.is_finished and last.result != "undid":
        mend = "checkpoint now, which says what a person has to do" if last.result == "stalled" else "checkpoint now"
        return Diagnosis("last run", "warning", f"{last.result}: {last.error or 'it was ended from outside'}", mend)
    return Diagnosis("last run", "ok", f"{last.result}: {last.headline}")
