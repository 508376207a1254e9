"""Judges a unit in the clone where this runs: `python -m checkpoint.validation.elsewhere [FOLDER] < unit > answer`.

Both are MessagePack, `Unit` and `Timed`. What was approved is told by the unit, not looked up: whoever hands out units
is trusted with what may run here. Refs are read in this clone's own objects, folders in its own work tree.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from checkpoint.approvals import Item
from checkpoint.git.repository import TeamRepository
from checkpoint.plan.model import Expectation, Plan, Team
from checkpoint.registry import Registry
from checkpoint.store.outcomes import Outcomes
from checkpoint.validation.commands import Commands
from checkpoint.validation.places import Places
from checkpoint.validation.trust import Trust, command_item, folder_item, is_outside
from checkpoint.validation.unit import Timed, Unit, judge
from checkpoint.validator import Validator
from checkpoint.workspace import Workspace


def units(workspace: Workspace, plan: Plan, fetched: str = "") -> Iterator[Unit]:
    """Each team of a plan as a unit; refs as in the commit that was `fetched`, or as they stand here."""
    plugins, unapproved = workspace.trust.plugins(plan)
    with workspace.places(fetched) as places:
        for team in plan.teams:
            places(team)
            yield Unit(
                team,
                workspace.now,
                commit=places.commits.get(team.name, ""),
                references=fetched,
                approved=_approved(workspace.trust, team),
                plugins=plugins,
                unapproved=unapproved,
                every=plan.settings.copies == "refuse",
            )


def _approved(trust: Trust, team: Team) -> tuple[str, ...]:
    wanted = [command_item(team, each) for task in team.tasks for each in task.expectations if _is_command(each)]
    wanted += [folder_item(team)] if is_outside(team.folder) else []
    return tuple(sorted({key_of(each) for each in wanted if trust.is_approved(each)}))


def _is_command(expectation: Expectation) -> bool:
    return expectation.validator == "command"


def key_of(item: Item) -> str:
    """An approved item in a unit: what it is, and the sha256 of its content."""
    return f"{item.kind} {item.digest} {item.name}"


class _Rules:
    """What a unit says that may run (`checkpoint.validation.given.Rules`)."""

    def __init__(self, unit: Unit, top: str) -> None:
        self._approved = frozenset(unit.approved)
        digests = {os.path.join(top, path): digest for path, digest in unit.plugins.items()}
        self._registry = Registry(digests, unit.unapproved)

    def find(self, name: str) -> Validator:
        return self._registry.find(name)

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return not _is_command(expectation) or self.has(command_item(team, expectation))

    def has(self, item: Item) -> bool:
        return key_of(item) in self._approved


def answer(unit: Unit, folder: str) -> Timed:
    """The answer to a unit in the clone that this folder lies in."""
    with Workspace(folder, None) as workspace:
        rules = _Rules(unit, workspace.top)
        with _places(unit, workspace, rules) as places:
            return judge(unit, places(unit.team), rules)


@contextmanager
def _places(unit: Unit, workspace: Workspace, rules: _Rules) -> Iterator[Places]:
    commands = Commands(workspace.location, workspace.configuration, os.environ)
    outcomes = Outcomes(os.path.join(workspace.store_folder, "outcomes"))
    with Places(
        workspace.top,
        lambda: workspace.checkout.git,
        lambda ref: unit.commit,
        lambda folder: TeamRepository(workspace.checkout, folder),
        rules.has,
        unit.now,
        commands,
        outcomes,
        unit.references,
        fresh=True,
    ) as places:
        yield places


def main(arguments: list[str]) -> None:
    unit = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Unit)
    found = answer(unit, arguments[0] if arguments else ".")
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main(sys.argv[1:])
