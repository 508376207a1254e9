"""One commit that changes the plan alone, made without an index or a work tree."""

from __future__ import annotations

import os

from checkpoint.git.command import Git, output
from checkpoint.git.failures import not_signed
from checkpoint.git.objects import replace_entry
from checkpoint.git.source import Tip, refuse_unwritable


def make_commit(git: Git, tip: Tip, plan_path: str, content: bytes, message: str, sign: bool) -> str:
    """The id of a new commit on the tip; nothing names it yet.

    One process for the content, one for each folder on the plan's path, one for the commit. Raises Stalled where
    the plan must not be written, PublishError where `sign` is asked for and there is no key.
    """
    refuse_unwritable(tip, plan_path)
    new = git.text("hash-object", "-w", "--stdin", data=content)
    for raw, name in zip(reversed(tip.trees), reversed(plan_path.split("/")), strict=True):
        new = git.text("hash-object", "-w", "-t", "tree", "--stdin", data=replace_entry(raw, os.fsencode(name), new))
    parents = [word for parent in tip.heads for word in ("-p", parent)]
    signed = ("-S",) if sign else ()
    done = git.try_run("commit-tree", *signed, *parents, "-F", "-", new, data=os.fsencode(message))
    if sign and (done.status or done.timed_out):
        raise not_signed(os.fsdecode(done.stderr), timed_out=done.timed_out)
    return output(done, "commit-tree").decode().strip()
