"""What `git status` says of the person's checkout."""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec

from checkpoint.git.checkout import Checkout
from checkpoint.git.command import Git
from checkpoint.process import Running

_STATUS = ("status", "--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=dirty")


class Status(msgspec.Struct, frozen=True):
    """One path that git reports: what is staged and what is modified (`.` for nothing), and the staged blob."""

    staged: str
    modified: str
    path: str
    blob: str = ""


def begin_status(checkout: Checkout) -> Running:
    """Starts to look for what is staged or modified of all that is tracked; it then prints nothing where nothing is."""
    return checkout.git.start(*_STATUS, "--untracked-files=no")


def read_status(git: Git, *arguments: str) -> list[Status]:
    """What `git status` reports; the index is only read."""
    return list(parse_status(git.run(*_STATUS, *arguments)))


def parse_status(data: bytes) -> Iterator[Status]:
    """What `git status --porcelain=v2 -z --no-renames` printed."""
    for line in os.fsdecode(data).split("\0"):
        kind, _, rest = line.partition(" ")
        if kind == "1":
            states, _, _, _, _, _, blob, path = rest.split(" ", 7)
            yield Status(states[0], states[1], path, blob)
        elif kind == "u":
            yield Status("U", "U", rest.split(" ", 9)[9])
        elif kind == "?":
            yield Status(".", "?", rest)
