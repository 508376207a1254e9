"""Where the plan is pulled from and published to: one interface, with a remote and without."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from checkpoint.errors import PublishError, Stalled
from checkpoint.git.batch import Object
from checkpoint.git.command import Git
from checkpoint.git.failures import LostRace
from checkpoint.git.log import RECENT, Change, Commit, begin_log, finish_log, read_log
from checkpoint.git.objects import find_entry, read_objects
from checkpoint.process import LIMIT, Running
from checkpoint.slots import moment_of

__all__ = ["LostRace", "Source", "Tip", "read_tip"]


def idle() -> None:
    """What is done meanwhile, where there is nothing to do."""


PLAN_LIMIT = LIMIT
_LINKS = ("120000", "160000")


class Tip(msgspec.Struct, frozen=True):
    """The newest commit there is, and the plan in it: None where no file stands at its path.

    `is_link`: the plan, or a folder on its path, is a symbolic link or a submodule. `trees` are the raw trees of
    the folders on the plan's path, from the root. `rewritten`: the branch was force-pushed since the last fetch.

    Where checkpoints are published to another branch, `own` is the plan as it stands in the commit, and `plan` the same
    with that branch's boxes and blocks; `parents` are those of the next checkpoint, and `is_behind` says that the
    branch does not hold the commit.

    `near` are the newest commits that it holds, itself among them; none where another branch was looked at, too.
    """

    commit: str
    plan: bytes | None
    is_link: bool = False
    blob: str = ""
    trees: tuple[bytes, ...] = ()
    recent: tuple[Commit, ...] = ()
    rewritten: bool = False
    own: bytes | None = None
    parents: tuple[str, ...] = ()
    is_behind: bool = False
    removed: Change | None = None
    """What took the plan away, where there is none."""
    near: frozenset[str] = frozenset()

    @property
    def heads(self) -> tuple[str, ...]:
        """The newest commits of all that is published."""
        return self.parents or (self.commit,)

    def says(self, text: bytes) -> bool:
        """Whether the plan is published as that text already."""
        return text == self.plan and not (self.is_behind and text != self.own)

    def by_slot(self, slot: str, plan_path: str) -> Commit | None:
        """The recent checkpoint of the plan for this slot, whoever took it."""
        return next((made for made in self.recent if made.slot == slot and made.is_of(plan_path)), None)

    def newest(self, plan_path: str) -> Commit | None:
        """The newest checkpoint of the plan, where one is recent."""
        return next((made for made in self.recent if made.is_of(plan_path)), None)


class Source(Protocol):
    """One branch that the plan is on. Used by one run at a time: the caller holds the plan's lock."""

    git: Git
    branch: str
    aside: str
    """The branch that checkpoints are published to, where that is not the plan's own; else empty."""
    where: str
    """Where it is published, for people: `origin/main`, or `main (no remote)`."""
    read_at: str
    """Where the plan is read, for people."""
    is_remote: bool

    def begin_fetch(self) -> None:
        """Starts a fetch, which `tip` then waits for."""

    def tip(self, plan_path: str) -> Tip:
        """The newest commit, fetched.

        Raises Stalled where there is no such branch or no access, PublishError where there is no network.
        """

    def newest(self, branches: Iterable[str]) -> dict[str, str]:
        """The commit of each of these branches as it is published now; "" for one that is not there.

        Nothing is fetched, and the plan's lock need not be held. Raises as `tip` does.
        """

    def publish(
        self, tip: Tip, plan_path: str, content: bytes, message: str, meanwhile: Callable[[], object] = idle
    ) -> str:
        """Puts one commit on that tip that changes the plan alone, and returns its id: it is published.

        `meanwhile` is called while the server is at work; what it does must do no harm where publishing fails.
        Raises LostRace where the branch has moved on, Stalled where the server declines, PublishError where it
        cannot be reached or the commit cannot be signed. Then nothing has been published.
        """

    def look(self) -> None:
        """Starts to look whether the person's checkout can follow, where that is to be asked; `looked` waits for it.

        To be called while something else is waited for: what a checkout holds may take as long as a push.
        """

    def looked(self) -> Running:
        """What looks for changes of tracked files that are not committed, begun now where it was not before."""

    def close(self) -> None:
        """Ends a fetch, or a look, that nobody waited for."""


