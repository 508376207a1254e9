"""What a plan makes worth watching: where its teams deliver, which branches count, and what else a checkpoint reads."""

from __future__ import annotations

import os

import msgspec

from checkpoint.config_paths import repository_file
from checkpoint.errors import UsageError
from checkpoint.git.checkout import Checkout
from checkpoint.git.repository import refuse_expression
from checkpoint.plan.model import Plan, Team
from checkpoint.registry import our_names
from checkpoint.schedule import Schedule, of_plan
from checkpoint.validation.trust import folder_item, is_outside
from checkpoint.workspace import Workspace


class Scope(msgspec.Struct, frozen=True):
    """All paths are absolute.

    `folders` are looked at with all that is below, `files` alone, `branches` on the remote. `working` are those of the
    folders in which something of the plan runs, and may write. `hints` are folders, and `plan` is a file, in which a
    change means that a look is worth while, and no more. `roots` are the repository and git's folders: below them no
    link is followed, while an approved folder outside may be reached through one.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    branches: tuple[str, ...]
    working: tuple[str, ...]
    hints: tuple[str, ...]
    roots: tuple[str, ...]
    plan: str
    schedule: Schedule | None


def scope_of(workspace: Workspace, plan: Plan) -> Scope:
    """What to look at for this plan in this workspace: no folder that is not approved, only names of branches."""
    top = workspace.top
    pure = {name for name in our_names() if name != "command"}
    folders = {team.name: _folder(top, team) for team in plan.teams if not team.ref and _may_be_seen(workspace, team)}
    refs = (team.ref for team in plan.teams if team.ref and _is_name(team.ref))
    working = {folders[team.name] for team in plan.teams if team.name in folders and _runs(team, pure)}
    own = tuple(os.path.join(top, name) for name in ("validators", "templates"))
    return Scope(
        folders=(*dict.fromkeys(folders.values()), *own),
        files=(repository_file(top), workspace.approvals.path),
        branches=tuple(dict.fromkeys((workspace.source.branch, *refs))),
        working=tuple(sorted(working)),
        hints=_hints(workspace.checkout),
        roots=_roots(workspace.checkout),
        plan=workspace.plan_file,
        schedule=of_plan(plan.settings.schedule, plan.settings.timezone),
    )


def teams_by_folder(top: str, plan: Plan) -> dict[str, tuple[Team, ...]]:
    """The teams of the work tree by their folders, as they stand in the scope."""
    found: dict[str, tuple[Team, ...]] = {}
    for team in plan.teams:
        if not team.ref:
            folder = _folder(top, team)
            found[folder] = (*found.get(folder, ()), team)
    return found


def _folder(top: str, team: Team) -> str:
    return os.path.normpath(os.path.join(top, os.path.expanduser(team.folder)))


def _may_be_seen(workspace: Workspace, team: Team) -> bool:
    return not is_outside(team.folder) or workspace.trust.is_approved(folder_item(team))


def _is_name(ref: str) -> bool:
    """Whether a ref is a plain name: all else could lead to files that are no refs, a pipe among them."""
    try:
        refuse_expression(ref)
    except UsageError:
        return False
    return True


def _runs(team: Team, pure: set[str]) -> bool:
    """Whether something runs for this team that is not ours: a command, or somebody's validator."""
    return any(each.validator not in pure for task in team.tasks for each in task.expectations)


def noted_refs(checkout: Checkout) -> tuple[tuple[str, str], ...]:
    """Where git notes on this machine that a branch of the remote has moved: its folders, and the names in each.

    By a push or fetch from here and, where the remote is on this machine, by a push to it; without one, by a commit.
    """
    here = (checkout.location.common_folder, f"refs/remotes/{checkout.remote}" if checkout.remote else "refs/heads")
    return (here, (_git_folder(checkout.url), "refs/heads")) if os.path.isabs(checkout.url) else (here,)


def _roots(checkout: Checkout) -> tuple[str, ...]:
    """The folders of git before the repository that holds them, which may be taken as they stand there."""
    return tuple(dict.fromkeys((*(folder for folder, _ in noted_refs(checkout)), checkout.top)))


def _hints(checkout: Checkout) -> tuple[str, ...]:
    noted = [os.path.join(folder, names) for folder, names in noted_refs(checkout)]
    return tuple(dict.fromkeys((*noted, os.path.join(checkout.location.common_folder, "refs", "heads"))))


def _git_folder(path: str) -> str:
    """The git folder of a repository at that path, bare or not."""
    inner = os.path.join(path, ".git")
    return inner if os.path.isdir(inner) else path
