"""Puts a plan into this repository, from the example, and has git merge it as a plan; never overwrites a plan.

The example is a complete plan of two teams: change it to yours, commit it, and run `checkpoint now`. In a clone of a
repository that has its plan, --merge-driver does the second part alone.
"""

from __future__ import annotations

import argparse
import os
import sys

from checkpoint.console import Console
from checkpoint.documents import Init, to_json
from checkpoint.errors import UsageError
from checkpoint.git.command import Git
from checkpoint.git.environment import clean
from checkpoint.git.merging import ATTRIBUTES, configure_driver, names_driver, write_attributes
from checkpoint.resources import example_plan
from checkpoint.triggers.service import program_of
from checkpoint.workspace import Workspace

_NEXT = (
    "edit it: teams, their folders, what they must deliver",
    "`checkpoint lint` shows what is wrong or too weak",
    f"commit and push it, with {ATTRIBUTES}; then `checkpoint now` takes the first checkpoint",
)
_NEXT_OF_ATTRIBUTES = f"commit and push {ATTRIBUTES}; in each other clone: checkpoint init --merge-driver"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--merge-driver",
        action="store_true",
        help="no plan: only have git merge the one that is there without conflicts in what checkpoints write",
    )


def run(options: argparse.Namespace) -> int:
    workspace = Workspace(options.directory, options.plan)
    if options.merge_driver:
        workspace.read_plan()
        files = _set_up_driver(workspace)
        _print(options, workspace.plan_path, files, (_NEXT_OF_ATTRIBUTES,) if files else ())
        return 0
    _write_new(os.path.join(workspace.top, workspace.plan_path), example_plan())
    _print(options, workspace.plan_path, (workspace.plan_path, *_set_up_driver(workspace)), _NEXT)
    return 0


def _set_up_driver(workspace: Workspace) -> tuple[str, ...]:
    """Tells this clone what merges a plan, and the repository that the plan is one; the files that were written."""
    git = Git(("-C", workspace.top), clean(os.environ))
    configure_driver(git, program_of(sys.argv[0], sys.executable))
    if names_driver(git, workspace.plan_path):
        return ()
    write_attributes(workspace.top, workspace.plan_path)
    return (ATTRIBUTES,)


def _print(options: argparse.Namespace, plan: str, files: tuple[str, ...], steps: tuple[str, ...]) -> None:
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Init(plan=plan, files=files, next=steps)))
        return
    for file in files:
        console.answer(f"wrote {file}")
    console.say(f"git in this clone merges {plan} as a plan")
    for step in steps:
        console.say(f"  next: {step}")


def _write_new(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        mend = "edit it, or name another with --plan; --merge-driver alone sets up how git merges it"
        raise UsageError(f"{path} exists already", why="init never overwrites", mend=mend) from error
