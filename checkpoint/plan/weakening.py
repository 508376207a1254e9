"""Where a plan asks for less than it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.arguments import duration, size
from checkpoint.plan.model import Expectation, Plan, Settings, Task, Team

How: TypeAlias = Literal[
    "removed",
    "task removed",
    "team removed",
    "folder changed",
    "looser glob",
    "lower number",
    "other command",
    "changed",
    "approval lowered",
]

_LEAST = ("at-least",)
_MOST = ("at-most", "within")
_LEAST_FIRST = ("junit", "coverage")
"""Validators whose number needs no word before it, and is the least that passes."""


class Weakening(msgspec.Struct, frozen=True):
    """What was asked for, and what is now: expectations' texts, or settings; `now` is empty for what is gone."""

    team: str
    task: str
    was: str
    now: str
    how: How


class _Change(msgspec.Struct, frozen=True):
    """An expectation that asks for less now. `how` is None where it is as strict as it was."""

    was: Expectation
    now: Expectation | None
    how: How | None


class _Home(msgspec.Struct, frozen=True):
    """A task and the team that has it."""

    team: Team
    task: Task


def weakenings(old: Plan, new: Plan) -> tuple[Weakening, ...]:
    """Where `new` asks for less, in the order of `old`. What is added, stricter or only moved is not among them."""
    found = list(_settings(old, new))
    teams = {team.name: team for team in new.teams}
    asked: Iterable[Team] = old.teams
    if _are_unique(new):
        asked = [team for team in old.teams if not _asks_for_the_same(team, teams.get(team.name))]
    homes = _homes(new.teams) if asked else {}
    for team in asked:
        found += _team(team, teams.get(team.name), homes)
        for task in team.tasks:
            found += _task(team, task, homes.get(task.id))
    return tuple(found)


def strengthen(new: Plan, old: Plan) -> Plan:
    """The new plan, with the old expectations, tasks, folders and settings wherever the new ones ask for less.

    What comes back from the old plan has a line of the new one: that of its task or team, or the first.
    """
    was = {team.name: team for team in old.teams}
    placed = [_placed(team, was.get(team.name)) for team in new.teams]
    before, homes = _homes(old.teams), _homes(placed)
    kept = {team.name: _team_kept(team, was.get(team.name), before, homes) for team in placed}
    for team in old.teams:
        back = [_at(task, 1) for task in team.tasks if _is_lost(team, homes.get(task.id))]
        if team.name not in kept and (back or not team.tasks):
            kept[team.name] = replace(team, tasks=tuple(back), line=1)
    known = {task.id for team in kept.values() for task in team.tasks}
    teams = tuple(_known_only(team, known) for team in kept.values())
    return replace(new, settings=_strict_settings(old.settings, new.settings), teams=teams)


def _asks_for_the_same(old: Team, new: Team | None) -> bool:
    """Whether nothing was changed that counts here, found without a look at what else it could have become."""
    if new is None or len(old.tasks) != len(new.tasks) or _place(old) != _place(new):
        return False
    pairs = zip(old.tasks, new.tasks, strict=True)
    return old.tasks is new.tasks or all(was.id == now.id and _is_same(was, now) for was, now in pairs)


def _is_same(old: Task, new: Task) -> bool:
    """Whether two tasks expect the same in the same order."""
    if len(old.expectations) != len(new.expectations):
        return False
    for was, now in zip(old.expectations, new.expectations, strict=True):
        if was.artifact != now.artifact or was.validator != now.validator or was.arguments != now.arguments:
            return False
    return True


def _are_unique(plan: Plan) -> bool:
    """Whether each id and each team's name stands once, so that a team tells what became of its tasks."""
    ids = [task.id for team in plan.teams for task in team.tasks]
    return len(set(ids)) == len(ids) and len({team.name for team in plan.teams}) == len(plan.teams)


def _homes(teams: Iterable[Team]) -> dict[str, _Home]:
    return {task.id: _Home(team, task) for team in teams for task in team.tasks}


def _settings(old: Plan, new: Plan) -> Iterator[Weakening]:
    if (old.settings.approval, new.settings.approval) == ("strict", "normal"):
        yield Weakening("", "", "approval: strict", "approval: normal", "approval lowered")
    if (old.settings.copies, new.settings.copies) == ("refuse", "allow"):
        yield Weakening("", "", "copies: refuse", "copies: allow", "changed")


def _strict_settings(old: Settings, new: Settings) -> Settings:
    approval = "strict" if old.approval == "strict" else new.approval
    copies = "refuse" if old.copies == "refuse" else new.copies
    return replace(new, approval=approval, copies=copies)


def _placed(new: Team, was: Team | None) -> Team:
    return new if was is None else replace(new, folder=was.folder, ref=was.ref)


def _place(team: Team) -> str:
    return f"ref: {team.ref}, folder: {team.folder}" if team.ref else f"folder: {team.folder}"


def _team(old: Team, new: Team | None, homes: dict[str, _Home]) -> Iterator[Weakening]:
    if new is not None and _place(old) != _place(new):
        yield Weakening(old.name, "", _place(old), _place(new), "folder changed")
    elif new is None and not any(task.id in homes for task in old.tasks):
        yield Weakening(old.name, "", f"team {old.name}", "", "team removed")


