"""Folders change in ways of which a watcher hears little or nothing, while `checkpoint serve` watches them.

First 40,000 files are delivered to eight teams while the server is stopped (SIGSTOP), into folders that it watches and
more than the kernel's queue of events can hold; the proofs come last, in folders that are new. Then, while it runs: a
proof is replaced in one of these folders; a folder is deleted and made anew, and a proof delivered into it; a folder is
renamed, and back; a link through which a folder outside of the repository is reached is replaced, and a proof delivered
behind it; 200 deep folders are made at once; when all has been left alone for 15 seconds, a file is written through
memory, of which no event tells. After each change every team must be in the plan on the remote as it is on the disk
within one rescan: 60 seconds, and up to 30 more for the checkpoint itself.

Then files are delivered one after the other to a server which asks its remote for news every ten minutes only: each
when the checkpoint of the one before is published, and six seconds of quiet are over. Each delivery must have one run
in the journal, one commit, one push and one fetch, as the remote's server counts them, and nothing may follow in 90
seconds of quiet at the end.

The naive way is a bare loop of watchfiles in the same folders at the same time, stopped as the server is: it looks into
each file that it is told of. Of its own publishing: a loop that calls `checkpoint now` whenever it is told of a change.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.promise import Outcome, Promise, Trial
from benchmarks.torture.states import deliver, plan_text
from benchmarks.torture.watching_changes import Change, at_once, changes
from benchmarks.torture.watching_scene import Loop, Server, Watched
from tests.helpers.homes import at_home
from tests.helpers.process_trees import until
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene, published
from tests.helpers.smart_http import served

PROMISE = Promise(
    7,
    "What was delivered is seen within a minute, whatever became of the events; what it publishes itself is no news.",
    "40,000 files while stopped, 9 other changes: 17/17 verdicts right after one rescan; 10 deliveries: 0 extra runs",
)
RESCAN, SLACK = 60.0, 30.0
"""Seconds: within which a look comes, and what the checkpoint that follows may take on a busy machine."""


class Size(NamedTuple):
    """Seconds: in `pause` and, at the end, `rest` nothing may happen; `grace` is what the naive way has beyond ours."""

    files: int
    deliveries: int
    pause: float
    rest: float
    grace: float


FULL, SHORT = Size(40_000, 10, 6.0, 90.0, 5.0), Size(6_000, 1, 2.5, 0.5, 1.0)


class Seen(NamedTuple):
    """After a change: the teams that it was about, and all that were taken for what they are not."""

    change: str
    about: frozenset[str]
    wrong: frozenset[str]
    seconds: float

    @property
    def right(self) -> int:
        return len(self.about - self.wrong)


class Own(NamedTuple):
    """What so many deliveries brought about; -1 where it was not counted."""

    deliveries: int
    runs: int
    commits: int
    fetches: int = -1
    pushes: int = -1

    @property
    def extra(self) -> int:
        return self.runs - self.deliveries


def run(trial: Trial) -> Outcome:
    size = SHORT if trial.short else FULL
    with at_home(trial.folder / "home", CHECKPOINT_NOTIFY=""):
        ours, naive, told = watch(trial.folder / "watched", size, trial.say, short=trial.short)
        trial.say("own publishing")
        own = publish(trial.folder / "own", size)
        own_naive = publish_naively(trial.folder / "naive", size)
    reached, by_loop = figure(size, ours, own), f"told of {told:,} files; {figure(size, naive, own_naive)}"
    return Outcome(reached, by_loop, tuple(broken(ours, own)), details(ours, naive, own, own_naive))


def watch(folder: Path, size: Size, say: Callable[[str], None], *, short: bool) -> tuple[list[Seen], list[Seen], int]:
    """Makes the changes; what the server and the loop saw, and of how many of the files the loop was told."""
    watched = Watched(folder)
    with ExitStack() as stack:
        server = Server(watched.scene, folder)
        stack.callback(server.kill)
        server.start()
        loop = Loop("by_watchfiles", folder / "loop.json", watched.top, watched.releases)
        stack.callback(loop.kill)
        ours, naive, told = [], [], 0
        for change in at_once(size.files) if short else changes(size.files):
            say(change.name)
            _rest(change.quiet)
            began = time.monotonic()
            make(change, watched, (server.pid, loop.pid))
            wait_for(lambda: watched.found() == watched.done(), RESCAN + SLACK)
            ours.append(seen_now(change, watched, watched.found(), began))
            wait_for(lambda: loop.found(watched) == watched.done(), size.grace)
            naive.append(seen_now(change, watched, loop.found(watched), began))
            told = told or loop.told()
    return ours, naive, told


def make(change: Change, watched: Watched, watchers: Sequence[int]) -> None:
    """Makes a change, while the watchers are stopped where it says so."""
    with _stopped(watchers if change.stopped else ()):
        change.make(watched)


@contextmanager
def _stopped(pids: Sequence[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def seen_now(change: Change, watched: Watched, found: frozenset[str], began: float) -> Seen:
    """What came of a change that began then, by the monotonic clock."""
    return Seen(change.name, frozenset(change.teams), found ^ watched.done(), time.monotonic() - began)


def wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    """Until it is so, or too late."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.1)


