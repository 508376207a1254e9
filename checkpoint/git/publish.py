"""One commit that changes the plan alone, made without an index or a work tree."""

from __future__ import annotations

import os
import time

from checkpoint.git import loose
from checkpoint.git.checkout import Checkout
from checkpoint.git.command import Git, output
from checkpoint.git.commit_text import compose
from checkpoint.git.failures import not_signed
from checkpoint.git.objects import replace_entry
from checkpoint.git.source import Tip, refuse_unwritable


def make_commit(git: Git, checkout: Checkout, tip: Tip, plan_path: str, content: bytes, message: str) -> str:
    """The id of a new commit on the tip, in the repository of `git`; nothing names it yet.

    It is signed where the person's configuration says so. No process, unless something there is only git's to know.
    Raises Stalled where the plan must not be written, PublishError where it is to be signed and there is no key.
    """
    refuse_unwritable(tip, plan_path)
    writer = _Writer(git, checkout)
    new = writer.put("blob", content)
    for raw, name in zip(reversed(tip.trees), reversed(plan_path.split("/")), strict=True):
        new = writer.put("tree", replace_entry(raw, os.fsencode(name), new))
    return writer.commit(new, tip.heads, message)


class _Writer:
    """Writes objects itself where it knows all that git would heed, and else by git."""

    def __init__(self, git: Git, checkout: Checkout) -> None:
        self._git = git
        self._checkout = checkout
        self._values = {setting.key: setting.value for setting in checkout.settings}
        self._algorithm = loose.algorithm(checkout.value)
        self._folder = git.objects or os.path.join(checkout.location.common_folder, "objects")

    def put(self, kind: str, content: bytes) -> str:
        if self._algorithm:
            # A private clone is a cache: what a power cut may damage in it is fetched again.
            return loose.write(self._folder, kind, content, self._algorithm, durable=not self._git.objects)
        return self._git.text("hash-object", "-w", "-t", kind, "--stdin", data=content)

    def commit(self, tree: str, parents: tuple[str, ...], message: str) -> str:
        sign = self._checkout.is_on("commit.gpgsign")
        text = None if sign else compose(tree, parents, message, self._values, self._git.env, time.time())
        return self._commit_by_git(tree, parents, message, sign) if text is None else self.put("commit", text)

    def _commit_by_git(self, tree: str, parents: tuple[str, ...], message: str, sign: bool) -> str:
        words = [word for parent in parents for word in ("-p", parent)]
        signed = ("-S",) if sign else ()
        done = self._git.try_run("commit-tree", *signed, *words, "-F", "-", tree, data=os.fsencode(message))
        if sign and (done.status or done.timed_out):
            raise not_signed(os.fsdecode(done.stderr), timed_out=done.timed_out)
        return output(done, "commit-tree").decode().strip()
