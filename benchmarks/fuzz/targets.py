"""The targets by their names: what is tested, what the search begins with, and how much of the time each gets."""

from collections.abc import Callable
from typing import NamedTuple

from benchmarks.fuzz import plan_targets, starts, text_targets


class Target(NamedTuple):
    """`check` raises for an input that shows a fault. `share` is of the time, `most` the bytes of an input."""

    check: Callable[[bytes], None]
    starts: Callable[[], list[bytes]]
    share: int
    most: int = 8192


TARGETS: dict[str, Target] = {
    "parse": Target(plan_targets.parses, starts.plans, 5),
    "agree": Target(plan_targets.agrees, starts.plans, 4),
    "edit": Target(plan_targets.edits, starts.edits, 5),
    "restore": Target(plan_targets.restores, starts.pairs, 3),
    "merge": Target(plan_targets.merges, starts.triples, 3),
    "weakening": Target(plan_targets.weakens, starts.pairs, 2),
    "documents": Target(text_targets.documents, starts.documents, 2),
    "redaction": Target(text_targets.redacts, starts.secrets, 2),
    "globs": Target(text_targets.matches, starts.globs, 1, 200),
    "growth": Target(text_targets.grows, starts.growing, 3, 2048),
}
