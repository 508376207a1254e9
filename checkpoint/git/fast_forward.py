"""The person's checkout after a checkpoint: brought up to it only where that can lose nothing."""

from __future__ import annotations

import enum
import os
from collections.abc import Callable, Iterator

import msgspec

from checkpoint.errors import CheckpointError, PublishError
from checkpoint.git.checkout import Checkout, current_head
from checkpoint.git.command import Git
from checkpoint.git.source import Source, Tip, idle
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
    REFUSED = "your checkout could not be updated and was left as it is: git pull"


class Status(msgspec.Struct, frozen=True):
    """One path that git reports: what is staged and what is modified (`.` for nothing), and the staged blob."""

    staged: str
    modified: str
    path: str
    blob: str = ""


def fast_forward(
    checkout: Checkout,
    source: Source,
    tip: Tip,
    commit: str,
    plan_path: str,
    meanwhile: Callable[[], object] = idle,
) -> Forwarded:
    """Brings the checkout from `tip` or before to the published `commit`, or leaves every byte of it as it is.

    `meanwhile` is called once, while git is at work where it has much to do.
    """
    if checkout.is_checked_out and source.is_remote:
        return _follow(checkout, source, commit, meanwhile)
    meanwhile()
    if not checkout.is_checked_out:
        return Forwarded.ELSEWHERE
    return _show(checkout.git, tip, commit, plan_path)


def is_modified(checkout: Checkout, plan_path: str) -> bool:
    """Whether the plan has changes, staged or not, that are not committed, or has not been added at all."""
    return bool(read_status(checkout.git, "--untracked-files=all", "--", plan_path))


def read_status(git: Git, *arguments: str) -> list[Status]:
    """What `git status` reports; the index is only read."""
    options = ("--porcelain=v2", "-z", "--no-renames", "--ignore-submodules=dirty")
    return list(parse_status(git.run("status", *options, *arguments)))


def _status(git: Git, *arguments: str) -> list[Status] | None:
    """The same after a checkpoint, which stands whatever is wrong with the checkout: None where git cannot tell."""
    try:
        return read_status(git, *arguments)
    except CheckpointError:
        return None


def _try(git: Git, *arguments: str) -> Result:
    """A command that may fail, and may not even begin."""
    try:
        return git.try_run(*arguments)
    except PublishError:
        return Result(1)


def parse_status(data: bytes) -> Iterator[Status]:
    """What `git status --porcelain=v2 -z --no-renames` printed."""
    for line in os.fsdecode(data).split("\0"):
        kind, _, rest = line.partition(" ")
        if kind == "1":
            states, _, _, _, _, _, blob, path = rest.split(" ", 7)
            yield Status(states[0], states[1], path, blob)
        elif kind == "u":
            yield Status("U", "U", rest.split(" ", 9)[9])
        elif kind == "?":
            yield Status(".", "?", rest)


def _follow(checkout: Checkout, source: Source, commit: str, meanwhile: Callable[[], object]) -> Forwarded:
    """With a remote: a fast-forward of the whole branch, where nothing tracked is staged or modified."""
    git = checkout.git
    tracking = f"+refs/heads/{source.branch}:refs/remotes/{checkout.remote}/{source.branch}"
    try:
        fetch = git.start(*_FETCH, source.git.where[1], tracking)
    except PublishError:  # what is to be done meanwhile must be done all the same
        meanwhile()
        return Forwarded.REFUSED
    fetched = fetch.wait_beside(meanwhile)
    modified = _status(git, "--untracked-files=no")
    if fetched.status or modified is None:
        return Forwarded.REFUSED
    if modified:
        return Forwarded.MODIFIED
    done = _try(git, "merge", "-q", "--ff-only", "--no-stat", "--no-overwrite-ignore", "--end-of-options", commit)
    return _merged(checkout, done, commit)


def _merged(checkout: Checkout, done: Result, commit: str) -> Forwarded:
    if done.status == 0:
        is_there = current_head(checkout.git, checkout.location).commit == commit
        return Forwarded.UPDATED if is_there else Forwarded.CURRENT
    said = done.stderr
    if b"index.lock" in said or b".lock'" in said:
        return Forwarded.IN_USE
    if b"fast-forward" in said or b"refusing to merge unrelated" in said:
        return Forwarded.DIVERGED
    return Forwarded.MODIFIED if b"would be overwritten" in said else Forwarded.REFUSED


def _show(git: Git, tip: Tip, commit: str, plan_path: str) -> Forwarded:
    """Without a remote the branch has moved: the plan alone is updated, in index and work tree, where it is as it was.

    `read-tree -m -u` looks and writes in one process, and keeps what is staged or modified elsewhere.
    """
    found = _status(git, "--untracked-files=all", "--", plan_path)
    if found is None:
        return Forwarded.REFUSED
    if not found:
        return Forwarded.CURRENT
    if found[0].modified != "." or found[0].blob != tip.blob:
        return Forwarded.MODIFIED
    update = ("read-tree", "-m", "-u", tip.commit, commit)
    done = _try(git, *update)
    if done.status and b".lock'" not in done.stderr:
        _try(git, "update-index", "-q", "--refresh")  # a touched file looks modified until then
        done = _try(git, *update)
    if done.status == 0:
        return Forwarded.UPDATED
    return Forwarded.IN_USE if b".lock'" in done.stderr else Forwarded.MODIFIED