def publish(folder: Path, size: Size) -> Own:
    """Delivers one after the other to a server, and counts what comes of it beyond its first look."""
    scene = published(folder, plan_text())
    asked: list[str] = []
    with served(folder) as (address, behaviour), ExitStack() as stack:
        behaviour.asked = asked.append
        git(scene.work, "remote", "set-url", "origin", f"{address}/{scene.where.name}")
        server = Server(scene, folder, {"CHECKPOINT_POLL": "10m"})
        stack.callback(server.kill)
        server.start()
        runs, commits = count_runs(scene), scene.commits
        asked.clear()
        for number in range(1, size.deliveries + 1):
            deliver(scene.work, number)
            wait_for(lambda: scene.commits >= commits + number, RESCAN + SLACK)  # noqa: B023 - called at once
            _rest(size.pause)
        _rest(size.rest)
        return Own(
            size.deliveries,
            count_runs(scene) - runs,
            scene.commits - commits,
            sum(each.endswith("/info/refs?service=git-upload-pack") for each in asked),
            sum(each.endswith("/git-receive-pack") for each in asked),
        )


def count_runs(scene: Scene) -> int:
    return len(scene.json("log", "-n", "1000").checkpoints)


def publish_naively(folder: Path, size: Size) -> Own:
    """The same with `checkpoint now` after each change that a loop is told of."""
    scene = published(folder, plan_text())
    scene.now()
    commits = scene.commits
    with ExitStack() as stack:
        loop = Loop("by_watching", folder / "runs", scene.work)
        stack.callback(loop.kill)
        for number in range(1, size.deliveries + 1):
            deliver(scene.work, number)
            wait_for(lambda: scene.commits >= commits + number, SLACK)  # noqa: B023 - called at once
            _rest(size.pause)
        _rest(min(size.rest, 10.0))
        return Own(size.deliveries, len(loop.file.read_text().splitlines()), scene.commits - commits)


def _rest(seconds: float) -> None:
    with suppress(TimeoutError):
        until(lambda: False, "it rests", seconds)


def figure(size: Size, seen: Sequence[Seen], own: Own) -> str:
    """What was reached, in the words of the promise's figure."""
    right, verdicts = sum(each.right for each in seen), sum(len(each.about) for each in seen)
    return (
        f"{size.files:,} files while stopped, {len(seen) - 1} other changes: {right}/{verdicts} verdicts right after "
        f"one rescan; {own.deliveries} deliveries: {own.extra} extra runs"
    )


def broken(seen: Sequence[Seen], own: Own) -> Iterator[str]:
    """Every way in which the promise was not kept."""
    for each in seen:
        if each.wrong:
            yield f"{each.change}: wrong after {each.seconds:.0f} s: {', '.join(sorted(each.wrong))}"
    if own.extra:
        yield f"{own.deliveries} deliveries: {own.runs} runs"
    for name, count in (("commits", own.commits), ("fetches", own.fetches), ("pushes", own.pushes)):
        if count not in (own.deliveries, -1):
            yield f"{own.deliveries} deliveries: {count} {name}"


def details(ours: Sequence[Seen], naive: Sequence[Seen], own: Own, own_naive: Own) -> str:
    """A table of the changes: who was right about which, and ours after how many seconds."""
    head = "| change | teams | right | after | right, by watchfiles |\n|---|--:|--:|--:|--:|"
    rows = (
        f"| {mine.change} | {len(mine.about)} | {mine.right} | {mine.seconds:.1f} s | {theirs.right} |"
        for mine, theirs in zip(ours, naive, strict=True)
    )
    told = (
        f"{own.deliveries} deliveries: {own.runs} runs, {own.commits} commits, {own.fetches} fetches and {own.pushes} "
        f"pushes; by a loop that calls `checkpoint now`, {own_naive.runs} runs and {own_naive.commits} commits."
    )
    return "\n".join((head, *rows, "", told))
