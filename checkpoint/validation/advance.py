"""The commands that a run is going to ask for, made ready to be run before it does."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator

from checkpoint.errors import CheckpointError
from checkpoint.plan.model import Team
from checkpoint.validation.ahead import Ahead, Step
from checkpoint.validation.commands import Commands
from checkpoint.validation.foreseen import Asking, Other, foreseen, outermost
from checkpoint.validation.given import Rules, TeamFiles
from checkpoint.validation.series import Memory, Ran, Series, Wanted
from checkpoint.validator import Unreadable

_MACHINE = "the machine"
"""The row of commands that reach beyond their folders."""


class Advance:
    """What runs the commands of a run's teams: `folder` is where a team's run, `memory` what is known of them there."""

    def __init__(
        self,
        commands: Commands,
        files: Callable[[Team], TeamFiles],
        folder: Callable[[Team], str],
        memory: Callable[[Team], Memory | None],
    ) -> None:
        self._commands = commands
        self._files = files
        self._folder = folder
        self._memory = memory
        self._series: dict[str, Series] = {}

    def begin(self, work: Iterable[Asking], rules: Rules, known: Collection[str]) -> Ahead:
        """Begins to run them. `known` are validators that run no command but the one that their line names."""
        found = list(foreseen(work, self._files, rules, known))
        teams = {team.name: team for team, wanted in found if isinstance(wanted, Wanted)}
        if not teams:
            return Ahead((), 0)
        rows = self._rows(teams.values(), {t.name for t, each in found if self._commands.shares(each)})
        steps = list(self._steps([(team, each) for team, each in found if team.name in teams], rows))
        self._copy(teams.values())
        self._commands.start()
        return Ahead(steps, self._commands.at_once)

    def _rows(self, teams: Collection[Team], sharing: Collection[str]) -> dict[str, str]:
        """The row of each team. Without a sandbox a folder is open to those that work above it."""
        places = {team.name: _place(self._folder, team) for team in teams}
        whole = outermost(places.values()) if self._commands.is_bare() else {each: each for each in places.values()}
        shared = {whole[places[name]] for name in sharing}
        return {name: _MACHINE if whole[place] in shared else whole[place] for name, place in places.items()}

    def _steps(self, found: Iterable[tuple[Team, Wanted | Other]], rows: dict[str, str]) -> Iterator[Step]:
        """Commands that write for good are not run before what stands in front of them has been looked at."""
        for team, each in found:
            if isinstance(each, Wanted):
                yield Step(team.name, rows[team.name], each, self._of(team).add(each))
            elif each is Other.MAY_RUN or self._commands.writes(
                shared=rows[team.name] == _MACHINE, copy=bool(team.ref)
            ):
                yield Step(team.name, rows[team.name])

    def _of(self, team: Team) -> Series:
        place = _place(self._folder, team)
        if place not in self._series:

            def run(wanted: Wanted) -> Ran:
                return self._commands.ran(wanted, self._folder(team), copy=bool(team.ref))

            self._series[place] = Series(run, self._memory(team))
        return self._series[place]

    def _copy(self, teams: Iterable[Team]) -> None:
        """Makes the copies of refs' folders that are needed: git is asked by this thread alone."""
        for team in teams:
            if team.ref and self._of(team).must_run():
                try:
                    self._folder(team)
                except (CheckpointError, Unreadable, OSError):
                    continue  # it is made, or not, where the command is asked for


def _place(folder: Callable[[Team], str], team: Team) -> str:
    """Where a team's commands run, in words that no other place has."""
    return f"{team.folder} of {team.ref}" if team.ref else os.path.realpath(folder(team))
