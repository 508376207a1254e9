"""The person's checkout after a checkpoint: brought up to it only where that can lose nothing."""

from __future__ import annotations

import enum
from collections.abc import Callable

from checkpoint.errors import CheckpointError
from checkpoint.git.carrying import carry
from checkpoint.git.checkout import Checkout, commit_of, current_head
from checkpoint.git.command import Git
from checkpoint.git.comparing import differing
from checkpoint.git.held_index import HeldIndex, hold, tracked
from checkpoint.git.log import is_below
from checkpoint.git.refs import Moved, move
from checkpoint.git.source import Source, Tip, idle
from checkpoint.git.status import Status, read_status
from checkpoint.git.work_tree import is_in_the_way, is_under_way, is_writable, update
from checkpoint.location import read_ref
from checkpoint.process import Result

_FETCH = ("fetch", "-q", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--end-of-options")


class Forwarded(enum.Enum):
    """What was done to the checkout; the value says it to people."""

    UPDATED = "your checkout has the new plan"
    CURRENT = "your checkout had it already"
    MODIFIED = "your checkout has uncommitted changes and was left as it is: git pull, when you are ready"
    DIVERGED = "your checkout has commits of its own and was left as it is: git pull"
    ELSEWHERE = "your checkout is on another branch and was left as it is"
    IN_USE = "your checkout is in use by another git command and was left as it is: git pull"
    UNDER_WAY = (
        "a merge, rebase or the like is under way in your checkout, which was left as it is: git pull afterwards"
    )
    REFUSED = "your checkout could not be updated and was left as it is: git pull"


def fast_forward(
    checkout: Checkout,
    source: Source,
    tip: Tip,
    commit: str,
    plan_path: str,
    meanwhile: Callable[[], object] = idle,
    *,
    resumed: bool = False,
) -> Forwarded:
    """Brings the checkout from `tip` or before to the published `commit`, or leaves every byte of it as it is.

    `resumed`: a run that was cut off has made `tip`, and may not have brought the checkout up to it.
    `meanwhile` is called once, while git is at work where it has much to do. Raises only what `meanwhile` does: what is
    published stands, whatever is wrong with git here.
    """
    beside = _Once(meanwhile)
    try:
        forwarded = _forwarded(checkout, source, tip, commit, plan_path, beside, resumed)
    except (CheckpointError, OSError) as error:
        if error is beside.error:
            raise
        forwarded = Forwarded.REFUSED
    beside()
    return forwarded


class _Once:
    """Work that is done once, however often it is asked for, and what it raised."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._is_done = False
        self.error: Exception | None = None

    def __call__(self) -> None:
        if self._is_done:
            return
        self._is_done = True
        try:
            self._work()
        except (CheckpointError, OSError) as error:
            self.error = error
            raise


def _forwarded(
    checkout: Checkout,
    source: Source,
    tip: Tip,
    commit: str,
    plan_path: str,
    meanwhile: Callable[[], object],
    resumed: bool,
) -> Forwarded:
    if checkout.is_checked_out and source.is_remote:
        return _follow(checkout, source, tip, commit, plan_path, meanwhile)
    if not checkout.is_checked_out:
        return Forwarded.ELSEWHERE
    return _show(checkout, tip, commit, plan_path, resumed)


def is_modified(checkout: Checkout, plan_path: str) -> bool:
    """Whether the plan has changes, staged or not, that are not committed, or has not been added at all."""
    return bool(read_status(checkout.git, "--untracked-files=all", "--", plan_path))


def _status(git: Git, *arguments: str) -> list[Status] | None:
    """The same after a checkpoint, which stands whatever is wrong with the checkout: None where git cannot tell."""
    try:
        return read_status(git, *arguments)
    except CheckpointError:
        return None


def _follow(
    checkout: Checkout, source: Source, tip: Tip, commit: str, plan_path: str, meanwhile: Callable[[], object]
) -> Forwarded:
    """With a remote: a fast-forward of the whole branch, where nothing tracked is staged or modified."""
    looking = source.looked()
    try:
        is_here = _bring(checkout, source, commit, meanwhile)
    finally:
        looked = looking.wait()
    if is_here:
        _track(checkout, source.branch, tip, commit)
    if is_under_way(checkout):
        return Forwarded.UNDER_WAY
    if not is_here or looked.status or looked.timed_out:
        return Forwarded.REFUSED
    return Forwarded.MODIFIED if looked.stdout else _forward(checkout, source, tip, commit, plan_path)


def _bring(checkout: Checkout, source: Source, commit: str, meanwhile: Callable[[], object]) -> bool:
    """Whether the person's repository has what was published, with all that is below it."""
    known = read_ref(checkout.location.common_folder, tracked(checkout, source.branch))
    if carry(source.git, checkout, commit, (known, current_head(checkout.git, checkout.location).commit)):
        meanwhile()
        return True
    fetch = checkout.git.start(*_FETCH, source.git.where[1], f"refs/heads/{source.branch}")
    return fetch.wait_beside(meanwhile).status == 0


def _forward(checkout: Checkout, source: Source, tip: Tip, commit: str, plan_path: str) -> Forwarded:
    """Moves index, work tree and branch on; cut off between, all of it goes back at the next run."""
    git, head = checkout.git, current_head(checkout.git, checkout.location)
    if head.branch != checkout.branch:
        return Forwarded.ELSEWHERE
    if head.commit == commit:
        return Forwarded.CURRENT
    if head.commit not in tip.near and not is_below(git, head.commit, commit):
        return Forwarded.CURRENT if is_below(git, commit, head.commit) else Forwarded.DIVERGED
    near = source.git if head.commit in tip.near else git
    changed = {plan_path: "M"} if head.commit == tip.commit else differing(near, head.commit, commit)
    if any(how == "A" and is_in_the_way(checkout, path) for path, how in changed.items()):
        return Forwarded.MODIFIED
    if not is_writable(checkout, commit, (path for path, how in changed.items() if how != "D")):
        return Forwarded.REFUSED
    held = hold(checkout, head.commit, commit)
    if held is None:
        return Forwarded.IN_USE
    with held:
        return _move(checkout, held, head.commit, commit)


def _move(checkout: Checkout, held: HeldIndex, old: str, new: str) -> Forwarded:
    done = update(held, old, new)
    if done.status:
        return _refused(done)
    if move(checkout, f"refs/heads/{checkout.branch}", new, old, "checkpoint: fast-forward") is Moved.DONE:
        held.keep()
        return Forwarded.UPDATED
    update(held, new, old)
    return Forwarded.IN_USE


def _track(checkout: Checkout, branch: str, tip: Tip, commit: str) -> None:
    """Notes what the remote has, as a fetch would, unless something newer is known."""
    ref = tracked(checkout, branch)
    known = read_ref(checkout.location.common_folder, ref) or commit_of(checkout.git, ref)
    if known == commit:
        return
    if known in ("", *tip.near) or is_below(checkout.git, known, commit):
        move(checkout, ref, commit, known, "checkpoint: published")


def _refused(done: Result) -> Forwarded:
    is_theirs = b"overwritten" in done.stderr or b"not uptodate" in done.stderr
    return Forwarded.MODIFIED if is_theirs else Forwarded.REFUSED


def _show(checkout: Checkout, tip: Tip, commit: str, plan_path: str, resumed: bool) -> Forwarded:
    """Without a remote the branch has moved: the plan alone is updated, in index and work tree, where it is as it was.

    What is staged or modified elsewhere stays.
    """
    found = _status(checkout.git, "--untracked-files=all", "--", plan_path)
    if found is None or not is_writable(checkout, commit, [plan_path]):
        return Forwarded.REFUSED
    if not found:
        return Forwarded.CURRENT
    shown = _shown(checkout.git, found[0], tip, plan_path, resumed)
    if not shown:
        return Forwarded.MODIFIED
    held = hold(checkout, shown, commit)
    if held is None:
        return Forwarded.IN_USE
    with held:
        if update(held, shown, commit).status:
            return Forwarded.MODIFIED
        held.keep()
    return Forwarded.UPDATED


def _shown(git: Git, plan: Status, tip: Tip, plan_path: str, resumed: bool) -> str:
    """The commit whose plan the checkout still has, unmodified; "" where it is the person's own."""
    if plan.modified != ".":
        return ""
    if plan.blob == tip.blob:
        return tip.commit
    before = commit_of(git, f"{tip.commit}^") if resumed else ""
    is_before = (
        before and git.text("rev-parse", "-q", "--verify", "--end-of-options", f"{before}:{plan_path}") == plan.blob
    )
    return before if is_before else ""
