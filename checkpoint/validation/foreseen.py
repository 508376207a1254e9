"""Which commands a run is going to ask for, and which of them must keep the plan's order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from enum import Enum
from typing import NoReturn, Protocol

from checkpoint.arguments import bind
from checkpoint.errors import CheckpointError
from checkpoint.plan.model import Expectation, Team
from checkpoint.validation.given import Rules, TeamFiles
from checkpoint.validation.series import Wanted
from checkpoint.validator import Artifact, Repository


class Asking(Protocol):
    """One expectation to be judged."""

    @property
    def team(self) -> Team: ...

    @property
    def expectation(self) -> Expectation: ...


class Other(Enum):
    """What is expected beside commands: what only `LOOKS` at files, and what `MAY_RUN` a command of its own."""

    LOOKS = 1
    MAY_RUN = 2


def foreseen(
    work: Iterable[Asking], files: Callable[[Team], TeamFiles], rules: Rules, known: Collection[str]
) -> Iterator[tuple[Team, Wanted | Other]]:
    """Each approved command, in order, and what stands between those of a team: never twice the same.

    `known` are the validators that only look.
    """
    last: tuple[str, Other] | None = None
    for job in work:
        name = job.expectation.validator
        if name != "command":
            other = Other.LOOKS if name in known else Other.MAY_RUN
            if last != (job.team.name, other):
                last = (job.team.name, other)
                yield job.team, other
        elif rules.is_approved(job.team, job.expectation) and files(job.team).refusal is None:
            wanted = _wanted(job.expectation, files(job.team), rules)
            if wanted is not None:
                last = None
                yield job.team, wanted


def _wanted(expectation: Expectation, files: TeamFiles, rules: Rules) -> Wanted | None:
    """What the validator would run, found out by letting it begin; None where it does not come so far."""
    try:
        validator = rules.find(expectation.validator)
        positional, keywords = bind(validator.check, expectation.arguments)
        artifact = Artifact(expectation.artifact, (), files.tree, files.references, _Rehearsal())
        list(validator.check(artifact, *positional, **keywords) or ())
    except _Asked as asked:
        return asked.wanted
    except (CheckpointError, ValueError):
        return None
    return None


class _Asked(Exception):
    """A command was asked for."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(wanted.command)
        self.wanted = wanted


class _Rehearsal:
    """Services (`checkpoint.validator.Services`) that hear what is to be run, and run nothing."""

    now = 0.0

    @property
    def repository(self) -> Repository:
        raise ValueError("there is none in a rehearsal")

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> NoReturn:
        raise _Asked(Wanted(command, seconds, network, outside, reads))


def outermost(folders: Iterable[str]) -> dict[str, str]:
    """For each folder the outermost of them that it lies in, or itself."""
    found: dict[str, str] = {}
    above = ""
    for folder in sorted(set(folders), key=lambda each: f"{each.rstrip('/')}/"):
        if not above or not folder.startswith(f"{above.rstrip('/')}/"):
            above = folder
        found[folder] = above
    return found
