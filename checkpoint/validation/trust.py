"""What a plan could run or reach on this machine, and which of it has been approved.

Content of a repository is data. A command, a plug-in or a template of its own, and a folder outside of it, count
only as a person approved them: exactly these, for this repository, kept outside of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from checkpoint.approvals import Item
from checkpoint.plan.model import Expectation, Plan, Team
from checkpoint.validator import Validator


def command_item(team: Team, expectation: Expectation) -> Item:
    """A command where its team works; its time limit is part of it."""
    place = f"{team.folder} of {team.ref}" if team.ref else team.folder
    return Item("command", f"{team.name}: {expectation.text}", f"in {place}: {expectation.artifact}")


def folder_item(team: Team) -> Item:
    """A team's folder that lies outside of the repository."""
    return Item("folder", team.name, team.folder)


def content_item(kind: str, path: str, content: bytes) -> Item:
    """A plug-in or template of the repository's own, as its content stands."""
    return Item("plugin" if kind == "plugin" else "template", path, content.decode("utf-8", "surrogateescape"))


def baseline_item(text: bytes) -> Item:
    """A plan whose expectations count as they are, for `approval: strict`."""
    return Item("baseline", "expectations", text.decode("utf-8", "surrogateescape"))


def digest_of(items: Iterable[Item]) -> str:
    """One short name for exactly these items, which a person can retype."""
    total = hashlib.sha256()
    for item in sorted(items):
        total.update(f"{item.kind}\0{item.name}\0{item.text}\0\0".encode("utf-8", "surrogateescape"))
    return total.hexdigest()[:16]


def command_items(plan: Plan) -> set[Item]:
    """Every command of the plan."""
    return {
        command_item(team, expectation)
        for team in plan.teams
        for task in team.tasks
        for expectation in task.expectations
        if expectation.validator == "command"
    }


def folder_items(plan: Plan) -> set[Item]:
    return {folder_item(team) for team in plan.teams if is_outside(team.folder)}


def is_outside(folder: str) -> bool:
    """Whether a team's folder leaves the repository."""
    return folder.startswith(("/", "~")) or ".." in folder.split("/")


class ApprovedRules:
    """The validators there are, and whether an expectation may run."""

    def __init__(self, find: Callable[[str], Validator], is_approved: Callable[[Item], bool]) -> None:
        self.find = find
        self._is_approved = is_approved

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return expectation.validator != "command" or self._is_approved(command_item(team, expectation))
