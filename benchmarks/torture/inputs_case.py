"""One bad input, and what is expected of a checkpoint that meets it."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.inputs_stage import HEAD, HEALTHY, PLAN, Build, Ran, Stage, section
from tests.helpers.repositories import Content

Also = Callable[[Stage, Ran], Iterable[str]]
"""Yields what is wrong, beyond what every case is asked."""


def nothing(stage: Stage, ran: Ran) -> Iterable[str]:
    return ()


class Case(NamedTuple):
    """A state of the world. `row` is that of the table of bad inputs (1 to 30), or `git` for that of git's states.

    `build` makes it, in a stage with that `plan`; then `words` are run. `exit` is the status that must come of it,
    `published` whether there must be a new commit, `states` what tasks must come to, `says` the words that must be
    among those said. `needs` are programs without which it cannot be tried; what is `short` is tried by the tests too.
    """

    row: str
    name: str
    build: Build
    exit: int = 0
    published: bool = True
    says: tuple[str, ...] = ()
    states: tuple[tuple[str, str], ...] = ()
    plan: Content = PLAN
    words: tuple[str, ...] = ("now", "--json")
    also: Also = nothing
    needs: tuple[str, ...] = ()
    short: bool = False


class Delivery(NamedTuple):
    """What a team delivers. `make` fills its folder; `shared` are files of the repository that it is held against.

    `state` is what its task must come to, `says` the words that must be among those said of it. What is `vast` is
    tried at full size only.
    """

    row: str
    name: str
    wants: tuple[str, ...]
    make: Callable[[Path], None]
    state: str = "failing"
    says: tuple[str, ...] = ()
    shared: tuple[tuple[str, str], ...] = ()
    also: Also = nothing
    vast: bool = False

    @property
    def case(self) -> Case:
        """The same alone: the team `bad` delivers it."""
        plan = HEAD + section("bad", *self.wants) + HEALTHY
        states = (("X-bad", self.state),) if self.state else ()
        return Case(self.row, self.name, self.build, states=states, says=self.says, plan=plan, also=self.also)

    def build(self, stage: Stage, team: str = "bad") -> None:
        folder = stage.work / "out" / team
        folder.mkdir(parents=True)
        self.make(folder)
        if self.shared:
            stage.commit(dict(self.shared))


def together(deliveries: Iterable[Delivery]) -> Case:
    """All at once: each from a team of its own, `d1` and so on."""
    named = {f"d{number}": each for number, each in enumerate(deliveries, 1)}
    sections = (section(name, *each.wants) for name, each in named.items())

    def build(stage: Stage) -> None:
        for name, each in named.items():
            each.build(stage, name)

    def also(stage: Stage, ran: Ran) -> Iterable[str]:
        return (wrong for each in named.values() for wrong in each.also(stage, ran))

    states = tuple((f"X-{name}", each.state) for name, each in named.items() if each.state)
    says = tuple(dict.fromkeys(word for each in named.values() for word in each.says))
    plan = HEAD + "".join(sections) + HEALTHY
    name = f"{len(named)} teams that each deliver one of these, at once"
    return Case("9-20", name, build, states=states, says=says, plan=plan, also=also, short=True)
