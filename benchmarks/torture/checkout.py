"""Checkpoints are taken from a checkout in which a person has something under way.

The states: edits staged, not staged, both in one file, in the plan, of its mode or kind; files renamed, removed, only
intended to be added, untracked, ignored, in the way of what colleagues pushed; a merge, cherry-pick, revert, rebase,
`git am` or bisection under way; stashes; a detached HEAD; commits of one's own; a lock that was left; edits that git
was told to overlook, of the plan too; sparse checkouts; a linked work tree; submodules; line ends, filters (as
git-lfs has them) and hooks of one's own, a filter that fails; an index in parts; autostash; a repository within. In
each `checkpoint now` runs twice, and in one that has many of them at the same time a hundred times, with other files
delivered each time.

Before and after each run the checkout is looked at, without git being allowed to refresh its index: bytes, mode and
time of change of every file outside of the folders that teams deliver into, and of every file of the git folder but
those that a fetch adds; what `git status`, `git stash list` and `git ls-files --debug` say; whether every object is
still there. Nothing may differ, unless the state allows the fast-forward that is documented: then HEAD's branch must
be at what was published, and only the plan, its entry in the index, and the branch with its log may differ. A staged
or untracked `secret.env` must not be on the remote.

Then `checkpoint now` runs within hooks (pre-commit, also of a commit of one file, post-commit, pre-push,
post-checkout) of the checkout's own repository and of another one, with the variables that git sets there. A twin of
the repository goes through the same with a hook that does nothing: afterwards both must have the same HEAD, refs,
index and files.

The naive way is GitPython's `pull()`, `index.add`, `index.commit` and `push()` in the checkout, once in each state
and judged in the same way.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypeAlias

import git as gitpython

from benchmarks.torture.checkout_belongings import belongings, changes
from benchmarks.torture.checkout_hooks import HOOKS, within_hook
from benchmarks.torture.checkout_states import EVERYTHING, SECRET, STATES, State, prepared
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.homes import at_home
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene

EACH, MANY = 2, 100
SHORT = ("staged, then edited", "an am that stopped", "untracked and ignored")
SHORT_MANY, SHORT_HOOKS = 2, 1
PROMISE = Promise(
    13,
    "The person's work tree, index, HEAD and uncommitted edits are the same before and after.",
    f"{MANY + EACH * len(STATES)} runs in {len(STATES) + 1} states, {len(HOOKS)} in git hooks: "
    f"{len(STATES) + 1} states and {len(HOOKS)} hooks left as they were, 0 secrets pushed",
)


class Seen(NamedTuple):
    """What came of one state: how many runs, what they changed, whether the secret is on the remote, or anything."""

    name: str
    runs: int
    changed: tuple[str, ...]
    has_told: bool
    has_published: bool

    @property
    def is_kept(self) -> bool:
        return not self.changed and not self.has_told


Take: TypeAlias = Callable[[Scene, State], Iterable[str]]
"""Takes a checkpoint; what was wrong with that."""


def by_checkpoint(scene: Scene, state: State) -> Iterable[str]:
    tip = scene.tip
    ran = scene.run("now", "--quiet")
    is_right = ran.status == state.status and (scene.tip != tip) == state.publishes
    return () if is_right else (f"status {ran.status}: {ran.err}",)


def by_gitpython(scene: Scene, state: State) -> Iterable[str]:
    """As people write it first. Whether it raises does not count, only what it leaves."""
    with suppress(Exception), gitpython.Repo(scene.work) as repository:
        repository.remotes.origin.pull()
        plan = scene.work / "plan.md"
        plan.write_text(re.sub("(?m)^# Shop.*", "# Shop: 1 delivered", plan.read_text()))
        repository.index.add(["plan.md"])
        repository.index.commit("checkpoint")
        repository.remotes.origin.push()
    return ()


def run(trial: Trial) -> Outcome:
    states = {name: state for name, state in STATES.items() if not trial.short or name in SHORT}
    seen, naive = [], []
    for number, (name, state) in enumerate({**states, "many of them": EVERYTHING}.items()):
        trial.say(f"{name} ({number + 1} of {len(states) + 1})")
        times = (SHORT_MANY if trial.short else MANY) if state is EVERYTHING else 1 if trial.short else EACH
        folder = trial.folder / str(number)
        with at_home(folder / "home", CHECKPOINT_NOTIFY="", **state.env):
            seen.append(put_to_test(folder / "ours", name, state, times))
            naive.append(put_to_test(folder / "naive", name, state, 1, by_gitpython))
    hooks = HOOKS[:SHORT_HOOKS] if trial.short else HOOKS
    trial.say("within hooks")
    with at_home(trial.folder / "home", CHECKPOINT_NOTIFY="", CHECKPOINT_BRANCH="main"):
        of_hooks = [tuple(within_hook(trial.folder / f"hook-{n}", hook)) for n, hook in enumerate(hooks)]
    broken = [f"{each.name}: {what}" for each in seen for what in told(each)[:3]]
    broken += [f"{hook.name}: {what}" for hook, found in zip(hooks, of_hooks, strict=True) for what in found[:3]]
    kept = sum(not found for found in of_hooks)
    reached = figure(seen, f", {len(hooks)} in git hooks: ", f" and {kept} hooks")
    published = sum(each.has_published for each in naive)
    naively = f"{figure(naive, ': ', '')}; in {published} states something was published at all"
    return Outcome(reached, naively, tuple(broken), details(seen, naive))


def put_to_test(folder: Path, name: str, state: State, times: int, take: Take = by_checkpoint) -> Seen:
    """Takes so many checkpoints in that state, each of files that no checkpoint before has seen."""
    scene = prepared(folder, state)
    first = scene.tip
    changed: list[str] = []
    for number in range(times):
        deliver(scene, number)
        before = belongings(scene.work)
        changed += take(scene, state)
        changed += changes(before, belongings(scene.work), scene.work, scene.tip, follows=state.follows)
    files = git(scene.where, "ls-tree", "-r", "--name-only", "main").splitlines()
    return Seen(name, times, tuple(changed), SECRET in files, scene.tip != first)


def deliver(scene: Scene, number: int) -> None:
    """Delivers other files than those that were there, so that the next checkpoint publishes."""
    scene.deliver({"out/backend/api.json": '{"paths": {}}\n' if number % 2 else "{}\n"})
    scene.deliver({"out/frontend/index.html": "<ul>\n" if number % 2 == 0 else "\n"})


def told(seen: Seen) -> list[str]:
    """What is wrong with a state, the secret first."""
    return [*([f"{SECRET} is on the remote"] if seen.has_told else []), *seen.changed]


def figure(seen: list[Seen], hooks: str, kept_hooks: str) -> str:
    """What was reached, in the words of the promise's figure."""
    runs, kept = sum(each.runs for each in seen), sum(not each.changed for each in seen)
    return (
        f"{runs} runs in {len(seen)} states{hooks}{kept} states{kept_hooks} left as they were, "
        f"{sum(each.has_told for each in seen)} secrets pushed"
    )


def details(seen: list[Seen], naive: list[Seen]) -> str:
    rows = (
        f"| {mine.name} | {mine.runs} | {'as it was' if mine.is_kept else told(mine)[0]} | {_first(theirs)} |"
        for mine, theirs in zip(seen, naive, strict=True)
    )
    return "\n".join(("| state | runs | afterwards | after the naive way |\n|---|--:|---|---|", *rows))


def _first(seen: Seen) -> str:
    """What is wrong, in a cell of a table."""
    first = "as it was" if seen.is_kept else re.sub(r"/\S*/work/", "", told(seen)[0])
    return re.sub(r"[|`\n]", " ", first)[:70]
