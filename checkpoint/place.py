"""Where a command works: the repository, the plan in it, and the private store behind it. Light enough for `status`."""

from __future__ import annotations

import os

from checkpoint import DEFAULT_PLAN, private
from checkpoint.config_paths import has_files
from checkpoint.errors import UsageError, some
from checkpoint.lazy import load
from checkpoint.location import Location, find, state_folder
from checkpoint.snapshot import read_snapshot

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import Any


class Place:
    """The plan that is meant by a directory and a `--plan`. Raises UsageError outside of a repository."""

    def __init__(self, directory: str, plan: str | None) -> None:
        if not os.path.isdir(directory) or not _is_anywhere():
            raise UsageError(f"{directory} is not a folder", mend="give a folder within a git repository to -C")
        self.location: Location = find(directory)
        self.top = self.location.top
        self.plan_path = self._relative(plan, directory) if plan else self._configured()
        self.state = state_folder(self.location.common_folder, os.environ)

    def _relative(self, plan: str, directory: str) -> str:
        """A path as given: below the top if it is there, else from the folder the command runs in."""
        here = os.path.relpath(os.path.realpath(os.path.join(directory, plan)), os.path.realpath(self.top))
        if os.path.isabs(plan) or not os.path.exists(os.path.join(self.top, plan)):
            plan = here
        if plan.split("/")[0] == "..":
            raise UsageError(f"{plan} is outside of {self.top}", mend="a plan lies in its repository")
        return os.path.normpath(plan)

    def _configured(self) -> str:
        if "CHECKPOINT_PLAN" in os.environ or has_files(self.top, os.environ):
            path: str = load("checkpoint.configuration").read_configuration(self.top, os.environ, {}).plan
            return path
        return DEFAULT_PLAN

    @property
    def plan_file(self) -> str:
        return os.path.join(self.top, self.plan_path)

    @property
    def store_folder(self) -> str:
        """Each plan of a repository has a store of its own."""
        return os.path.join(self.state, "plans", private.file_name(self.plan_path))

    def snapshot(self, team: str = "") -> dict[str, Any]:
        """The last report as a status document (`checkpoint.documents.Status`) in plain data; of one team, where named.

        Raises UsageError before the first checkpoint, and for a team that it did not know.
        """
        document = read_snapshot(self.store_folder, team)
        if document is None:
            raise UsageError(
                f"no checkpoint of {self.plan_path} has been taken here yet", mend="take one: `checkpoint now`"
            )
        known = [each["name"] for each in document["report"]["teams"]]
        if team and known != [team]:
            raise UsageError(f"no team `{team}`", why=f"the last checkpoint knows {some(known)}")
        return document


def _is_anywhere() -> bool:
    """Whether the folder that this runs in still exists."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True
