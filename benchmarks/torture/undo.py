"""Checkpoints of a plan that changes at random are undone one by one.

Before each checkpoint files are delivered, spoilt or removed, and boxes of tasks that expect something are ticked by
hand, rightly or not. In half of the stories people write, too: in prose, in the titles of tasks (the very lines with
the boxes), new tasks and a new team, tasks taken out, and again between the undos. Half of the plans have no managed
blocks before the first checkpoint, and half of the stories have no remote.

Then `checkpoint undo` runs until all are undone. Each is *right* if every box and block is, byte for byte, as it was
before that checkpoint, a block that was not there is gone, what people have written is what it was before the undo, and
the one new commit changes the plan alone. (A checkpoint of which nothing is left to undo is passed over; then the plan
must be so already.) Where nobody wrote but in boxes, the whole plan must be the same bytes; a story is *back* if it is
right at its end. The plans are taken apart by a few regular expressions that share nothing with the product.

The naive way is `git revert` of the same commits, newest first, in a clone of the same history; where it ends in a
conflict, it is aborted and counted, and the next one is tried.
"""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture.promise import Outcome, Promise, Trial
from benchmarks.torture.undo_checks import damage
from benchmarks.torture.undo_story import Story, told
from tests.helpers.homes import at_home
from tests.helpers.repositories import GitError, clone, content_at, git
from tests.helpers.scenes import Scene

PROMISE = Promise(
    14,
    "`checkpoint undo` publishes the boxes and blocks as they were before a checkpoint; what people wrote stays.",
    "8 × 20 random checkpoints undone one by one: 160/160 right, 8/8 back to the first bytes",
)
STORIES, RUNS = 8, 20
SHORT_STORIES, SHORT_RUNS = 2, 4


class Undone(NamedTuple):
    """What came of one story: what was wrong after each undo, in order, and how many of them were conflicts."""

    steps: tuple[tuple[str, ...], ...]
    conflicts: int = 0

    @property
    def right(self) -> int:
        return sum(not wrong for wrong in self.steps)

    @property
    def is_back(self) -> bool:
        return not self.steps[-1]


def run(trial: Trial) -> Outcome:
    stories, runs = (SHORT_STORIES, SHORT_RUNS) if trial.short else (STORIES, RUNS)
    ours, naive = [], []
    with at_home(trial.folder / "home", CHECKPOINT_NOTIFY=""):
        for number in range(stories):
            trial.say(f"story {number + 1} of {stories}")
            story = told(trial.folder / str(number), trial.seed + number, number, runs)
            copy = clone(story.scene.where, trial.folder / f"naive-{number}")
            naive.append(Undone(*reverted(copy, story)))
            ours.append(Undone(tuple(undone_one_by_one(story, random.Random(trial.seed - number)))))
    return Outcome(figure(ours), _naive_figure(naive), tuple(broken(ours)), _details(ours, naive))


def figure(found: list[Undone]) -> str:
    """What was reached, in the words of the promise's figure."""
    steps, back = sum(len(each.steps) for each in found), sum(each.is_back for each in found)
    right = sum(each.right for each in found)
    return (
        f"{len(found)} × {len(found[0].steps)} random checkpoints undone one by one: {right}/{steps} right, "
        f"{back}/{len(found)} back to the first bytes"
    )


def broken(found: list[Undone]) -> list[str]:
    """Every undo after which something was not as it should be, with the first thing that was not."""
    return [
        f"story {number + 1}, undo {step + 1}: {wrong[0]}"
        for number, each in enumerate(found)
        for step, wrong in enumerate(each.steps)
        if wrong
    ]


def _naive_figure(found: list[Undone]) -> str:
    return f"{figure(found)}, {sum(each.conflicts for each in found)} conflicts"


def _details(ours: list[Undone], naive: list[Undone]) -> str:
    who = ("checkpoints", "people and checkpoints")
    rows = (
        f"| {number + 1} | {who[number % 2]} | {len(mine.steps)} | {mine.right} | {theirs.right} | {theirs.conflicts} |"
        for number, (mine, theirs) in enumerate(zip(ours, naive, strict=True))
    )
    head = (
        "| story | who wrote | undone | right | right with `git revert` | conflicts there |\n|---|---|--:|--:|--:|--:|"
    )
    return "\n".join((head, *rows))


def undone_one_by_one(story: Story, chance: random.Random) -> Iterator[tuple[str, ...]]:
    """What was wrong after each undo of a story's checkpoints."""
    left = len(story.before)
    while left:
        if story.is_edited and chance.random() < 0.3:
            story.write(chance)
        was, commits = published_plan(story.scene), story.scene.commits
        ran = story.scene.run("undo", "--json")
        if ran.status:
            yield from [(f"status {ran.status}: {ran.out}",)] * left
            return
        undone = story.ids.index(json.loads(ran.out)["undone"])
        for passed_over in reversed(range(undone + 1, left)):
            yield tuple(damage(was, story.before[passed_over], was, is_edited=story.is_edited))
        wrong = damage(published_plan(story.scene), story.before[undone], was, is_edited=story.is_edited)
        yield (*wrong, *_beyond_the_plan(story.scene, commits))
        left = undone


def _beyond_the_plan(scene: Scene, commits: int) -> Iterator[str]:
    if scene.commits != commits + 1:
        yield f"{scene.commits - commits} commits"
    changed = git(scene.where, "diff", "--name-only", "main~1", "main")
    if changed != "plan.md":
        yield f"the commit changes {changed}"


def reverted(work: Path, story: Story) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The same with `git revert`, in a clone; and how often it could not do it."""
    steps, conflicts = [], 0
    for made, before in zip(reversed(story.commits), reversed(story.before), strict=True):
        was = content_at(work, "plan.md", "HEAD") + "\n"
        try:
            git(work, "revert", "--no-edit", made)
        except GitError:
            conflicts += 1
            git(work, "reset", "-q", "--hard")
        now = content_at(work, "plan.md", "HEAD") + "\n"
        steps.append(tuple(damage(now, before, was, is_edited=story.is_edited)))
    return tuple(steps), conflicts


def published_plan(scene: Scene) -> str:
    """The whole plan, its last line end included."""
    return scene.plan + "\n"
