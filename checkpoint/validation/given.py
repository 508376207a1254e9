"""What the engine is given: a team's files, the rules, and where evidence goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

import msgspec

from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.validator import Finding, Services, Tree, Validator
from checkpoint.verdicts import Outcome

TIME_LIMIT = 20.0
"""Seconds for one expectation. A command has a limit of its own, which its process is held to."""

Evidence: TypeAlias = Callable[[Team, Task, Expectation, dict[str, str]], tuple[str, ...]]
"""Keeps the texts behind a verdict by their names; returns the names that the verdict is to have."""


def _never(path: str) -> bool:
    return False


def _nothing() -> None:
    """There is nothing to forget."""


class TeamFiles(msgspec.Struct, frozen=True):
    """Where one team's work is looked at. `refusal` says why it may not be, where it may not."""

    tree: Tree
    references: Tree
    services: Services
    place: str
    refusal: Finding | None = None
    refused_as: Outcome = "untrusted"
    discarded: Callable[[str], bool] = _never
    """Whether a command has written that path of the team's, and it is not kept."""
    forget: Callable[[], None] = _nothing
    """Takes nothing that was found so far for granted, and gives back what is held open: see `Folder.close`."""


class Rules(Protocol):
    """Which validators there are, and what may run."""

    def find(self, name: str) -> Validator:
        """Raises CheckpointError where there is none, or it cannot be loaded."""

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        """Whether an expectation that runs something has been approved."""
