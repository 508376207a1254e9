"""Shows everything that is wrong with the plan, and every expectation too weak to catch a pretence.

Each problem with line, column and the mend. Exit 3 where there is an error; warnings alone exit 0.
"""

from __future__ import annotations

import argparse

from checkpoint.console import Console
from checkpoint.documents import Lint, to_json
from checkpoint.errors import PlanError
from checkpoint.plan.model import Problem
from checkpoint.validation.lint import problems_of
from checkpoint.wording import number_of
from checkpoint.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="exit 3 for warnings too")


def run(options: argparse.Namespace) -> int:
    workspace = Workspace(options.directory, options.plan)
    problems = problems_of(workspace)
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Lint(plan=workspace.plan_path, problems=problems)))
    else:
        for problem in problems:
            _print(problem, workspace.plan_path, console)
        console.say(_conclusion(problems, workspace.plan_path))
    fatal = [problem for problem in problems if options.strict or problem.severity == "error"]
    return PlanError.exit_code if fatal else 0


def _print(problem: Problem, path: str, console: Console) -> None:
    style = "bad" if problem.severity == "error" else "warn"
    place = console.paint("strong", f"{path}:{problem.line}:{problem.column}:")
    console.answer(f"{place} {console.paint(style, problem.severity)}: {problem.found} [{problem.rule}]")
    console.answer(f"    expected {problem.expected}")
    console.answer(f"    → {problem.mend}")


def _conclusion(problems: tuple[Problem, ...], path: str) -> str:
    errors = sum(problem.severity == "error" for problem in problems)
    if not problems:
        return f"{path}: nothing wrong"
    return f"{path}: {number_of(errors, 'error')}, {number_of(len(problems) - errors, 'warning')}"
