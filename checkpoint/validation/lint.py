"""Everything that can be said against a plan before anything is validated."""

from __future__ import annotations

from collections.abc import Iterator

from checkpoint.arguments import bind
from checkpoint.errors import CheckpointError
from checkpoint.git.repository import tracked_paths
from checkpoint.plan.lint import lint
from checkpoint.plan.model import Expectation, Plan, Problem
from checkpoint.plan.order import circles
from checkpoint.plan.parse import parse
from checkpoint.registry import Registry
from checkpoint.workspace import Workspace


def problems_of(workspace: Workspace) -> tuple[Problem, ...]:
    """The problems of the plan in the work tree, in the order of its lines."""
    plan = parse(workspace.read_plan())
    found = {
        *plan.problems,
        *lint(plan, tracked_paths(workspace.checkout), workspace.plan_path),
        *_arguments(plan, workspace.trust.registry(plan)),
        *circles(plan),
    }
    return tuple(sorted(found, key=lambda each: (each.line, each.column, each.rule)))


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
