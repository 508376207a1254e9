"""Orchestrators and editors on one plan, each a machine of its own with its own clone and state, all at the same time.

In each round an orchestrator finds its teams' folders in a state that no machine has found before, so that its
checkpoint needs a commit, and runs `checkpoint now`. An editor adds a word of their own in each round: in prose, right
above or below the status block, below a task's box, or in a task's title, which is the same line as the box; they take
the newest plan and push, again and again, until the push is acknowledged. The remote is git's own server over HTTP.

Counted is on the remote, with git alone. A round is *published* if its command ended with status 0 and exactly one
commit of its machine, on the branch in the end, has boxes that spell what it found. Every acknowledged word must stand
once in the newest plan, outside of what is the checkpoint's. Each checkpoint's commit must change the plan and nothing
else, in it only boxes and blocks, be whole (its status counts what its boxes show), and have for its one parent what
was the newest commit when it was pushed. Merges, marks of conflicts, updates by force and what `git fsck` finds are
broken promises as well.

The naive way is GitPython's `pull()`, an edit by regular expressions, `index.add`, `index.commit` and `push()`, with
the same machines, pauses and editors.
"""

from collections import Counter

from benchmarks.torture.history import damage, goes_beyond, merges, missing
from benchmarks.torture.machines import CHECKPOINT, PROGRAM
from benchmarks.torture.promise import Outcome, Promise, Trial
from benchmarks.torture.racers import Race, Size, race
from tests.helpers.homes import at_home

PROMISE = Promise(
    1,
    "A checkpoint is published whole, on the newest remote commit, or not at all; no text merge, no force.",
    "75/75 published, 50/50 edits kept, 0 merge commits, 0 commits beyond machine parts",
)
FULL = Size(orchestrators=3, editors=2, rounds=25, pause=2.3)
SHORT = Size(orchestrators=3, editors=2, rounds=2, pause=0.2)
OURS = (*CHECKPOINT, "-C")
NAIVE = (*PROGRAM, "benchmarks.torture.by_gitpython")


def run(trial: Trial) -> Outcome:
    size = SHORT if trial.short else FULL
    with at_home(trial.folder / "home"):
        ours = race(trial.folder / "ours", size, OURS, trial.seed, lambda line: trial.say(f"ours, {line}"))
        naive = race(trial.folder / "naive", size, NAIVE, trial.seed, lambda line: trial.say(f"naive, {line}"))
    return Outcome(figure(ours), figure(naive), tuple(broken(ours)), details(ours, naive, size))


def figure(seen: Race) -> str:
    """What was reached, in the words of the promise's figure."""
    edits = len(seen.edits) - len(missing(seen.history, seen.edits))
    beyond = sum(goes_beyond(seen.history, each) for each in seen.history.by(seen.orchestrators))
    return (
        f"{len(seen.published)}/{len(seen.rounds)} published, {edits}/{len(seen.edits)} edits kept, "
        f"{len(merges(seen.history))} merge commits, {beyond} commits beyond machine parts"
    )


def broken(seen: Race) -> list[str]:
    """Every way in which the promise was not kept."""
    unpublished = [each for each in seen.rounds if each not in seen.published]
    return [
        *(f"{each.machine}, state {each.state}: status {each.ran.status}, {each.ran.said}" for each in unpublished),
        *(f"{edit} is lost" for edit in missing(seen.history, seen.edits)),
        *damage(seen.history, seen.orchestrators),
    ]


def details(ours: Race, naive: Race, size: Size) -> str:
    pushes = Counter(each.pushes for each in ours.rounds)
    tries = ", ".join(f"{times} × {number}" for number, times in sorted(pushes.items()))
    raised = sum(each.ran.status != 0 for each in naive.rounds)
    silent = len(naive.rounds) - len(naive.published) - raised
    return (
        f"{size.orchestrators} orchestrators and {size.editors} editors, {size.rounds} rounds each, pauses of up to "
        f"{size.pause:g} s; {ours.seconds:.0f} s ours, {naive.seconds:.0f} s naive.\n\n"
        f"Ours: {len(ours.history.commits) - 1} commits. Pushes begun in a round: {tries} (rounds × pushes); "
        f"{sum(max(0, each.pushes - 1) for each in ours.rounds)} races lost and won at a later try. The editors needed "
        f"{ours.edit_tries} tries for {len(ours.edits)} edits.\n\n"
        f"Naive: {raised} rounds raised an exception, {silent} ended as if all were well and were never published."
    )
