"""The argument of every command that publishes."""

from __future__ import annotations

import argparse


def add_branch(parser: argparse.ArgumentParser) -> None:
    """`--branch`, as the option `publish-branch` for this run."""
    parser.add_argument(
        "--branch",
        metavar="NAME",
        help="publish to this branch of the remote, for people to merge, and not to the plan's own",
    )
