"""A command that was approved once runs what others have written since: six attacks, delivered by the team.

A *thief* looks for the token in its environment, its parent's and any other process's, for the key in `~/.ssh` and for
the approvals, dials a service on this machine, and rewrites the plan. A *glutton* looks for limits of files, memory,
processes, CPU time and core files. *Daemons* stay behind: in the group, in a session of their own, with an empty
environment, and forked twice. The *stubborn* never ends and ignores that it is told to. A *flood* says 300 MB. A *bomb*
forks 192 times, each process in a session of its own, and ends while they still fork.

Each runs through `checkpoint check`, in bubblewrap and without; there only what is promised without it is held against
it. What is counted: what the attack got hold of, the files of the repository that it changed, the processes that are
left when the program has ended, and the most memory that the program itself took.

Then one byte of an approved command is changed, a different one for each of 100 checkpoints: none may execute anything,
and each ends with status 5. Approved anew, the command runs again.

The naive way is `subprocess.run(command, shell=True, timeout=…, capture_output=True)`, of whatever the plan says.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from benchmarks.torture.changed_bytes import COMMAND, Counted, Repository, count_naive, count_ours
from benchmarks.torture.command_attacks import LOOT
from benchmarks.torture.command_world import BARE, NAIVE, SANDBOXED, TOO_LONG, Ran, Way, World
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.sandboxes import why_not

PROMISE = Promise(
    12,
    "A command gets no token and no service, leaves nothing behind, and runs only as it was approved.",
    "0 processes left, 0 of 11 got out, 0 files changed, memory bounded, 0 of 100 changed bytes executed",
)
MORE = 32
"""MiB that a flood may add to the memory of whoever reads it: 1 is kept, the rest is room for the allocator."""
PROMISED_BARE = {"thief": 1 | 2, "glutton": 31}
"""Parts of the loot that are out of reach without a sandbox too."""


class Size(NamedTuple):
    """How much a flood says, how deep a bomb forks, how many bytes are changed."""

    flood: int
    depth: int
    changed: int


FULL, SHORT = Size(300_000_000, 6, 100), Size(60_000_000, 4, 4)


class Tried(NamedTuple):
    """An attack, the way that ran it, and what came of it."""

    way: str
    attack: str
    ran: Ran

    @property
    def loot(self) -> list[str]:
        """What it got hold of, in words."""
        status = max(self.ran.status, 0) if self.attack in LOOT else 0
        return [words for part, words in LOOT.get(self.attack, {}).items() if status & part]


def run(trial: Trial) -> Outcome:
    size = SHORT if trial.short else FULL
    why = why_not(layers=False)
    ways = [BARE, NAIVE] if why else [SANDBOXED, BARE, NAIVE]
    with World(trial.folder / "attacked") as world:
        tried = list(_attacks(world, ways, size, trial))
    trial.say(f"{size.changed} changed bytes")
    step = len(COMMAND) // size.changed
    places = range(0, step * size.changed, step)
    counted = count_ours(Repository(trial.folder / "changed"), places)
    naive = count_naive(Repository(trial.folder / "naive"), places)
    wrong = (*broken(tried), *broken_bytes(counted))
    return Outcome(_reached(tried, counted, why), _figure(tried, NAIVE.name, naive, size.changed), wrong, _table(tried))


def _attacks(world: World, ways: Sequence[Way], size: Size, trial: Trial) -> Iterator[Tried]:
    attacks = {
        "thief": (str(world.home), world.port),
        "glutton": (),
        "daemons": (),
        "stubborn": (),
        "flood": (f"{size.flood}",),
        "bomb": (f"{size.depth}",),
    }
    for attack, arguments in attacks.items():
        for way in ways:
            trial.say(f"{attack} {way.name}")
            yield Tried(way.name, attack, world.attack(way, attack, *arguments))


def broken(tried: Sequence[Tried]) -> Iterator[str]:
    """Each promise that one of our ways broke."""
    calm = {each.way: each.ran.memory for each in tried if each.attack == "thief"}
    for each in tried:
        if each.way != NAIVE.name:
            yield from (f"{each.attack} {each.way}: {what}" for what in _complaints(each, calm.get(each.way, 0)))


def _complaints(each: Tried, calm: int) -> Iterator[str]:
    sandboxed, ran = each.way == SANDBOXED.name, each.ran
    promised = 63 if sandboxed else PROMISED_BARE.get(each.attack, 0)
    kept = [words for part, words in LOOT.get(each.attack, {}).items() if part & promised]
    yield from (f"got hold of {words}" for words in each.loot if words in kept)
    if ran.left:
        yield f"{ran.left} processes left"
    if ran.memory > calm + MORE:
        yield f"{ran.memory} MiB of memory, {calm} without it"
    if sandboxed and ran.changed:
        yield f"changed {', '.join(ran.changed)}"
    if sandboxed and ran.reached:
        yield "reached a service of this machine"
    if each.attack not in LOOT and ran.status != (TOO_LONG if each.attack == "stubborn" else 0):
        yield f"ended with {ran.status}"


def broken_bytes(counted: Counted) -> Iterator[str]:
    if counted.executed:
        yield f"{counted.executed} of {counted.changed} changed commands were executed"
    if counted.ended:
        statuses = ", ".join(map(str, sorted(set(counted.ended))))
        yield f"{len(counted.ended)} of {counted.changed} changed commands ended with status {statuses}, not 5"
    if not counted.approved:
        yield "an approved command was not executed"


def _reached(tried: Sequence[Tried], counted: Counted, why: str) -> str:
    bare = _figure(tried, BARE.name, counted.executed, counted.changed)
    if why:
        return f"without bubblewrap ({why}): {bare}"
    return f"{_figure(tried, SANDBOXED.name, counted.executed, counted.changed)}; without bubblewrap: {bare}"


def _figure(tried: Sequence[Tried], way: str, executed: int, changed: int) -> str:
    """What came of a way's attacks, in the words of the promise."""
    own = [each for each in tried if each.way == way]
    left, loot = sum(each.ran.left for each in own), sum(len(each.loot) for each in own)
    files = sum(len(each.ran.changed) for each in own if each.attack == "thief")
    calm, flood = (next(each.ran.memory for each in own if each.attack == name) for name in ("thief", "flood"))
    return (
        f"{left} processes left, {loot} of {sum(map(len, LOOT.values()))} got out, {files} files changed, "
        f"{max(0, flood - calm)} MiB for the flood, {executed} of {changed} changed bytes executed"
    )


def _table(tried: Sequence[Tried]) -> str:
    lines = ["| attack | way | left | got hold of | changed | memory |", "|---|---|---|---|---|---|"]
    for each in tried:
        ran = each.ran
        cells = (each.attack, each.way, ran.left, "; ".join(each.loot), ", ".join(ran.changed), f"{ran.memory} MiB")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)
