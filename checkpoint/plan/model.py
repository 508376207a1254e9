"""What a plan says, as values.

Lines and columns count from 1, as editors show them; a column counts characters. None of these values can be in a
circle, so the collector of garbage is spared the 200,000 of a large plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The front matter. An unknown key is an error, so every key is declared here."""

    checkpoint: int = 1
    schedule: str = ""
    timezone: str = ""
    transparency: Literal["high", "medium", "low"] = "medium"
    approval: Literal["normal", "strict"] = "normal"
    copies: Literal["refuse", "allow"] = "refuse"
    """Whether two teams may deliver the same content."""
    notify: tuple[str, ...] = ()


class Expectation(msgspec.Struct, frozen=True, gc=False):
    """One line of the plan that says what must be true of an artifact.

    `artifact` is a path or glob relative to the team's folder, or the command line of
    the `command` validator. `arguments` are the words after the validator, unquoted.
    """

    artifact: str
    validator: str
    arguments: tuple[str, ...] = ()
    comment: str = ""
    line: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        """The expectation as one line without its comment: its identity from run to run."""
        if self.validator == "command":
            return " ".join((f"`$ {self.artifact}` passes", *self.arguments))
        if not self.arguments:
            return f"`{self.artifact}` {self.validator}"
        return " ".join((f"`{self.artifact}`", self.validator, *map(_word, self.arguments)))


def _word(argument: str) -> str:
    plain = argument and not any(c.isspace() or c == "`" for c in argument)
    return argument if plain else f"`{argument}`"


class Task(msgspec.Struct, frozen=True, gc=False):
    """One item of a team's task list; `line` and `column` are those of the mark in its box."""

    id: str
    title: str
    ticked: bool
    after: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    line: int = 0
    column: int = 0


class Team(msgspec.Struct, frozen=True, gc=False):
    """One level-2 section and its settings; `line` is that of its heading."""

    name: str
    title: str = ""
    folder: str = ""
    ref: str = ""
    terminal: str = ""
    agent: str = ""
    notify: tuple[str, ...] = ()
    owner: str = ""
    budget: str = ""
    tasks: tuple[Task, ...] = ()
    line: int = 0


class Block(msgspec.Struct, frozen=True, gc=False):
    """A managed block: the lines of its two markers. `team` is empty for the status block."""

    kind: Literal["status", "next"]
    team: str
    first_line: int
    last_line: int


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Something wrong with a plan: where, what was found, what was expected, how to mend it."""

    line: int
    column: int
    found: str
    expected: str
    mend: str
    severity: Literal["error", "warning"] = "error"
    rule: str = ""


class Plan(msgspec.Struct, frozen=True, dict=True):
    """A whole plan. With one of its `refusals` it must not be used or written."""

    settings: Settings = Settings()
    title: str = ""
    teams: tuple[Team, ...] = ()
    blocks: tuple[Block, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """The errors that forbid using the plan; one in a managed block only keeps that block from being written."""
        return tuple(p for p in self.errors if not p.rule.startswith("block"))

    @cached_property
    def tasks(self) -> Mapping[str, Task]:
        """Every task by its id, in the plan's order."""
        return {task.id: task for team in self.teams for task in team.tasks}
