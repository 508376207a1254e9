"""A server at work while two people are, which is killed and started again, with a Slack that stumbles."""

import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import msgspec

from benchmarks.serving.kills import carry_out, planned
from benchmarks.serving.observer import Observer
from benchmarks.serving.people import Diary, Kind, Person
from benchmarks.serving.process import Serving
from benchmarks.serving.reckoning import (
    Minutes,
    Remote,
    Up,
    Waited,
    minutes,
    read_remote,
    seen,
    untold,
    waited,
)
from benchmarks.serving.scene import CHANNELS, PEOPLE, Audience, Scene
from benchmarks.serving.told import (
    Tally,
    in_files,
    in_messages,
    in_slack,
    on_a_terminal,
    tally,
    threads,
    without_rewriting,
)
from checkpoint.notify import Notice
from checkpoint.notify.plain import heading
from checkpoint.store.runs import Run

_DEEDS: Final[Mapping[str, Mapping[Kind, int]]] = {
    "Ada": {"delivery": 10, "edit": 4, "tick": 2},
    "Grace": {"edit": 4, "tick": 2},
}
_FAULTS = ("limited", "dropped", "cut", "html", "failed", "garbage")
_PATIENCE = 120.0
"""Seconds after the last change in which everything must have been acted on, and told."""


class Chosen(NamedTuple):
    """How busy it is: `pace` is the mean of each person's pauses in seconds, `faults` how often Slack stumbles."""

    minutes: float
    kills: int
    seed: int
    pace: float
    faults: int


class Outcome(NamedTuple):
    """What came of it. `untold` are published states of which no notice speaks, `left_to_the_next` those of which the
    next checkpoint's does, since theirs was killed before it could record it."""

    seconds: float
    waits: Sequence[Waited]
    minutes: Minutes
    tallies: Sequence[Tally]
    untold: Sequence[str]
    left_to_the_next: Sequence[str]
    remote: Remote
    results: Mapping[str, int]
    kills: int
    collisions: int
    shows_the_last: bool


class Busy:
    """A scene with its audience, while it is busy and for as long as the server is up afterwards."""

    def __init__(self, scene: Scene, audience: Audience, chosen: Chosen) -> None:
        self.serving = Serving(scene.program, scene.work, scene.env | audience.env, scene.folder / "serve.log")
        self._scene = scene
        self._audience = audience
        self._chosen = chosen
        self._diary = Diary(scene.folder / "diary.jsonl")
        self._observer = Observer(scene.remote, audience.notices / "all.txt", audience.client.read)
        clones = (scene.work, scene.colleague)
        self._people = [
            Person(name, clone, scene.env, self._diary, seed=chosen.seed, pace=chosen.pace, is_watched=not number)
            for number, (name, clone) in enumerate(zip(PEOPLE, clones, strict=True))
        ]

    def run(self) -> Outcome:
        """All of it; the server is up when this returns."""
        began = time.time()
        seconds = 60 * self._chosen.minutes
        with self._observer:
            self.serving.start()
            self.serving.wait_for("serving")
            self._let_people_work(began, began + seconds)
            self._settle()
            time.sleep(3.0)  # for what should not happen
        return self._outcome(began)

    def _let_people_work(self, began: float, until: float) -> None:
        kills = planned(self._chosen.kills, began, until - began, self._chosen.seed)
        with ThreadPoolExecutor() as pool:
            at_work = [pool.submit(person.work, _DEEDS[person.name]) for person in self._people]
            at_work.append(pool.submit(self._spoil, began, until))
            try:
                carry_out(kills, self.serving, self._diary, until)
                time.sleep(max(0.0, until - time.time()))
            finally:
                for person in self._people:
                    person.stop()
            for each in at_work:
                each.result()

    def _spoil(self, began: float, until: float) -> None:
        """Has requests to Slack fail, each in one of the ways in which they do."""
        chance = random.Random(f"{self._chosen.seed} faults")
        for moment in sorted(chance.uniform(began, until) for _ in range(self._chosen.faults)):
            time.sleep(max(0.0, moment - time.time()))
            kind = chance.choice(_FAULTS)
            self._audience.slack.fail([(kind, "", 2)])
            self._diary.note("fault", kind=kind)

    def _settle(self) -> None:
        """Waits until all has been acted on and told, or too long."""
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            with self._scene.store() as store:
                waits = any(store.outbox.unsent(channel) for channel in CHANNELS)
            if not waits and all(each.seconds is not None for each in self._waits(*self._read())):
                return
            time.sleep(1.0)

    def _read(self) -> tuple[list[Run], Remote]:
        with self._scene.store() as store:
            runs = store.journal.runs(100_000)
        return runs, read_remote(self._scene.remote, [line for person in self._people for line in person.written])

    def _waits(self, runs: Sequence[Run], remote: Remote) -> list[Waited]:
        return waited(self._diary, seen(runs, remote, self._observer.commits), remote, self._up)

    @property
    def _up(self) -> Up:
        return Up(self.serving.starts, self.serving.kills)

    def _outcome(self, began: float) -> Outcome:
        ended = time.time()
        runs, remote = self._read()
        notices = self._notices()
        later, never = untold(remote, runs, {notice.key for each in notices.values() for notice in each})
        return Outcome(
            seconds=ended - began,
            waits=self._waits(runs, remote),
            minutes=minutes(runs, remote.commits, began, ended, self._up),
            tallies=self._tallies(notices),
            untold=never,
            left_to_the_next=later,
            remote=remote,
            results=Counter(run.result for run in runs),
            kills=len(self.serving.kills),
            collisions=sum(person.collisions for person in self._people),
            shows_the_last=self._audience.in_the_status_line().endswith(notices["tmux"][-1].text.strip()),
        )

    def _notices(self) -> dict[str, list[Notice]]:
        """What each channel was to be told, oldest first."""
        with self._scene.store() as store:
            boxes = {
                channel: (
                    *store.outbox.sent_since(channel, 0.0),
                    *store.outbox.unsent(channel),
                    *store.outbox.unsure(channel),
                )
                for channel in CHANNELS
            }
        return {
            channel: [
                msgspec.json.decode(each.notice, type=Notice) for each in sorted(box, key=lambda each: each.number)
            ]
            for channel, box in boxes.items()
        }

    def _tallies(self, notices: Mapping[str, Sequence[Notice]]) -> list[Tally]:
        audience = self._audience
        pane, messages = audience.on_the_pane(), audience.tmux.messages()[::-1]
        for name, lines in (("pane.txt", pane), ("messages.txt", messages), ("all.txt", self._observer.contents)):
            (self._scene.folder / name).write_text("\n".join(lines))
        told = {
            "file": list(in_files(self._observer.contents)),
            "terminal": list(on_a_terminal(pane, notices["terminal"])),
            "tmux": list(in_messages(messages)),
        }
        titles = {channel: [heading(notice) for notice in notices[channel]] for channel in told}
        titles["file"] = [notice.title for notice in notices["file"] if notice.kind == "checkpoint"]
        told["file"] = without_rewriting(titles["file"], told["file"])
        found = [tally(channel, titles[channel], told[channel]) for channel in told]
        return [*found, in_slack(threads(audience.slack.revisions()), notices["slack"])]
