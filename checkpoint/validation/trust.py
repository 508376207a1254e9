"""What a plan could run or reach on this machine, and which of it has been approved.

Content of a repository is data. A command, a plug-in or a template of its own, and a folder outside of it, count
only as a person approved them: exactly these, for this repository, kept outside of it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

from checkpoint.approvals import Approvals, Item, item
from checkpoint.baseline import expected, restored
from checkpoint.errors import ConfigurationError
from checkpoint.files import Folder
from checkpoint.plan.model import Expectation, Plan, Team
from checkpoint.registry import Registry
from checkpoint.resources import TEMPLATES, is_ours
from checkpoint.validator import Unreadable, Validator

CONTENT_LIMIT = 1024 * 1024
"""The most bytes that a plug-in or template may have."""


def command_item(team: Team, expectation: Expectation) -> Item:
    """A command where its team works; its time limit is part of it."""
    place = _place(team)
    name = f"{team.name}: {expectation.text}, in {place}"
    return item("command", name, f"in {place}: {expectation.artifact}".encode())


def _place(team: Team) -> str:
    """In words that no other place has: a folder may be called `a of b`, and no ref ends with a slash."""
    if team.ref:
        return f"{team.folder} of {team.ref}"
    return f"{team.folder.rstrip('/')}/" if " of " in team.folder else team.folder


def folder_item(team: Team) -> Item:
    """A team's folder that lies outside of the repository."""
    return item("folder", f"{team.name}: {team.folder}", team.folder.encode())


def baseline_item(plan: Plan) -> Item:
    """All that a plan expects: under `approval: strict` it counts as it is."""
    return item("baseline", "what the plan expects", expected(plan))


def readable(wanted: Item) -> str:
    """The text of an item as a person reads it."""
    plan = restored(wanted.text.encode()) if wanted.kind == "baseline" else None
    if plan is None:
        return wanted.text
    wants = [(team, task, each) for team in plan.teams for task in team.tasks for each in task.expectations]
    return "\n".join(f"{team.name} ({team.folder}) {task.id}: {each.text}" for team, task, each in wants)


def digest_of(items: Iterable[Item]) -> str:
    """One short name for exactly these items, which a person can retype."""
    total = hashlib.sha256()
    for each in sorted(items, key=_identity):
        total.update(f"{each.kind}\0{each.name}\0{each.digest}\0\0".encode())
    return total.hexdigest()[:16]


def _identity(each: Item) -> tuple[str, str, str]:
    return each.kind, each.name, each.digest


def is_outside(folder: str) -> bool:
    """Whether a team's folder leaves the repository."""
    return folder.startswith(("/", "~")) or ".." in folder.split("/")


class Trust:
    """What the repository at `top` brings that could run, held against the approvals."""

    def __init__(self, top: str, approvals: Approvals) -> None:
        self._top = top
        self._approvals = approvals

    def items(self, plan: Plan) -> list[Item]:
        """All that the plan would run or reach, and under `approval: strict` what it expects."""
        found = {folder_item(team) for team in plan.teams if is_outside(team.folder)}
        found |= {
            command_item(team, expectation)
            for team in plan.teams
            for task in team.tasks
            for expectation in task.expectations
            if expectation.validator == "command"
        }
        found |= {item("plugin", path, content) for path, content in self._plugins(plan).items()}
        found |= {item("template", path, content) for path, content in self._templates().items()}
        if plan.settings.approval == "strict":
            found.add(baseline_item(plan))
        return sorted(found, key=_identity)

    def is_approved(self, wanted: Item) -> bool:
        return self._approvals.is_approved(wanted)

    def registry(self, plan: Plan) -> Registry:
        """Our validators, installed ones, and those of the repository's own that the plan names."""
        approved, unapproved = self.plugins(plan)
        return Registry({os.path.join(self._top, path): digest for path, digest in approved.items()}, unapproved)

    def plugins(self, plan: Plan) -> tuple[dict[str, str], tuple[str, ...]]:
        """Of the validators of the repository's own that the plan names: the sha256 of each approved one by its path,
        and the paths of the others.
        """
        plugins = self._plugins(plan)
        approved = {path for path, content in plugins.items() if self.is_approved(item("plugin", path, content))}
        digests = {path: hashlib.sha256(plugins[path]).hexdigest() for path in sorted(approved)}
        return digests, tuple(sorted(plugins.keys() - approved))

    def templates(self) -> dict[str, str]:
        """The repository's own templates that are approved, by name."""
        own = self._templates().items()
        approved = {path: content for path, content in own if self.is_approved(item("template", path, content))}
        return {os.path.basename(path): content.decode("utf-8", "replace") for path, content in approved.items()}

    def _plugins(self, plan: Plan) -> dict[str, bytes]:
        names = {each.validator for task in plan.tasks.values() for each in task.expectations}
        return self._contents("validators", sorted(f"{name.replace('-', '_')}.py" for name in names))

    def _templates(self) -> dict[str, bytes]:
        return self._contents("templates", TEMPLATES)

    def _contents(self, folder: str, names: Iterable[str]) -> dict[str, bytes]:
        """The files of these names in a folder of the repository; none where it is the folder that we ship."""
        path = os.path.join(self._top, folder)
        if not os.path.isdir(path) or is_ours(path):
            return {}
        with Folder(self._top, folder) as tree:
            return {name: _read(tree, name) for name in (f"{folder}/{each}" for each in names) if tree.entry(name)}


def _read(tree: Folder, path: str) -> bytes:
    try:
        return tree.read(path, CONTENT_LIMIT)
    except Unreadable as error:
        why = f"expected {error.finding.expected}, found {error.finding.found}"
        raise ConfigurationError(
            f"{path} cannot be used", why=why, mend="make it a regular file, or remove it"
        ) from error


class ApprovedRules:
    """The validators there are, and whether an expectation may run (`checkpoint.validation.engine.Rules`)."""

    def __init__(self, trust: Trust, plan: Plan) -> None:
        self._trust = trust
        self._registry = trust.registry(plan)

    def find(self, name: str) -> Validator:
        return self._registry.find(name)

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return expectation.validator != "command" or self._trust.is_approved(command_item(team, expectation))
