"""Where each team's work is looked at: its folder on disk, or its folder in the tree of a ref."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any

from checkpoint import scratch
from checkpoint.approvals import Item
from checkpoint.files import Folder
from checkpoint.git.command import Git
from checkpoint.git.repository import submodules
from checkpoint.git.tree import CommitTree, export
from checkpoint.globs import escapes
from checkpoint.lazy import load
from checkpoint.plan.model import Team
from checkpoint.process import MEBIBYTE
from checkpoint.registry import our_names
from checkpoint.store.outcomes import Outcomes
from checkpoint.validation.commands import Commands
from checkpoint.validation.foreseen import Asking
from checkpoint.validation.given import Rules, TeamFiles
from checkpoint.validation.memory import Remembered
from checkpoint.validation.series import Ran, Wanted
from checkpoint.validation.trust import folder_item, is_outside
from checkpoint.validator import NOTHING, Finding, Outcome, Repository, Tree, Unreadable

_SUBMODULES = ".gitmodules"


class Committed:
    """The repository's files with their times as on disk, but their contents as in a commit (`Tree`).

    What a team is held against is what everybody can see, not what somebody has just edited beside it.
    """

    def __init__(self, disk: Folder, commit: CommitTree) -> None:
        self.entry = disk.entry
        self.find = disk.find
        self.below = disk.below
        self.read = commit.read


class Places:
    """The teams' files, each opened once in a run. Use it as a context: it gives folders and scratch copies back."""

    def __init__(
        self,
        top: str,
        git: Callable[[], Git],
        commit_of: Callable[[str], str],
        repository: Callable[[str], Repository],
        is_approved: Callable[[Item], bool],
        now: float,
        commands: Commands,
        outcomes: Outcomes,
        at: str = "",
        *,
        fresh: bool = False,
    ) -> None:
        """`git` reads teams' refs, `commit_of` resolves them, `repository` answers for a folder of the work tree.

        `outcomes` are of commands that were run before; with `fresh` they are run again. `at` is the commit whose
        schemas and references count; the work tree's where it is empty.
        """
        self.top = top
        self._git = git
        self._commit_of = commit_of
        self._repository = repository
        self._is_approved = is_approved
        self._now = now
        self._commands = commands
        self._outcomes = outcomes
        self._fresh = fresh
        self._ahead: Any = None
        self._anew: dict[str, Callable[[], AbstractContextManager[Tree]]] = {}
        self._found: dict[str, TeamFiles] = {}
        disk = Folder(top, "the repository")
        self._references: Tree = Committed(disk, CommitTree(git(), at, "", "the repository")) if at else disk
        self._open: list[Folder] = [disk]
        self._scratch: dict[str, str] = {}
        self.commits: dict[str, str] = {}
        """The commit of each team whose ref was looked at."""
        self.roots: dict[str, str] = {}
        """The folder on disk of each other team."""

    def __enter__(self) -> Places:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._ahead is not None:
            self._ahead.close(self._commands.tell)
        self._commands.close()
        for folder in self._open:
            folder.close()
        for path in self._scratch.values():
            scratch.remove(path)

    def __call__(self, team: Team) -> TeamFiles:
        if team.name not in self._found:
            self._found[team.name] = self._at_ref(team) if team.ref else self._on_disk(team)
        return self._found[team.name]

    def _on_disk(self, team: Team) -> TeamFiles:
        root = os.path.normpath(os.path.join(self.top, os.path.expanduser(team.folder)))
        self.roots[team.name] = root
        services = self._services(team)
        if is_outside(team.folder):
            self._anew[team.name] = functools.partial(Folder, root, team.folder)
            tree = Folder(root, team.folder)
            self._open.append(tree)
            refusal = None if self._is_approved(folder_item(team)) else _foreign(team)
            return TeamFiles(tree, self._references, services, team.folder, refusal, forget=tree.close)
        within = f"{os.path.normpath(team.folder)}/".removeprefix("./")
        absent = frozenset(path.removeprefix(within) for path in self._absent if path.startswith(within))
        self._anew[team.name] = functools.partial(Folder, self.top, team.folder, team.folder, absent=absent)
        tree = Folder(self.top, team.folder, team.folder, absent=absent)
        self._open.append(tree)
        above = next((path for path in self._absent if within.startswith(f"{path}/")), "")
        refusal = _not_checked_out(above) if above else None
        discarded = functools.partial(self._commands.discarded, root)
        return TeamFiles(tree, self._references, services, team.folder, refusal, "error", discarded, tree.close)

    @functools.cached_property
    def _absent(self) -> frozenset[str]:
        """The submodules that are not checked out: their folders are there, and empty."""
        with Folder(self.top, "the repository") as top:
            if not top.find(_SUBMODULES):
                return frozenset()
            try:
                paths = submodules(self._git(), top.read(_SUBMODULES, MEBIBYTE))
            except Unreadable:
                return frozenset()
        return frozenset(path for path in paths if not escapes(path) and _is_hollow(os.path.join(self.top, path)))

    def _at_ref(self, team: Team) -> TeamFiles:
        commit = self._commit_of(team.ref)
        place = f"{team.folder} of {team.ref}"
        services = self._services(team)
        if not commit:
            nothing = Folder(self.top, place, "")
            return TeamFiles(nothing, self._references, services, place, _no_ref(team), "missing")
        self.commits[team.name] = commit
        tree = CommitTree(self._git(), commit, team.folder, place)
        self._anew[team.name] = lambda: nullcontext(tree)
        return TeamFiles(tree, self._references, services, f"{place} at {commit[:10]}")

    def run_ahead(self, work: Collection[Asking], rules: Rules) -> None:
        """Begins to run the approved commands of this work, which is then judged in the same order.

        To be called once, by the thread that judges, and in the process that does.
        """
        if any(job.expectation.validator == "command" for job in work):
            advance = load("checkpoint.validation.advance").Advance(self._commands, self, self._folder, self._memory)
            self._ahead = advance.begin(work, rules, frozenset(our_names()))

    def _services(self, team: Team) -> _Services:
        return _Services(lambda: self._repository(team.folder), self._now, functools.partial(self._run, team))

    def _run(self, team: Team, wanted: Wanted) -> Outcome:
        """What came of a command that was run ahead, or it is run now."""
        ran: Ran | None = self._ahead.take(team.name, wanted) if self._ahead is not None else None
        if ran is None:
            ran = self._commands.ran(wanted, self._folder(team), copy=bool(team.ref))
        return ran.outcome if team.ref else self._commands.note(self.roots[team.name], ran)

    def _folder(self, team: Team) -> str:
        """Where a team's commands run: its folder, or a copy of what it is at its ref, made when it is first needed."""
        return self._exported(self.commits[team.name], team.folder) if team.ref else self.roots[team.name]

    def _memory(self, team: Team) -> Remembered:
        place = f"{team.folder} of {team.ref}" if team.ref else self.roots[team.name]
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._now))
        means = functools.partial(self._commands.means, place=place, copy=bool(team.ref))
        return Remembered(self._outcomes, self._anew[team.name], means, at, fresh=self._fresh)

    def _exported(self, commit: str, folder: str) -> str:
        """A scratch copy of a ref's folder, for a command to run in; one for each run and folder."""
        key = f"{commit}:{folder}"
        if key not in self._scratch:
            self._scratch[key] = scratch.make()
            export(self._git(), commit, folder, self._scratch[key])
        return self._scratch[key]


class _Services:
    """What a validator may ask beyond reading files (`checkpoint.validator.Services`)."""

    def __init__(self, repository: Callable[[], Repository], now: float, run: Callable[[Wanted], Outcome]) -> None:
        self._repository = repository
        self._run = run
        self.now = now

    @property
    def repository(self) -> Repository:
        return self._repository()

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Outcome:
        return self._run(Wanted(command, seconds, network, outside, reads))


def _is_hollow(folder: str) -> bool:
    """Whether a folder is not there, or has nothing in it."""
    try:
        return not os.listdir(folder)
    except OSError as error:
        return isinstance(error, FileNotFoundError)


def _not_checked_out(path: str) -> Finding:
    what = "a submodule that is not checked out"
    return Finding("the team's files", what, path, f"bring them: `git submodule update --init {path}`")


def _foreign(team: Team) -> Finding:
    action = "a person approves it with `checkpoint approve`, or the folder moves into the repository"
    return Finding("a folder inside the repository, or an approved one", f"`{team.folder}`", team.folder, action)


def _no_ref(team: Team) -> Finding:
    return Finding(f"a branch `{team.ref}`", NOTHING, "", f"push the branch `{team.ref}`")
