"""Verdicts of a checkpoint, counted and compared with the last."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from checkpoint.validator import Finding

Outcome: TypeAlias = Literal["passed", "failed", "missing", "error", "blocked", "untrusted"]


class Seen(msgspec.Struct, frozen=True):
    """A file or folder that a verdict looked at, so that later a `stat` tells whether it still stands.

    In the tree of a commit `size` and `modified` are 0.
    """

    path: str
    size: int = 0
    modified: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """What was proven of one expectation. `expectation` is its text, `evidence` the names of what the store keeps.

    `digest` binds the verdict to the content it saw: sha256 over the names and contents that were looked at.
    """

    team: str
    task: str
    expectation: str
    outcome: Outcome
    line: int = 0
    findings: tuple[Finding, ...] = ()
    digest: str = ""
    seen: tuple[Seen, ...] = ()
    evidence: tuple[str, ...] = ()
    seconds: float = 0.0
