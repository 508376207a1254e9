"""What validators, `lint` and teams' refs ask of a repository."""

from __future__ import annotations

import hashlib
import os

from checkpoint.errors import UsageError
from checkpoint.git.checkout import Checkout, commit_of
from checkpoint.git.command import Git
from checkpoint.git.source import Source
from checkpoint.lazy import pattern
from checkpoint.trees import beneath

_CHANGES = 200
"""The newest changes of a file among which an earlier content is looked for."""
_NOT_A_NAME = pattern(r"^[-/.]|[\0-\x20\x7f~^:?*\[\\]|\.\.|//|@\{|/\.|\.lock(/|$)|[/.]$|^@$|^$")


class TeamRepository:
    """The person's repository as seen from a team's folder. Implements `Repository` of checkpoint.validator."""

    def __init__(self, checkout: Checkout, folder: str) -> None:
        self._checkout = checkout
        self._folder = "/".join(beneath(folder))

    def committed(self, path: str, ref: str = "HEAD") -> dict[str, str]:
        wanted = "/".join(filter(None, (self._folder, *beneath(path))))
        commit = self._commit(ref)
        if not commit:
            return {}
        paths = ("--", wanted) if wanted else ()
        listing = ("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit, *paths)
        lines = os.fsdecode(self._checkout.git.run(*listing)).split("\0")[:-1]
        prefix = f"{self._folder}/" if self._folder else ""
        found = (line.partition("\t") for line in lines)
        return {name.removeprefix(prefix): words.split()[2] for words, _, name in found if " blob " in words}

    def blob_id(self, content: bytes) -> str:
        algorithm = self._checkout.value("extensions.objectformat") or "sha1"
        made = hashlib.new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
        made.update(content)
        return made.hexdigest()

    def superseded(self, path: str, blob: str) -> str:
        head = self._commit("HEAD")
        wanted = "/".join(filter(None, (self._folder, *beneath(path))))
        if not head or not wanted:
            return ""
        shape = ("log", f"-n{_CHANGES}", "--format=%H", "--raw", "--no-abbrev", "--no-renames", "-m", "--first-parent")
        lines = self._checkout.git.text(*shape, "--end-of-options", head, "--", wanted).splitlines()
        commits = [line for line in lines if line and not line.startswith(":")]
        contents = [line.split()[3] for line in lines if line.startswith(":")]
        first = max((number for number, content in enumerate(contents) if content == blob), default=0)
        return commits[first] if any(content != blob for content in contents[:first]) else ""

    def is_pushed(self, ref: str = "HEAD") -> bool:
        commit = self._commit(ref)
        question = ("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes")
        return bool(commit) and bool(self._checkout.git.run(*question))

    def _commit(self, ref: str) -> str:
        """The commit of HEAD, a branch, a tag or a remote branch; empty only for an unborn HEAD."""
        if ref == "HEAD":
            return commit_of(self._checkout.git, "HEAD")
        refuse_expression(ref)
        commit = commit_of(self._checkout.git, ref)
        if not commit:
            raise UsageError(f"there is no ref `{ref}`", mend="name a branch, a tag or a commit that is here")
        return commit


def team_commit(source: Source, ref: str) -> str:
    """The newest commit of a team's branch, as the last fetch found it; empty where there is no such branch."""
    refuse_expression(ref)
    return commit_of(source.git, f"refs/heads/{ref.removeprefix('refs/heads/')}")


def tracked_paths(checkout: Checkout) -> frozenset[str]:
    """Every path that is in git already, relative to the top."""
    return frozenset(os.fsdecode(checkout.git.run("ls-files", "-z", "--full-name")).split("\0")[:-1])


def is_expression(ref: str) -> bool:
    """Whether this is not the plain name of a ref."""
    return _NOT_A_NAME.search(ref) is not None


def submodules(git: Git, settings: bytes) -> frozenset[str]:
    """The paths of submodules, relative to the top, that the text of a `.gitmodules` names; none where it is broken."""
    asked = ("config", "-z", "--file", "-", "--no-includes", "--get-regexp", r"^submodule\..*\.path$")
    done = git.try_run(*asked, data=settings)
    values = (line.partition("\n")[2] for line in os.fsdecode(done.stdout).split("\0"))
    return frozenset(value.strip("/") for value in values if value)


def refuse_expression(ref: str) -> None:
    """Raises UsageError for what is not the plain name of a ref: git would read more into it."""
    if is_expression(ref):
        raise UsageError(f"`{ref}` is not the name of a ref", mend="name a branch, such as `main`")
