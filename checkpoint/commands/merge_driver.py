"""Merges two versions of a plan for git, which calls it where `checkpoint init` has set it up. Exit 1 with conflicts.

What people wrote is merged as git merges any text. What checkpoints wrote never conflicts: boxes are as whoever changed
them has left them, blocks as on our side. A text that is no plan is merged by git alone.
"""

from __future__ import annotations

import argparse
import os

from checkpoint.errors import UsageError
from checkpoint.git.command import Git
from checkpoint.git.environment import clean
from checkpoint.git.merging import merge_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("base", metavar="BASE", help="the file with what both sides began from: %%O")
    parser.add_argument("ours", metavar="OURS", help="the file with our side, which gets the result: %%A")
    parser.add_argument("theirs", metavar="THEIRS", help="the file with their side: %%B")
    parser.add_argument("path", metavar="PATH", nargs="?", default="", help="what is merged, for people: %%P")


def run(options: argparse.Namespace) -> int:
    base, ours, theirs = (_read(path) for path in (options.base, options.ours, options.theirs))
    merged = merge_plan(Git(("-C", "."), clean(os.environ)), base, ours, theirs)
    with open(options.ours, "wb") as file:
        file.write(merged.text)
    return 1 if merged.conflicts else 0


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read", why=error.strerror or "", mend="it is git that calls this"
        ) from error