def _task(team: Team, old: Task, home: _Home | None) -> Iterator[Weakening]:
    if home is None:
        yield Weakening(team.name, old.id, old.title, "", "task removed")
        return
    if _is_lost(team, home):
        yield Weakening(team.name, old.id, _place(team), _place(home.team), "folder changed")
    for change in _changes(old, home.task):
        if change.how is not None:
            now = change.now.text if change.now is not None else ""
            yield Weakening(team.name, old.id, change.was.text, now, change.how)


def _is_lost(team: Team, home: _Home | None) -> bool:
    """Whether a task of this team is gone, or measured in another team's folder."""
    return home is None or (home.team.name != team.name and _place(home.team) != _place(team))


def _team_kept(new: Team, was: Team | None, before: dict[str, _Home], homes: dict[str, _Home]) -> Team:
    own = [task for task in new.tasks if task.id not in before or not _is_lost(before[task.id].team, homes[task.id])]
    tasks = [_task_kept(task, before.get(task.id)) for task in own]
    if was is not None:
        tasks += [_at(task, new.line) for task in was.tasks if _is_lost(was, homes.get(task.id))]
    return replace(new, tasks=tuple(tasks))


def _task_kept(new: Task, home: _Home | None) -> Task:
    if home is None or _is_same(home.task, new):
        return new
    changes = [change for change in _changes(home.task, new) if change.how is not None]
    instead = {id(change.now): change.was for change in changes if _replaces(change)}
    wanted = [_moved(instead.get(id(each), each), each.line, each.column) for each in new.expectations]
    wanted += [_moved(change.was, new.line, new.column) for change in changes if not _replaces(change)]
    return replace(new, expectations=tuple(wanted))


def _replaces(change: _Change) -> bool:
    """Whether the old expectation stands for the new one too; else both are kept."""
    same = change.now is not None and change.now.artifact == change.was.artifact
    return same or change.how in ("looser glob", "other command")


def _at(task: Task, line: int) -> Task:
    return replace(task, line=line, expectations=tuple(_moved(each, line, 1) for each in task.expectations))


def _moved(expectation: Expectation, line: int, column: int) -> Expectation:
    return replace(expectation, line=line, column=column)


def _known_only(team: Team, known: set[str]) -> Team:
    return replace(team, tasks=tuple(_waiting_for(task, known) if task.after else task for task in team.tasks))


def _waiting_for(task: Task, known: set[str]) -> Task:
    return replace(task, after=tuple(each for each in task.after if each in known))


def _changes(old: Task, new: Task) -> Iterator[_Change]:
    """Each old expectation that does not stand in the new task as it was, with the one that took its place."""
    left = _Left(new.expectations)
    gone = [was for was in old.expectations if left.take("text", was.text) is None]
    for was in gone:
        now = left.take("place", (was.artifact, was.validator))
        now = now or left.take("validator", was.validator) or left.take("artifact", was.artifact)
        yield _Change(was, now, _how(was, now))


class _Left:
    """Expectations that have not found their like yet, by what they may be found by."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        self._by: dict[tuple[str, object], list[Expectation]] = {}
        self._taken: set[int] = set()
        for each in expectations:
            keys = {"text": each.text, "validator": each.validator, "artifact": each.artifact}
            for key in (*keys.items(), ("place", (each.artifact, each.validator))):
                self._by.setdefault(key, []).append(each)
        for queue in self._by.values():
            queue.reverse()

    def take(self, by: str, value: object) -> Expectation | None:
        queue = self._by.get((by, value), [])
        while queue:
            found = queue.pop()
            if id(found) not in self._taken:
                self._taken.add(id(found))
                return found
        return None


def _how(was: Expectation, now: Expectation | None) -> How | None:
    if now is None:
        return "removed"
    if was.validator != now.validator:
        return "changed"
    if was.artifact != now.artifact:
        return "other command" if was.validator == "command" else _artifact(was, now)
    return _arguments(was, now)


def _artifact(was: Expectation, now: Expectation) -> How | None:
    if fnmatchcase(was.artifact, now.artifact):
        return "looser glob"
    is_narrower = was.validator == "exists" and fnmatchcase(now.artifact, was.artifact)
    return None if is_narrower and was.arguments == now.arguments else "changed"


def _arguments(was: Expectation, now: Expectation) -> How | None:
    if _without_reads(was) == now.arguments:
        return None
    if len(was.arguments) != len(now.arguments):
        return "changed"
    result: How | None = None
    for index, (before, after) in enumerate(zip(was.arguments, now.arguments, strict=True)):
        if before == after:
            continue
        difference = _difference(before, after)
        word = was.arguments[index - 1] if index else ""
        if word in _MOST:
            difference = -difference
        elif word not in _LEAST and (index or was.validator not in _LEAST_FIRST):
            return "changed"
        if not difference:
            return "changed"
        result = "lower number" if difference < 0 else result
    return result


def _without_reads(expectation: Expectation) -> tuple[str, ...]:
    """Its words without what a command declares to read: one that declares nothing is run each time."""
    is_command = expectation.validator == "command"
    return tuple(each for each in expectation.arguments if not (is_command and each.startswith("(reads ")))


def _difference(before: str, after: str) -> float:
    """How much the second quantity exceeds the first; 0 where they cannot be compared."""
    for convert in (size, duration):
        try:
            return convert(after) - convert(before)
        except ValueError:
            continue
    return 0
