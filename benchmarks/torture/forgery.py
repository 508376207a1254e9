"""Twelve times a task is not done, and an agent makes it look so, ticks its box and pushes.

The agent can push, and works as the same user: it rewrites the status that checkpoints publish, adds a block with
markers of its own, takes the expectation away, loosens its glob, puts a validator in its place that is always true,
dates a page ahead, links to a file elsewhere, copies what another team was proven with (and dates it back), delivers
an empty file, a page of an earlier commit although its source has changed since, a pointer of Git LFS, and last a file
that is not what was asked for, with a weaker plan and a journal edited to say that all this had always been so.

Each is made for real in a repository of its own, after one honest checkpoint; then one more is taken. *Detected* is
what this one names for what it is, in its report and in the plan that it publishes. *Counted* is what it has for
verified. The plan is under `approval: strict`; how it goes without is told below.

The naive ways look at the same repository: *the box* believes that what is ticked is done, *the file* also looks
whether every file that the task names is there.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeAlias

import msgspec

from benchmarks.torture.forgeries import API, FORGERIES, PLAN, Forgery
from benchmarks.torture.promise import Outcome, Promise, Trial
from checkpoint.documents import Now
from tests.helpers.homes import at_home
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene, published

PROMISE = Promise(
    9,
    "What pretends to be done is named for what it is, and never counts.",
    "12 forgeries: 12 detected, 0 counted",
)
Tracker: TypeAlias = Callable[[Scene], bool]
"""Whether F1 is done, in a naive way."""


class Seen(NamedTuple):
    """What came of one forgery. `silent` are the words that were to be said, and were not."""

    name: str
    counted: bool
    silent: tuple[str, ...]
    by_box: bool
    by_file: bool
    weaker: bool
    """Whether the report names a plan that asks for less."""

    @property
    def broken(self) -> list[str]:
        counts = [f"{self.name}: counted as verified"] if self.counted else []
        return counts + [f"{self.name}: nobody says {each!r}" for each in self.silent]


def run(trial: Trial) -> Outcome:
    seen = [forged(trial, each, "strict") for each in FORGERIES]
    normal = [forged(trial, each, "normal") for each in FORGERIES if each.is_the_plans and not trial.short]
    detected, counted = sum(not each.silent for each in seen), sum(each.counted for each in seen)
    boxes, files = sum(each.by_box for each in seen), sum(each.by_file for each in seen)
    return Outcome(
        f"{len(seen)} forgeries: {detected} detected, {counted} counted",
        f"0 detected, {boxes} counted (the box), {files} counted (the file)",
        tuple(line for each in seen for line in each.broken),
        details(seen, normal),
    )


def forged(trial: Trial, forgery: Forgery, approval: str) -> Seen:
    """One forgery from its beginning to the checkpoint that has to see through it."""
    trial.say(f"{forgery.name}, approval: {approval}")
    folder = trial.folder / f"{approval} {forgery.name}"
    with at_home(folder / "home"):
        scene = claimed_as_done(folder, forgery, approval)
        boxed, there = is_ticked(scene), is_there(scene)
        return judged(forgery, scene.now(), scene.plan, boxed, there)


def claimed_as_done(folder: Path, forgery: Forgery, approval: str = "strict") -> Scene:
    """A scene in which the agent has done its worst, after an honest checkpoint."""
    scene = published(folder, PLAN.format(approval=approval, expectation=forgery.expectation))
    scene.deliver({"out/backend/api.json": API})
    forgery.prepare(scene)
    scene.now()
    git(scene.work, "pull", "-q", "--ff-only")
    forgery.pretend(scene)
    return scene


def judged(forgery: Forgery, taken: Now, plan: str, boxed: bool, there: bool) -> Seen:
    """What a checkpoint, and the plan that it published, make of a forgery."""
    report = str(msgspec.to_builtins(taken.report))
    silent = [each for each in forgery.said if each not in report] + [
        each for each in forgery.shown if each not in plan
    ]
    counted = any(task.state == "verified" for team in taken.report.teams for task in team.tasks if task.id == "F1")
    still_ticked = "[x] **F1**" in plan
    return Seen(forgery.name, counted or still_ticked, tuple(silent), boxed, there, bool(taken.report.weakened))


def is_ticked(scene: Scene) -> bool:
    return "[x] **F1**" in scene.plan


def is_there(scene: Scene) -> bool:
    """Whether the box is ticked and each file that the task names is there."""
    task = scene.plan.partition("**F1**")[2].partition("<!--")[0]
    names = re.findall(r"^  - `([\w./*]+)`", task, re.MULTILINE)
    return is_ticked(scene) and all(any((scene.work / "out/frontend").glob(name)) for name in names)


def details(seen: list[Seen], normal: list[Seen]) -> str:
    rows = [
        f"| {each.name} | {_word(not each.silent)} | {_word(each.counted)} | {_word(each.by_file)} |" for each in seen
    ]
    head = ["| forgery | detected | counted | counted by the file |", "|---|---|---|---|"]
    if not normal:
        return "\n".join((*head, *rows))
    names = ", ".join(each.name for each in normal if each.counted) or "none"
    named = f"the weakening is named in {sum(each.weaker for each in normal)} of {len(normal)}"
    said = f"Under `approval: normal` a weaker plan counts at once: {named}; counted are: {names}."
    return "\n".join((*head, *rows, "", said))


def _word(is_so: bool) -> str:
    return "yes" if is_so else "no"
