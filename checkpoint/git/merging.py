"""Three texts of a plan merged, by git and as a plan, and what makes git call the latter.

A line in `.gitattributes`, which is the repository's, names the driver. What that is stands in the configuration of
each clone: a repository must not say what runs.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile

import msgspec

from checkpoint.errors import UsageError
from checkpoint.git.command import Git, output
from checkpoint.plan.merge import apart
from checkpoint.plan.parse import parse

NAME = "checkpoint"
ATTRIBUTES = ".gitattributes"
_TITLE = "a plan, in which what checkpoints wrote never conflicts"
_SIDES = ("ours", "base", "theirs")
_MOST_CONFLICTS = 127
"""git's status for that many or more; beyond it says that it could not merge at all."""


class Merged(msgspec.Struct, frozen=True):
    """A text with the number of its conflicts, which stand in it with marks; at most 127 are counted."""

    text: bytes
    conflicts: int


def merge_file(git: Git, base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """The three-way merge that git itself does. Raises PublishError where it cannot, as with binary files."""
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
        paths = [os.path.join(folder, side) for side in _SIDES]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            with open(path, "wb") as file:
                file.write(text)
        labels = [word for side in _SIDES for word in ("-L", side)]
        done = git.try_run("merge-file", "-p", "-q", *labels, "--", *paths)
    if 0 < done.status <= _MOST_CONFLICTS and not done.timed_out and not done.truncated:
        return Merged(done.stdout, done.status)
    return Merged(output(done, "merge-file"), 0)


def merge_plan(git: Git, base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Three versions of a plan merged, or as git merges any texts; with no conflict that git has not. Raises alike."""
    try:
        texts = apart(base, ours, theirs)
    except ValueError:
        return merge_file(git, base, ours, theirs)
    merged = merge_file(git, texts.base, texts.ours, texts.theirs)
    if merged.conflicts:
        plain = merge_file(git, base, ours, theirs)
        if not plain.conflicts and not parse(plain.text).errors:
            return plain
    return Merged(texts.whole(merged.text), merged.conflicts)


def names_driver(git: Git, plan_path: str) -> bool:
    """Whether the repository's attributes name the driver for that path."""
    found = git.run("check-attr", "-z", "merge", "--", plan_path)
    return os.fsdecode(found).split("\0")[2:3] == [NAME]


def driver(git: Git) -> str:
    """The program that this clone was told is the driver; empty where it was told of none."""
    found = git.try_run("config", "--get", f"merge.{NAME}.driver")
    try:
        return shlex.split(os.fsdecode(found.stdout))[0] if found.status == 0 else ""
    except (ValueError, IndexError):
        return ""


def write_attributes(top: str, plan_path: str) -> None:
    """Adds a line for the plan. Raises UsageError where the file is a link, which git would not follow."""
    path = os.path.join(top, ATTRIBUTES)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        mend = f"make it a regular file with the line: {_line(plan_path)}"
        raise UsageError(f"{path} cannot be written", why=error.strerror or "", mend=mend) from error
    with open(descriptor, "r+b") as file:
        text = file.read()
        ending = b"\n" if text and not text.endswith(b"\n") else b""
        file.write(ending + os.fsencode(_line(plan_path)) + b"\n")


def _line(plan_path: str) -> str:
    """The attributes of exactly that path: what is a pattern in it is escaped, and blanks are quoted."""
    pattern = "/" + re.sub(r"[\\*?\[]", r"\\\g<0>", plan_path)
    if re.search(r'[\s"]', pattern):
        pattern = '"' + re.sub(r'[\\"]', r"\\\g<0>", pattern) + '"'
    return f"{pattern} merge={NAME}"


def configure_driver(git: Git, program: tuple[str, ...]) -> None:
    """Tells this clone what the driver is: that program or, where it is gone or fails, git's own merge.

    It has failed where it does not end with 0, and has not marked a conflict either.
    """
    ours = f"{shlex.join(program).replace('%', '%%')} merge-driver -- %O %A %B %P"
    driver = f"{ours} || {{ grep -q '^<<<<<<<' %A && exit 1 || git merge-file %A %O %B; }}"
    git.run("config", "--local", f"merge.{NAME}.name", _TITLE)
    git.run("config", "--local", f"merge.{NAME}.driver", driver)
