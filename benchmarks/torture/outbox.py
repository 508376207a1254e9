"""What people are told, when couriers are killed, much happens at once, and Slack is away.

Kills: a process that carries notices is killed (`kill -9`) at a random moment, again and again, and the next one goes
on from what it left, as in benchmarks/outbox.py. *Lost* is what nobody could ever read, *repeated* what was told twice.
Of a terminal nobody can ask what it shows: there one notice may appear again.

Burst: one delivery after the other, and a checkpoint of each, with real commits on a real remote, within 5 seconds;
Slack takes one message a second. Counted are the messages, and the states that somebody could read in one of them.

Away: a checkpoint every five minutes of an hour, by the couriers' clock, in the first half of which Slack refuses every
connection; in the second it takes what is sent and never answers. *Delayed* is one that takes 5 seconds longer than the
median of as many with a Slack that works: a try to reach Slack takes 10. Afterwards Slack works, and each state must
have been told once.

The naive way posts each state with slack-sdk, as it comes, once it has been published, and takes an error for "not
sent". For the kills it notes what was sent after sending it.
"""

import logging
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from slack_sdk.web.client import WebClient

from benchmarks.outbox import BURST, SECONDS, Row, burst, by_sdk, kills, table
from benchmarks.torture.promise import Outcome, Promise, Trial
from checkpoint.notify.chosen import chosen_notifiers
from checkpoint.notify.delivery import Couriers, open_outbox
from checkpoint.orchestrator import Checkpoint, Request
from checkpoint.workspace import Workspace
from tests.helpers.homes import at_home
from tests.helpers.killing import Told, told_in
from tests.helpers.scenes import Scene, published
from tests.helpers.slack_answers import Fault
from tests.helpers.slack_server import SlackServer

PROMISE = Promise(
    6,
    "Every state is told once on each channel, and telling never holds up a checkpoint.",
    "150 kills: 0 lost, 0 repeated; 30 checkpoints in 5 s: 1 message, 30 states; Slack away an hour: 0 of 12 delayed",
)
KILLS, KILLS_SHORT = 150, 5
HOUR, HOUR_SHORT = 12, 4
"""Checkpoints while Slack is away."""
PAUSE = 300.0
LATE = 5.0
PATIENCE = 60.0
_STATE = re.compile(r"^• Shop: step (\d+)/|^Shop: (\d+) of \d+ tasks done", re.MULTILINE)
POST = "chat.postMessage"


class Away(NamedTuple):
    """Seconds that checkpoints took with a Slack that works, and with one that is away; what was told in the end."""

    usual: list[float]
    away: list[float]
    told: Told

    @property
    def delayed(self) -> int:
        return sum(each > median(self.usual) + LATE for each in self.away)


class Shop:
    """A plan with so many steps, of which one more is delivered and proven with each checkpoint.

    `told` carries its notices, by a clock that may be ahead.
    """

    def __init__(self, folder: Path, steps: int) -> None:
        tasks = (f"- [ ] **S{number}** Step {number}\n  - `{number}.txt` exists" for number in range(1, steps + 1))
        plan = "---\ncheckpoint: 1\n---\n\n# Shop\n\n## Team: step\n\n- folder: `out`\n\n"
        self.scene: Scene = published(folder, plan + "\n".join(tasks) + "\n")
        self.steps = 0
        self.ahead = 0.0

    @contextmanager
    def told(self) -> Iterator[None]:
        workspace = Workspace(str(self.scene.work), None)
        self._notifiers, self._folder = chosen_notifiers(workspace), workspace.store_folder
        with Couriers(self._folder, self._notifiers, lambda: time.time() + self.ahead) as self._couriers:
            yield

    def finish(self) -> None:
        """Waits until there is nothing left to carry, and looks again and again: what is in doubt has to wait."""
        end = time.monotonic() + PATIENCE
        with closing(open_outbox(self._folder)) as outbox:
            while outbox.unsent("slack") and time.monotonic() < end:
                self._couriers.wake()
                self._couriers.wait()
                time.sleep(0.1)

    def step(self) -> float:
        """Delivers one more, and takes a checkpoint as `serve` does; the seconds that the checkpoint took."""
        self.steps += 1
        self.scene.deliver({f"out/{self.steps}.txt": "done\n"})
        began, workspace, name = time.monotonic(), Workspace(str(self.scene.work), None), os.urandom(8).hex()
        request = Request(name, f"manual:{name}")
        with workspace.held():
            taking = Checkpoint(workspace, request, self._notifiers, lambda *_: None, carry=self._couriers.wake)
            assert taking.take().result == "published"
        return time.monotonic() - began


@contextmanager
def shop(folder: Path, slack: SlackServer, steps: int) -> Iterator[Shop]:
    """A shop whose user is told in that Slack."""
    own = {"NOTIFY": "slack", "SLACK_CHANNEL": "#plans", "SLACK_API": slack.url, "SLACK_TOKEN": "env:SLACK"}
    ours = {f"CHECKPOINT_{name}": value for name, value in own.items()}
    with at_home(folder / "home", SLACK=slack.token, **ours):
        yield Shop(folder / "shop", steps)


