"""A plan's repository with everything that a run of it needs, each part opened when it is first asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache, cached_property
from types import TracebackType

import msgspec

from checkpoint.approvals import Approvals
from checkpoint.branch import Branch
from checkpoint.errors import PlanError, UsageError
from checkpoint.git.checkout import commit_of
from checkpoint.git.repository import TeamRepository, refuse_expression, team_commit
from checkpoint.hints import NOTHING, Hints
from checkpoint.location import data_folder
from checkpoint.plan.model import Plan
from checkpoint.plan.order import circles
from checkpoint.plan.parse import parse
from checkpoint.rules import rules_of
from checkpoint.snapshot import Snapshot
from checkpoint.standing import Standing
from checkpoint.store import Store
from checkpoint.store.outcomes import Outcomes
from checkpoint.validation.commands import Commands
from checkpoint.validation.places import Places
from checkpoint.validation.trust import Trust
from checkpoint.validation.views import Found
from checkpoint.validator import Repository


class Workspace(Branch):
    """Everything for one run; as a context it gives the store back.

    `now` is its only clock: seconds since the epoch when it began. `hints` is what is known of the teams' folders.
    With `fresh` nothing stands that was found before, and every command is run.
    """

    fresh = False

    def __init__(self, directory: str, plan: str | None, publish_branch: str | None = None) -> None:
        super().__init__(directory, plan, publish_branch)
        self.now = time.time()
        self.hints: Hints = NOTHING
        self.resolving: dict[str, Callable[[str], str]] = {}

    @classmethod
    def on(cls, branch: Branch) -> Workspace:
        """The workspace of a branch that is open already: it takes over all of its parts."""
        made = cls.__new__(cls)
        vars(made).update(vars(branch))
        made.now = time.time()
        made.hints = NOTHING
        made.resolving = {}
        return made

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if "store" in self.__dict__:
            self.store.close()

    @cached_property
    def store(self) -> Store:
        return Store(self.store_folder)

    @cached_property
    def trust(self) -> Trust:
        return Trust(self.top, self.approvals)

    @cached_property
    def approvals(self) -> Approvals:
        folder = data_folder(self.location.common_folder, os.environ)
        return Approvals(os.path.join(folder, "approvals.json"), self.location.common_folder)

    def read_plan(self) -> bytes:
        """The plan as it lies in the work tree. Raises UsageError where there is none."""
        try:
            with open(self.plan_file, "rb") as file:
                return file.read()
        except OSError as error:
            mend = "`checkpoint init` makes one; --plan names another"
            raise UsageError(f"there is no plan at {self.plan_path}", why=error.strerror or "", mend=mend) from error

    def usable(self, text: bytes) -> Plan:
        """The plan that a text holds. Raises PlanError, naming every error at once, where it must not be used."""
        plan = parse(text)
        problems = plan.refusals or tuple(circles(plan))
        if not problems:
            return plan
        details = tuple(
            f"{self.plan_path}:{each.line}:{each.column}: {each.found}; expected {each.expected} → {each.mend}"
            for each in problems
        )
        number = f"{len(details)} error{'s' if len(details) > 1 else ''}"
        raise PlanError(
            f"{self.plan_path} has {number}; nothing was written", details=details, mend="`checkpoint lint`"
        )

    def places(self, fetched: str = "") -> Places:
        """The teams' files. With the commit that was `fetched`, refs and references are as the source has them."""
        return Places(
            self.top,
            lambda: self.source.git if fetched else self.checkout.git,
            self._commits(fetched),
            self._repository,
            self.trust.is_approved,
            self.now,
            self._commands(),
            Outcomes(os.path.join(self.store_folder, "outcomes")),
            fetched,
            fresh=self.fresh,
        )

    def standing(self, plan: Plan, snapshot: Snapshot | None, fetched: str = "") -> Standing:
        """What stands of the checkpoint that has left this snapshot; refs as `places` has them."""
        return Standing(
            self.top,
            None if self.fresh else snapshot,
            rules_of(self.top, self.approvals.path, msgspec.to_builtins(plan.settings)),
            self.now,
            self.hints,
            lambda: self.source.git if fetched else self.checkout.git,
            self._commits(fetched),
        )

    def sandbox(self) -> Found:
        """How commands of the plan can run here; tries it."""
        with closing(self._commands()) as commands:
            return commands.found(commands.view(self.top))

    def _commands(self) -> Commands:
        return Commands(self.location, self.configuration, os.environ)

    def _commits(self, fetched: str) -> Callable[[str], str]:
        """What resolves refs, as fetched with that commit or as they are known here: each is asked for once."""
        if fetched not in self.resolving:
            self.resolving[fetched] = cache(self._fetched_commit if fetched else self._known_commit)
        return self.resolving[fetched]

    def _fetched_commit(self, ref: str) -> str:
        return team_commit(self.source, ref)

    def _known_commit(self, ref: str) -> str:
        refuse_expression(ref)
        here = commit_of(self.checkout.git, f"refs/heads/{ref}")
        return here or commit_of(self.checkout.git, f"refs/remotes/{self.checkout.remote}/{ref}")

    def _repository(self, folder: str) -> Repository:
        return TeamRepository(self.checkout, folder)
