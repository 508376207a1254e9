"""The argument of every command that judges a plan."""

from __future__ import annotations

import argparse


def add_fresh(parser: argparse.ArgumentParser) -> None:
    """`--fresh`: see `Workspace.fresh`."""
    parser.add_argument("--fresh", action="store_true", help="judge everything anew, and run every command again")
