"""Who races: orchestrators that take a checkpoint each round, and editors who push a line of their own each round."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.history import History, read_history
from benchmarks.torture.machines import Machine, Ran, Site, site
from benchmarks.torture.states import NOTES, TASKS, deliver
from tests.helpers.repositories import GitError

TRIES = 200
_BEHIND = ("[rejected]", "[remote rejected]", "fetch first", "non-fast-forward")
"""What git says where somebody else was faster."""


class Size(NamedTuple):
    """So many machines, rounds of each, and the most seconds that one of them rests before a round."""

    orchestrators: int
    editors: int
    rounds: int
    pause: float


class Round(NamedTuple):
    """One run of an orchestrator: what it was to find, how it ended, and how many pushes it began."""

    machine: str
    state: int
    ran: Ran
    pushes: int


class Race(NamedTuple):
    """What came of it. `edits` are words that were pushed and acknowledged, `seconds` how long it took."""

    history: History
    rounds: Sequence[Round]
    edits: Sequence[str]
    edit_tries: int
    seconds: float

    @property
    def orchestrators(self) -> set[str]:
        return {each.machine for each in self.rounds}

    @property
    def published(self) -> list[Round]:
        """The rounds that ended well, and whose state one checkpoint holds that is on the branch in the end."""
        made = [(each.by, each.state) for each in self.history.by(self.orchestrators)]
        return [each for each in self.rounds if not each.ran.status and made.count((each.machine, each.state)) == 1]


def race(folder: Path, size: Size, argv: Sequence[str], seed: int, say: Callable[[str], None]) -> Race:
    """Has all of them work at the same time; `argv` and its clone's path is what an orchestrator runs."""
    began = time.monotonic()
    with site(folder) as place, ThreadPoolExecutor() as pool:
        orchestrators = [place.machine(f"orchestrator-{number}") for number in range(size.orchestrators)]
        editors = [Editor(place.machine(f"editor-{number}"), f"{seed} {number}") for number in range(size.editors)]
        work: list[Callable[[int], Round | None]] = [
            *(partial(take, place, each, argv, size, number) for number, each in enumerate(orchestrators)),
            *(each.edit for each in editors),
        ]
        racing = [pool.submit(in_rounds, size, each, f"{seed} {lane}", say) for lane, each in enumerate(work)]
        rounds = [each for lane in racing for each in lane.result() if each]
        edits = [edit for each in editors for edit in each.acknowledged]
        seconds = time.monotonic() - began
        return Race(read_history(place.remote), rounds, edits, sum(each.tries for each in editors), seconds)


def in_rounds(
    size: Size, work: Callable[[int], Round | None], seed: str, say: Callable[[str], None]
) -> list[Round | None]:
    """What came of each round, one after the other, with a rest before each."""
    chance = random.Random(seed)
    done = []
    for number in range(size.rounds):
        time.sleep(chance.uniform(0.0, size.pause))
        say(f"round {number + 1} of {size.rounds}")
        done.append(work(number))
    return done


def take(place: Site, machine: Machine, argv: Sequence[str], size: Size, lane: int, number: int) -> Round:
    """One round of an orchestrator."""
    state = number * size.orchestrators + lane + 1
    deliver(machine.clone, state)
    before = place.pushes_begun(machine)
    ran = machine.run([*argv, str(machine.clone)])
    return Round(machine.name, state, ran, place.pushes_begun(machine) - before)


class Editor:
    """A person who takes the newest plan, adds a word, pushes, and begins anew where somebody was faster."""

    def __init__(self, machine: Machine, seed: str) -> None:
        self.acknowledged: list[str] = []
        self.tries = 0
        self._machine = machine
        self._chance = random.Random(seed)

    def edit(self, number: int) -> None:
        word = f"{self._machine.name}.{number}"
        for _ in range(TRIES):
            self.tries += 1
            if self._publish(word):
                self.acknowledged.append(word)
                return
            time.sleep(self._chance.uniform(0.0, 0.3))
        raise RuntimeError(f"{self._machine.name} was never fast enough")

    def _publish(self, word: str) -> bool:
        self._machine.git("fetch", "-q")
        self._machine.git("reset", "-q", "--hard", "origin/main")
        plan = self._machine.clone / "plan.md"
        plan.write_text(edited(plan.read_text(), word, self._chance))
        self._machine.git("commit", "-q", "-am", word)
        try:
            self._machine.git("push", "-q", "origin", "HEAD:refs/heads/main")
        except GitError as error:
            if not any(words in str(error) for words in _BEHIND):
                raise
            return False
        return True


def edited(plan: str, word: str, chance: random.Random) -> str:
    """The plan with a word in it: in prose, right beside a machine's lines, below a task, or in a task's title."""
    lines = plan.split("\n")
    task = chance.choice(list(TASKS))
    at = {
        "prose": _line(lines, NOTES) + 2,
        "above": _line(lines, "<!-- checkpoint:status"),
        "below": _line(lines, "<!-- /checkpoint:status") + 1,
        "task": next(place for place, line in enumerate(lines) if f"] **{task}**" in line) + 1,
    }
    kind = chance.choice([*at, "title"])
    if kind == "title":
        lines[at["task"] - 1] += f" {word}"
    else:
        lines.insert(at[kind], f"{'  ' * (kind == 'task')}- {word}")
    return "\n".join(lines)


def _line(lines: list[str], beginning: str) -> int:
    return next(place for place, line in enumerate(lines) if line.startswith(beginning))
