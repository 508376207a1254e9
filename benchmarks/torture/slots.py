"""Machines with one schedule, each with its own clone and state, which nobody has told of each other.

Of each slot every machine takes a checkpoint, by `checkpoint now --slot cron:…`. What a machine finds is unlike what
any other ever finds, so that nothing but the slot keeps it from a commit of its own. In every other slot all of them
begin at the same instant, in the others within a second; to every fifth slot one machine comes only after the next one,
as if it had slept; and for every third slot each machine starts its command twice at once, as a schedule and a person
may. All of them tell the same channel of one Slack.

Counted is on the remote, with git alone, and in Slack: the boxes of each commit spell for which slot it was made, and
each message, and each new text of a message, names the checkpoint that it tells of. A slot must have one commit and one
notice, which tells of that commit; every command must end with status 0. All that the first promise calls damage is a
broken promise here as well.

The naive way is a script in each machine's crontab that takes the newest plan, writes into it, pushes, begins anew
where somebody was faster, and posts to Slack: nothing of it is lost.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.history import History, damage, read_history
from benchmarks.torture.machines import CHECKPOINT, PROGRAM, Machine, Ran, Site, site
from benchmarks.torture.promise import Outcome, Promise, Trial
from benchmarks.torture.states import deliver
from tests.helpers.homes import at_home
from tests.helpers.slack_server import SlackServer

PROMISE = Promise(4, "A slot gets one commit and one notice.", "30 slots, 4 machines each: 30 commits, 30 notices")
SPREAD = 1.0
"""Seconds within which machines begin that do not begin at the same instant."""
LATE = 5
"""One slot in so many is one that a machine comes to after the next one."""
TWICE = 3
"""One slot in so many is one for which each machine starts its command twice at once."""
TOO_LONG = 900.0
"""Seconds after which machines no longer wait for one that does not come."""
PATIENCE = 10
"""How often machines are asked in the end to carry what could not be carried in time."""


class Size(NamedTuple):
    machines: int
    slots: int


FULL, SHORT = Size(machines=4, slots=30), Size(machines=4, slots=2)


class Way(NamedTuple):
    """What a machine runs, by the path of its clone and the number of the slot.

    `knows_slots`: it may be run for a slot as often as one likes, and at the same time.
    """

    argv: Callable[[Path, int], Sequence[str]]
    knows_slots: bool = False


class Counted(NamedTuple):
    """What came of it: how each command ended, and the checkpoints that Slack was told of, by their ids, in order."""

    history: History
    machines: Sequence[str]
    size: Size
    runs: Sequence[Ran]
    told: Sequence[str]
    seconds: float

    @property
    def commits(self) -> Counter[int]:
        """How many commits each slot has."""
        return Counter(self._slot(each.state) for each in self.history.by(self.machines))

    @property
    def notices(self) -> Counter[int]:
        """How many notices each slot has; -1 counts those that tell of no commit."""
        slots = {each.run: self._slot(each.state) for each in self.history.by(self.machines)}
        return Counter(slots.get(run, -1) for run in self.told)

    def _slot(self, state: int) -> int:
        return (state - 1) // self.size.machines


def run(trial: Trial) -> Outcome:
    size = SHORT if trial.short else FULL
    with at_home(trial.folder / "home"):
        ours = count(trial.folder / "ours", size, BY_SLOT, trial.seed, lambda line: trial.say(f"ours, {line}"))
        naive = count(trial.folder / "naive", size, BY_CRON, trial.seed, lambda line: trial.say(f"naive, {line}"))
    return Outcome(figure(ours), figure(naive), tuple(broken(ours)), details(ours, naive))


def _by_slot(clone: Path, slot: int) -> Sequence[str]:
    minute = time.strftime("%Y-%m-%dT%H:%MZ", time.gmtime(1_800_000_000 + 60 * slot))
    return (*CHECKPOINT, "-C", str(clone), "--slot", f"cron:{minute}")


BY_SLOT = Way(_by_slot, knows_slots=True)
WITHOUT_SLOT = Way(lambda clone, slot: (*CHECKPOINT, "-C", str(clone)))
"""Ours, if there were no slots: what shows that nothing else keeps a machine from a commit of its own."""
BY_CRON = Way(lambda clone, slot: (*PROGRAM, "benchmarks.torture.by_cron", str(clone)))


def count(folder: Path, size: Size, way: Way, seed: int, say: Callable[[str], None] = lambda line: None) -> Counted:
    """Has the machines go through all slots."""
    began = time.monotonic()
    with SlackServer(pace=0.0) as slack, site(folder) as place, ThreadPoolExecutor(size.machines) as pool:
        machines = [machine_at(place, number, slack) for number in range(size.machines)]
        begin = threading.Barrier(size.machines, timeout=TOO_LONG)
        takers = [partial(take, size, each, number, way, say) for number, each in enumerate(machines)]
        working = [pool.submit(work, *each, begin) for each in zip(agenda(size, seed), takers, strict=True)]
        runs = [ran for each in working for ran in each.result()]
        if way.knows_slots:
            settle(place, machines, slack, way.argv, size.slots - 1)
        names = [each.name for each in machines]
        return Counted(read_history(place.remote), names, size, runs, told(slack), time.monotonic() - began)


class Turn(NamedTuple):
    """What a machine does when all begin: it waits so many seconds, and takes the checkpoints of these slots."""

    wait: float
    slots: tuple[int, ...]


def agenda(size: Size, seed: int) -> list[list[Turn]]:
    """For each machine its turns. There are as many as slots, and every machine comes to every slot once."""
    chance = random.Random(seed)
    late = {slot: chance.randrange(size.machines) for slot in range(size.slots - 1) if slot % LATE == 0}
    return [[_turn(slot, machine, late, chance) for slot in range(size.slots)] for machine in range(size.machines)]


def _turn(slot: int, machine: int, late: dict[int, int], chance: random.Random) -> Turn:
    wait = chance.uniform(0.0, SPREAD) if slot % 2 else 0.0
    is_asleep, was_asleep = late.get(slot) == machine, late.get(slot - 1) == machine
    return Turn(wait, () if is_asleep else (slot, slot - 1) if was_asleep else (slot,))


def machine_at(place: Site, number: int, slack: SlackServer) -> Machine:
    """A machine that tells a channel of that Slack."""
    token = place.remote.with_name(f"token-{number}")
    token.touch(0o600)
    token.write_text(slack.token)
    means = {"CHANNEL": "#plans", "TOKEN": f"file:{token}", "API": slack.url}
    env = {f"CHECKPOINT_SLACK_{key}": value for key, value in means.items()}
    return place.machine(f"machine-{number}", env | {"CHECKPOINT_NOTIFY": "slack"})


def work(turns: Iterable[Turn], take_slot: Callable[[int], list[Ran]], begin: threading.Barrier) -> list[Ran]:
    """All turns of a machine, each begun when all others begin theirs."""
    done = []
    try:
        for turn in turns:
            begin.wait()
            time.sleep(turn.wait)
            done += [ran for slot in turn.slots for ran in take_slot(slot)]
    except BaseException:
        begin.abort()  # or the others would wait for this machine
        raise
    return done


def take(size: Size, machine: Machine, number: int, way: Way, say: Callable[[str], None], slot: int) -> list[Ran]:
    """What a machine does for a slot, in a state of its own: one command, or two at once."""
    say(f"slot {slot + 1} of {size.slots}")
    deliver(machine.clone, slot * size.machines + number + 1)
    times = 2 if way.knows_slots and slot % TWICE == 1 else 1
    with ThreadPoolExecutor(times) as pool:
        started = [pool.submit(machine.run, way.argv(machine.clone, slot)) for _ in range(times)]
        return [each.result() for each in started]


def settle(
    place: Site, machines: Iterable[Machine], slack: SlackServer, argv: Callable[[Path, int], Sequence[str]], slot: int
) -> None:
    """Has machines carry the notices for which a command would not wait, as a busy machine's does not.

    The slot is the last one, so there is nothing else to do for it.
    """
    for _ in range(PATIENCE):
        made = {each.run for each in read_history(place.remote).commits.values() if each.run}
        if made <= set(told(slack)):
            return
        time.sleep(1.0)
        for machine in machines:
            machine.run(argv(machine.clone, slot))


def told(slack: SlackServer) -> list[str]:
    """The checkpoints of which messages tell: one that is brought up to date tells of another."""
    keys = [[each.metadata.get("event_payload", {}).get("key", "") for each in root.revisions] for root in slack.roots]
    return [str(key) for of_message in keys for key, _ in groupby(of_message)]


def figure(seen: Counted) -> str:
    """What was reached, in the words of the promise's figure."""
    commits, notices = seen.commits.total(), seen.notices.total()
    return f"{seen.size.slots} slots, {seen.size.machines} machines each: {commits} commits, {notices} notices"


def broken(seen: Counted) -> list[str]:
    """Every way in which the promise was not kept."""
    slots = sorted({*range(seen.size.slots), *seen.commits, *seen.notices})
    counts = {slot: (seen.commits[slot], seen.notices[slot]) for slot in slots}
    return [
        *(f"slot {slot}: {each[0]} commits, {each[1]} notices" for slot, each in counts.items() if each != (1, 1)),
        *(f"a command ended with status {each.status}: {each.said}" for each in seen.runs if each.status),
        *damage(seen.history, seen.machines),
    ]


def details(ours: Counted, naive: Counted) -> str:
    won = Counter(each.by for each in ours.history.by(ours.machines))
    winners = ", ".join(f"{won[name]}" for name in ours.machines)
    return (
        f"{len(ours.runs)} commands in {ours.seconds:.0f} s ours, {len(naive.runs)} in {naive.seconds:.0f} s naive. "
        f"Slots that each machine got: {winners}."
    )
