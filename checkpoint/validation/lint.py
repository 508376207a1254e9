"""Everything that can be said against a plan before anything is validated."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checkpoint.arguments import bind
from checkpoint.errors import CheckpointError
from checkpoint.git.repository import tracked_paths
from checkpoint.plan.lint import lint
from checkpoint.plan.model import Expectation, Plan, Problem, Team
from checkpoint.plan.order import circles
from checkpoint.plan.parse import parse
from checkpoint.registry import Registry
from checkpoint.validator import Tree, Unreadable
from checkpoint.workspace import Workspace

_SPAN = re.compile(r"`([^`]*)`")
_READS = re.compile(r"\(reads ").match


def problems_of(workspace: Workspace) -> tuple[Problem, ...]:
    """The problems of the plan in the work tree, in the order of its lines."""
    plan = parse(workspace.read_plan())
    found = {
        *plan.problems,
        *lint(plan, tracked_paths(workspace.checkout), workspace.plan_path),
        *_arguments(plan, workspace.trust.registry(plan)),
        *circles(plan),
        *_inputs(plan, workspace),
    }
    return tuple(sorted(found, key=lambda each: (each.line, each.column, each.rule)))


def _inputs(plan: Plan, workspace: Workspace) -> Iterator[Problem]:
    """What commands declare to read, and is not there: they are run each time."""
    declared = [(team, each, path) for team in plan.teams for each, path in _declared(team)]
    if not declared:
        return
    with workspace.places() as places:
        for team, each, path in declared:
            if places(team).refusal is None and not _names_something(places(team).tree, path):
                mend = "name what the command reads, or leave it out: the command is run each time as it is"
                found = f"`{path}`, which names no file"
                yield Problem(each.line, each.column, found, "what the command reads", mend, "warning", "reads")


def _declared(team: Team) -> Iterator[tuple[Expectation, str]]:
    for task in team.tasks:
        for each in task.expectations:
            for clause in filter(_READS, each.arguments if each.validator == "command" else ()):
                yield from ((each, path) for path in _SPAN.findall(clause))


def _names_something(tree: Tree, path: str) -> bool:
    try:
        return any(each.kind != "folder" or tree.below(each.path) for each in tree.find(path))
    except Unreadable:
        return False


def _arguments(plan: Plan, registry: Registry) -> Iterator[Problem]:
    for task in plan.tasks.values():
        for expectation in task.expectations:
            yield from _argument(expectation, registry)


def _argument(each: Expectation, registry: Registry) -> Iterator[Problem]:
    """The problem with an expectation's validator or its words, if there is one."""
    try:
        validator = registry.find(each.validator)
        positional, keywords = bind(validator.check, each.arguments)
        if validator.lint:
            validator.lint(*positional, **keywords)
    except ValueError as error:
        mend = f"`checkpoint validators {each.validator}` shows how it is written"
        yield Problem(each.line, each.column, str(error), f"arguments of `{each.validator}`", mend, rule="arguments")
    except CheckpointError as error:
        yield Problem(each.line, each.column, error.what, "a validator", error.mend, rule="validator")
