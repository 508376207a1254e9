"""Puts a plan into this repository, from the example; never overwrites one.

The example is a complete plan of two teams: change it to yours, commit it, and run `checkpoint now`.
"""

from __future__ import annotations

import argparse
import os

from checkpoint.console import Console
from checkpoint.documents import Init, to_json
from checkpoint.errors import UsageError
from checkpoint.resources import example_plan
from checkpoint.workspace import Workspace

_NEXT = (
    "edit it: teams, their folders, what they must deliver",
    "`checkpoint lint` shows what is wrong or too weak",
    "commit and push it, then `checkpoint now` takes the first checkpoint",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    workspace = Workspace(options.directory, options.plan)
    path = os.path.join(workspace.top, workspace.plan_path)
    _write_new(path, example_plan())
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Init(plan=workspace.plan_path, next=_NEXT)))
        return 0
    console.answer(f"wrote {workspace.plan_path}")
    for step in _NEXT:
        console.say(f"  next: {step}")
    return 0


def _write_new(path: str, text: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(
            f"{path} exists already", why="init never overwrites", mend="edit it, or name another with --plan"
        ) from error
