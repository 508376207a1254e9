"""Takes a checkpoint: pulls the plan, validates every team, writes status and next actions, publishes, notifies.

With --dry-run all but the last two: it shows the diff that it would make. Exit 0 when the checkpoint was taken,
whatever it found; with --exit-code 1 where a proof fails.
"""

from __future__ import annotations

import argparse

from checkpoint.branch import Branch
from checkpoint.commands.judging import add_fresh
from checkpoint.commands.publishing import add_branch
from checkpoint.lazy import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="publish and tell nothing; show the diff")
    parser.add_argument(
        "--exit-code", action="store_true", help="exit 1 where a proof fails, 5 where only an approval is missing"
    )
    add_branch(parser)
    add_fresh(parser)
    parser.add_argument("--slot", default="", help="the occasion; a slot that has its checkpoint gets no second one")


def run(options: argparse.Namespace) -> int:
    branch = Branch(options.directory, options.plan, options.branch)
    with branch.held():
        # All else is imported while the fetch is under way, which takes about as long.
        taking = load("checkpoint.commands.taking")
        taken = taking.take(branch, options)
    status: int = taking.finish(taken, options)  # notices may take their time: the plan is not held meanwhile
    return status