def read_tip(git: Git, commit: str, plan_path: str, rewritten: bool = False, beside: tuple[str, ...] = ()) -> Tip:
    """The plan at that commit, and the checkpoints in the commits below it: two processes, side by side.

    Checkpoints are looked for below the commits `beside` it, too.
    """
    log = begin_log(git, commit, *beside)
    try:
        names = plan_path.split("/")
        folders = ["/".join(names[:depth]) for depth in range(len(names))]
        asked = [f"{commit}:{path}" for path in (*folders, plan_path)]
        found = read_objects(git, asked, limit=2 * PLAN_LIMIT)
        changes = finish_log(log)
        tip = _tip(commit, names, found, tuple(made for made in changes if made.id), rewritten)
        tip = msgspec.structs.replace(tip, near=frozenset() if beside else frozenset(each.commit for each in changes))
        return tip if tip.plan is not None else _without_a_plan(git, tip, plan_path)
    except BaseException:
        log.cancel()
        raise


def _without_a_plan(git: Git, tip: Tip, plan_path: str) -> Tip:
    """The tip with who removed the plan; it may also never have been there."""
    changes = read_log(git, "-n1", "--end-of-options", tip.commit, "--", plan_path)
    return msgspec.structs.replace(tip, removed=changes[0] if changes else None)


def _tip(commit: str, names: list[str], found: list[Object | None], recent: tuple[Commit, ...], rewritten: bool) -> Tip:
    trees: list[bytes] = []
    for name, tree in zip(names, found, strict=False):
        if tree is None or tree.type != "tree":
            raise _damaged(commit)
        trees.append(tree.content)
        entry = find_entry(tree.content, os.fsencode(name), len(commit) // 2)
        is_last = len(trees) == len(names)
        if entry is None or entry.is_folder == is_last or entry.mode in _LINKS:
            is_link = entry is not None and entry.mode in _LINKS
            return Tip(commit, None, is_link, recent=recent, rewritten=rewritten)
    plan = found[-1]
    if plan is None:
        raise _damaged(commit)
    return Tip(commit, plan.content, False, plan.id, tuple(trees), recent, rewritten)


def _damaged(commit: str) -> PublishError:
    return PublishError(f"objects of {commit[:12]} are missing", why="the repository is damaged", mend="git fsck")


def refuse_unwritable(tip: Tip, plan_path: str) -> None:
    """Raises Stalled where a commit would go through a link, or bring back a plan that somebody has removed."""
    if tip.is_link:
        mend = "commit the plan as a regular file, or name its real path with --plan"
        raise Stalled(f"{plan_path} is a link or within a submodule", why="it could lead anywhere", mend=mend)
    if tip.plan is None:
        who = tip.removed
        why = f"{who.author} removed or renamed it in {who.commit[:12]}: {who.subject}" if who else "it was never there"
        mend = f"git add {plan_path} && git commit && git push, or name another plan with --plan"
        raise Stalled(f"{plan_path} is not in {tip.commit[:12]}", why=why, mend=mend)


def checkpoints(git: Git, tip: Tip, plan_path: str, limit: int = RECENT) -> tuple[Commit, ...]:
    """The newest checkpoints of one plan below a tip, newest first, undos among them."""
    chosen = (f"-n{limit}", "--topo-order", "--grep=^Checkpoint-Id: ")
    found = read_log(git, *chosen, "--end-of-options", *tip.heads, "--", plan_path)
    return tuple(made for made in found if made.id)


def by_slot(git: Git, tip: Tip, plan_path: str, slot: str) -> Commit | None:
    """The plan's checkpoint for a slot, whoever took it: a recent one, or any since the time that the slot names."""
    made, moment = tip.by_slot(slot, plan_path), moment_of(slot)
    if made or moment is None:
        return made
    chosen = (f"--max-age={int(moment)}", "--fixed-strings", f"--grep=Checkpoint-Slot: {slot}")
    found = read_log(git, *chosen, "--end-of-options", *tip.heads)
    return next((made for made in found if made.id and made.slot == slot and made.is_of(plan_path)), None)


def plan_at(git: Git, commit: str, plan_path: str) -> bytes | None:
    """The plan as it was at a commit; None where it was not there."""
    found = read_objects(git, [f"{commit}:{plan_path}"], limit=2 * PLAN_LIMIT)[0]
    return found.content if found is not None and found.type == "blob" else None