def run(trial: Trial) -> Outcome:
    logging.disable()
    try:
        return _outcome(trial)
    finally:
        logging.disable(logging.NOTSET)


def _outcome(trial: Trial) -> Outcome:
    times, hour = (KILLS_SHORT, HOUR_SHORT) if trial.short else (KILLS, HOUR)
    with ThreadPoolExecutor(2) as pool:
        crowd_naively = pool.submit(burst, by_sdk)
        away_naively = pool.submit(naively_away, hour, 1 if trial.short else 30)
        trial.say(f"{times} kills")
        killed = list(kills(times, trial.seed))
        trial.say(f"{BURST} checkpoints in {SECONDS:g} s")
        crowd = crowded(trial.folder / "burst")
        trial.say(f"{hour} checkpoints while Slack is away")
        away = slack_away(trial.folder / "away", hour)
    naive = naive_figure(killed, crowd_naively.result(), away_naively.result())
    return Outcome(figure(killed, crowd, away), naive, tuple(broken(killed, crowd, away)), kills_table(killed))


def crowded(folder: Path) -> tuple[Told, int]:
    """What was told of as many checkpoints as fit into a burst, and in how many messages."""
    with SlackServer() as slack, shop(folder, slack, BURST) as place:
        with place.told():
            began = time.monotonic()
            for number in range(BURST):
                place.step()
                time.sleep(max(0.0, began + (number + 1) * SECONDS / BURST - time.monotonic()))
            place.finish()
        return states_in(slack, BURST), len(slack.roots)


def slack_away(folder: Path, count: int) -> Away:
    with SlackServer(pace=0.0) as slack, shop(folder, slack, 2 * count) as place, place.told():
        usual = [place.step() for _ in range(count)]
        place.finish()
        with slack.down():
            away = list(_through(place, count // 2))
        slack.fail(*[Fault("slow", POST)] * (100 * count))
        away += _through(place, count - count // 2)
        slack.faults.clear()
        place.ahead += PAUSE
        place.finish()
        return Away(usual, away, states_in(slack, 2 * count))


def _through(place: Shop, count: int) -> Iterator[float]:
    for _ in range(count):
        yield place.step()
        place.ahead += PAUSE


def states_in(slack: SlackServer, count: int) -> Told:
    """What messages say, or have said, of the shop's states from the first to that one."""
    shown = ("\n".join(each.shown for each in root.revisions) for root in slack.roots)
    seen = Counter(int(state) for text in shown for state in {one or other for one, other in _STATE.findall(text)})
    states = range(1, count + 1)
    return Told(count, sum(not seen[state] for state in states), sum(seen[state] > 1 for state in states))


def naively_away(count: int, limit: int) -> tuple[int, float]:
    """How many states are lost while connections are refused, and the seconds that a post takes without an answer."""
    with SlackServer(pace=0.0) as slack:
        with slack.down(), by_sdk(slack) as tell:
            for number in range(count):
                tell(number + 1)
        lost = told_in(slack, count).lost
        slack.fail(Fault("slow", POST))
        return lost, _seconds(lambda: _post(slack, limit))


def _post(slack: SlackServer, limit: int) -> None:
    try:
        WebClient(slack.token, base_url=slack.url, timeout=limit, retry_handlers=[]).chat_postMessage(
            channel="#plans", text="Shop: step 1/1"
        )
    except OSError:
        return


def _seconds(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def figure(killed: list[Row], crowd: tuple[Told, int], away: Away) -> str:
    ours = [row for row in killed if row.most is not None]
    lost, twice = sum(row.told.lost for row in ours), sum(row.told.twice for row in ours)
    told, messages = crowd
    ratio = median(away.away) / median(away.usual)
    return (
        f"{lost} lost, {twice} repeated; {told.notices} checkpoints: {messages} message{'s' * (messages != 1)}, "
        f"{told.notices - told.lost} states; Slack away: {away.delayed} of {len(away.away)} delayed "
        f"({ratio:.2f} × the time)"
    )


def naive_figure(killed: list[Row], crowd: tuple[Told, int], away: tuple[int, float]) -> str:
    row = next(each for each in killed if each.most is None)
    told, messages = crowd
    return (
        f"{row.told.lost} lost, {row.told.twice} repeated of {row.told.notices}; "
        f"{told.notices} notices: {messages} messages, {told.notices - told.lost} states; "
        f"Slack away: {away[0]} lost, or each {away[1]:.0f} s late"
    )


def kills_table(killed: list[Row]) -> str:
    return table("Kills", killed).replace("## ", "### ")


def broken(killed: list[Row], crowd: tuple[Told, int], away: Away) -> Iterator[str]:
    """Every way in which the promise was not kept."""
    yield from (f"{row.name}: {row.told.lost} lost, {row.told.twice} repeated" for row in killed if not row.is_met)
    told, messages = crowd
    if messages != 1:
        yield f"{told.notices} checkpoints at once made {messages} messages"
    for what, each in (("at once", told), ("while Slack was away", away.told)):
        if each.lost or each.twice:
            yield f"{each.notices} checkpoints {what}: {each.lost} lost, {each.twice} repeated"
    if away.delayed:
        yield f"{away.delayed} of {len(away.away)} checkpoints waited for Slack: {max(away.away):.1f} s"
