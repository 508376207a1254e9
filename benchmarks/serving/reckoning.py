"""How long each change waited for its checkpoint, which minutes had one, and whether the remote has all of it."""

import bisect
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.people import Change, Diary
from checkpoint.slots import moment_of
from checkpoint.store.runs import Run
from tests.helpers.repositories import GitError, git

AFTER_AN_EVENT = 5.0
WITHOUT_ONE = 60.0
"""Seconds within which a change is to be acted on."""
SETTLE = 2.0
"""Seconds without another change after which a change is looked into."""
_FORMAT = "%H" + "".join(f"%x00%(trailers:key=Checkpoint-{key},valueonly,separator=%x20)" for key in ("Id", "Slot"))


class Commit(NamedTuple):
    """One commit of the remote's; `run` and `slot` are "" for those of people."""

    id: str
    run: str
    slot: str


class Remote(NamedTuple):
    """The remote's branch at the end: its commits, oldest first, and what is wrong with it."""

    commits: Sequence[Commit]
    merges: int
    fsck: str
    missing: Sequence[str]
    """The lines of people that are not in the plan any more."""


def read_remote(folder: Path, written: Iterable[str]) -> Remote:
    rows = git(folder, "log", "--reverse", f"--format={_FORMAT}", "main").splitlines()
    plan = git(folder, "show", "main:plan.md").splitlines()
    try:
        fsck = git(folder, "fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    except GitError as error:
        fsck = str(error)
    merges = len(git(folder, "rev-list", "--merges", "main").split())
    missing = [line for line in written if plan.count(line) != 1]
    return Remote([Commit(*map(str.strip, row.split("\0"))) for row in rows], merges, fsck, missing)


class Seen(NamedTuple):
    """A checkpoint, as far as it stands for changes: it began `began`, and was there to be seen at `ended`.

    `depth` is how many commits the one that it judged has below it; `false` are tasks that
    pretended or broke, `proven` those that did not; None where it was killed before it could record them.
    """

    began: float
    ended: float
    depth: int
    false: frozenset[str] | None = None
    proven: frozenset[str] = frozenset()


def seen(runs: Iterable[Run], remote: Remote, moments: Mapping[str, float]) -> list[Seen]:
    """All that went through their steps, or whose commit did although they were killed; the earliest ended first."""
    depths = {commit.id: depth for depth, commit in enumerate(remote.commits)}
    made = {commit.run: commit.id for commit in remote.commits if commit.run}
    found = []
    for run in runs:
        commit = made.get(run.id, "")
        if not commit and not run.is_finished:
            continue
        ended = moments[commit] if commit in moments else run.started + run.seconds
        depth = depths[commit] - 1 if commit else depths.get(run.base, -1)
        false = frozenset(run.false_claims + run.broken) if run.is_finished else None
        found.append(Seen(run.started, ended, depth, false, frozenset(run.verified)))
    return sorted(found, key=lambda each: each.ended)


class Waited(NamedTuple):
    """How long a change waited: from when it happened, and from the last thing that followed it closely.

    Where the server was killed meanwhile, from its next start. `had_event`: it was at work when the change happened.
    Both are None for a change that nothing stands for.
    """

    change: Change
    had_event: bool
    seconds: float | None = None
    settled: float | None = None
    by: Seen | None = None


def waited(diary: Diary, checkpoints: Sequence[Seen], remote: Remote, up: "Up") -> list[Waited]:
    depths = {commit.id: depth for depth, commit in enumerate(remote.commits)}
    stirs = sorted([*diary.stirs, *(change.at for change in diary.changes)])
    return [
        _waited(change, stirs, checkpoints, depths, up) for change in sorted(diary.changes, key=lambda each: each.at)
    ]


def _waited(
    change: Change, stirs: Sequence[float], checkpoints: Sequence[Seen], depths: Mapping[str, int], up: "Up"
) -> Waited:
    acted = next((each for each in checkpoints if stands_for(each, change, depths)), None)
    if acted is None:
        return Waited(change, up.at(change.at))
    last = change.at
    for stir in stirs[bisect.bisect_right(stirs, change.at) :]:
        if stir - last >= SETTLE or stir >= acted.began:
            break
        last = stir
    since, settled = (max(0.0, acted.ended - up.since(moment, acted.ended)) for moment in (change.at, last))
    return Waited(change, up.at(change.at), since, settled, acted)


def stands_for(checkpoint: Seen, change: Change, depths: Mapping[str, int]) -> bool:
    """Whether a checkpoint must have seen a change: it judged the commit, or began when the delivery was there."""
    if change.commit:
        return checkpoint.depth >= depths[change.commit]
    return checkpoint.began >= change.at


class Up(NamedTuple):
    """When the server was started and when it was killed, each in order."""

    starts: Sequence[float]
    kills: Sequence[float]

    def at(self, moment: float) -> bool:
        """Whether it was at work."""
        started = bisect.bisect_right(self.starts, moment)
        return started > bisect.bisect_right(self.kills, moment)

    def since(self, moment: float, until: float) -> float:
        """That moment, or the last start after it."""
        return max([moment, *(start for start in self.starts if moment < start <= until)])


class Spread(NamedTuple):
    """Seconds: how many figures there are, the least, the middle one, that of 95 in a hundred, and the most."""

    number: int
    least: float
    middle: float
    most_of_them: float
    most: float


def spread(figures: Iterable[float]) -> Spread:
    each = sorted(figures) or [0.0]
    nearly_all = each[min(len(each) - 1, int(0.95 * len(each)))]
    return Spread(len(each), each[0], statistics.median(each), nearly_all, each[-1])


class Minutes(NamedTuple):
    """The minutes of a schedule: how many had their slot, those that had it twice, and those that had none.

    `made_up`: minutes that came while the server was down, and had no slot of their own, but a checkpoint after it.
    """

    kept: int
    twice: Sequence[str]
    made_up: Sequence[str]
    missed: Sequence[str]
    late: Sequence[float]
    """Seconds from each minute to its slot's checkpoint, or from the start after it."""


def minutes(runs: Sequence[Run], commits: Sequence[Commit], began: float, ended: float, up: Up) -> Minutes:
    done = [run for run in runs if run.is_finished]
    slots = Counter(run.slot for run in done if run.trigger == "cron")
    published = Counter(commit.slot for commit in commits if commit.slot.startswith("cron:"))
    twice = [slot for slot, number in (slots | published).items() if number > 1]
    moments = {moment_of(slot) for slot in [*slots, *published]}
    due = range(int(began // 60 + 1) * 60, int(ended), 60)
    absent = [minute for minute in due if minute not in moments]
    made_up = [minute for minute in absent if _is_made_up(minute, done, up)]
    missed = [minute for minute in absent if minute not in made_up]
    cron = [run for run in done if run.trigger == "cron"]
    late = [run.started - up.since(moment_of(run.slot) or 0.0, run.started) for run in cron]
    return Minutes(len(due) - len(absent), twice, list(map(_clock, made_up)), list(map(_clock, missed)), late)


def _is_made_up(minute: float, runs: Iterable[Run], up: Up) -> bool:
    """Whether a checkpoint followed soon after the start that followed a minute in which nothing was at work."""
    start = next((start for start in up.starts if start >= minute), None)
    killed = start is not None and not up.at(minute)
    return killed and any(start is not None and start <= run.started <= start + WITHOUT_ONE for run in runs)


def _clock(moment: float) -> str:
    return f"{int(moment // 3600 % 24):02}:{int(moment // 60 % 60):02}"


def untold(remote: Remote, runs: Iterable[Run], keys: Iterable[str]) -> tuple[list[str], list[str]]:
    """Published states without a notice of their own: those that the next checkpoint told of, and those that none did.

    A checkpoint that was killed between its push and its record leaves the telling to the next one.
    """
    told = set(keys)
    ordered = sorted((run for run in runs), key=lambda run: run.started)
    places = {run.id: place for place, run in enumerate(ordered)}
    absent = [commit.run for commit in remote.commits if commit.run and commit.run not in told]
    after = {
        name: (run.id for run in ordered[places[name] + 1 :] if run.is_finished) for name in absent if name in places
    }
    left = [name for name in absent if name in after and next(after[name], "") in told]
    return left, [name for name in absent if name not in left]
