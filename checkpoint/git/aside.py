"""Publishing beside a branch that is protected: the plan is read there, and checkpoints go to a branch of their own.

A checkpoint there has the tree of the plan's newest commit, with the plan alone written anew. Its parents are the tip
of its own branch and, where that does not hold it yet, the commit that was read. So the branch only ever moves forward
and is never forced; whoever merges it gets changes of the plan alone; and no text is merged.

That tree leaves out whatever else the branch holds. So nothing is published where somebody has put something there
that is not a checkpoint's: a person decides what becomes of it.
"""

from __future__ import annotations

import os

from msgspec.structs import replace

from checkpoint.errors import Stalled
from checkpoint.git.command import Git, output
from checkpoint.git.source import Tip, plan_at
from checkpoint.plan.derived import carried, is_same_for_people
from checkpoint.plan.harmless import printable


def tip_aside(git: Git, read: Tip, branch: str, commit: str, plan_path: str) -> Tip:
    """What to publish on, for the plan that was read and the branch that is published to; `commit` is its tip or "".

    The plan in it is the one that was read, with the boxes and blocks of that branch. Raises Stalled where the branch
    holds what is no checkpoint's.
    """
    shared = _shared(git, read.commit, commit) if commit else []
    if not commit or commit in shared:  # not there, or merged
        return replace(read, parents=(read.commit,), own=read.plan, is_behind=True)
    base = next((each for each in shared if _adds_only_checkpoints(git, each, commit, plan_path)), "")
    if not base:
        raise _holds_more(branch, _difference(git, shared, commit, plan_path))
    is_behind = read.commit not in shared
    newer, before = plan_at(git, commit, plan_path), plan_at(git, base, plan_path)
    plan = carried(read.plan, newer, before) if read.plan is not None and newer is not None else read.plan
    return replace(
        read, plan=plan, own=read.plan, parents=(commit, read.commit) if is_behind else (commit,), is_behind=is_behind
    )


def _shared(git: Git, one: str, other: str) -> list[str]:
    """The newest commits that both hold; none where their histories have nothing in common."""
    done = git.try_run("merge-base", "--all", "--end-of-options", one, other)
    return [] if done.status == 1 else output(done, "merge-base").decode().split()


def _adds_only_checkpoints(git: Git, base: str, commit: str, plan_path: str) -> bool:
    """Whether the two differ in nothing but what checkpoints write: whoever wrote it, it is found anew or replaced."""
    changed = git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--end-of-options", base, commit)
    if not changed:
        return True
    fields = os.fsdecode(changed).split("\0")[:-1]
    was, now, *_ = fields[0].lstrip(":").split()
    if fields[1:] != [plan_path] or was != now:
        return False
    before, after = plan_at(git, base, plan_path), plan_at(git, commit, plan_path)
    return before is not None and after is not None and is_same_for_people(before, after)


def _difference(git: Git, shared: list[str], commit: str, plan_path: str) -> str:
    """A path that the branch has otherwise than what it began from, the plan's last; "" where it began from nothing."""
    if not shared:
        return ""
    changed = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", shared[0], commit)
    paths = [path for path in os.fsdecode(changed).split("\0") if path not in ("", plan_path)]
    return printable(next(iter(paths), plan_path))


def _holds_more(branch: str, path: str) -> Stalled:
    what = f"{branch} holds more than checkpoints of this plan"
    had = f"somebody has changed {path} there" if path else "it has another history than the plan's branch"
    mend = f"merge {branch} or take over what is in it, then delete it: git push REMOTE --delete {branch}"
    mend += "; where another plan is published there, name another branch for this one"
    return Stalled(what, why=f"{had}, which a checkpoint would leave out", mend=mend)


def refuse_taken_name(git: Git, branch: str) -> None:
    """Raises Stalled where no such branch can be made: one name would begin with the other."""
    parts = branch.split("/")
    above = {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    names = git.text("for-each-ref", "--format=%(refname:lstrip=2)", f"refs/heads/{parts[0]}").split("\n")
    taken = next((name for name in names if name in above or name.startswith(f"{branch}/")), "")
    if taken:
        why = f"there is a branch {taken}, and git keeps one name from being the beginning of another"
        raise Stalled(f"{branch} cannot be made", why=why, mend="name another branch, such as `checkpoint-status`")
