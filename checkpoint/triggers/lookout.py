"""What a server knows of one plan: the commits, folders and files that a checkpoint depends on, and which are news."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable

from checkpoint import private
from checkpoint.baseline import expected
from checkpoint.documents import Now
from checkpoint.errors import Stalled
from checkpoint.git.checkout import commit_of
from checkpoint.git.command import Git
from checkpoint.git.fast_forward import is_modified
from checkpoint.git.log import read_log
from checkpoint.git.source import plan_at, refuse_unwritable
from checkpoint.location import read_ref
from checkpoint.notify import Notifier
from checkpoint.orchestrator import Checkpoint, Request
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import parse
from checkpoint.triggers.accounted import Accounted
from checkpoint.triggers.accounted_file import read_accounted, write_accounted
from checkpoint.triggers.glances import Glances, stamp_of
from checkpoint.triggers.preview import Preview, previews
from checkpoint.triggers.scope import Scope, noted_refs, scope_of, teams_by_folder
from checkpoint.triggers.touches import Touched
from checkpoint.triggers.world import World
from checkpoint.workspace import Workspace

_NOTHING = Scope((), (), (), (), (), (), "", None)


class Lookout:
    """One plan's lookout. Used by one thread; a person may change anything meanwhile, so nothing is kept open."""

    def __init__(self, directory: str, plan: str | None, publish_branch: str | None = None) -> None:
        self._publish_branch = publish_branch
        self._directory = directory
        self._plan = plan
        self.plan_path = ""
        self._branch = ""
        self._accounted = Accounted()
        self._refs: dict[str, str] = {}
        self._read = ""
        """The commit whose plan the scope is of."""
        self._text = b""
        self._parsed = Plan()
        self.scope = _NOTHING
        self._workspace = self.renewed()
        # Whatever a pulled `checkpoint.toml` says later: all that is kept is about this plan.
        self.plan_path = self._plan = self._workspace.plan_path
        self._directory = self._workspace.top
        with self._workspace.store:  # its folder is there from now on
            pass
        self._ended = time.monotonic()
        self._noted: dict[tuple[str, str], str] = {}
        self._stamp: tuple[int, int, int] | None = None
        self.glances = Glances()
        self.world = World()

    def renewed(self) -> Workspace:
        """The workspace as it is now, its configuration read anew; to be called before each look.

        Where another branch is to be served from now on, what is accounted for there counts. Raises Stalled where
        there is none, or where the plan's path has become a link to another one.
        """
        workspace = Workspace(self._directory, self._plan, self._publish_branch)
        if self.plan_path not in ("", workspace.plan_path):
            mend = f"remove the link: rm '{self.plan_path}'"
            raise Stalled(f"{self.plan_path} leads to {workspace.plan_path}", why="another plan is served", mend=mend)
        branch = workspace.source.branch
        self._workspace = workspace
        if branch != self._branch:
            self._accounted = read_accounted(_file(workspace)) or Accounted()
            self._branch, self._refs, self._read, self.scope = branch, {}, "", _NOTHING
        return workspace

    @property
    def where(self) -> str:
        """Where the plan is published, for people."""
        return self._workspace.source.where

    def ask(self) -> None:
        """Asks the remote for the newest commits. Raises as `Source.newest` does."""
        source = self._workspace.source
        branches = self.scope.branches or (source.branch,)
        self._noted = self._local_refs(branches)
        self._refs = source.newest(branches)

    def has_moved(self) -> bool:
        """Whether a branch has moved since the last time that it was asked, as far as git notes it on this machine.

        To a commit that is not the newest one known already, as one is that was published from here.
        """
        noted, known = self._local_refs(self._refs), self._refs
        if noted.keys() != self._noted.keys():
            return True
        if any(commit not in (self._noted[where, name], known[name]) for (where, name), commit in noted.items()):
            return True
        self._noted = noted
        return False

    def _local_refs(self, branches: Iterable[str]) -> dict[tuple[str, str], str]:
        """The commits by which a push from here or, where the remote is on this machine, to it can be noticed.

        By the place where git notes them, and the branch.
        """
        noted = noted_refs(self._workspace.checkout)
        return {(folder, name): read_ref(folder, f"{names}/{name}") for folder, names in noted for name in branches}

    def glance(self) -> World:
        """The world now, as far as it can be seen without asking anybody; kept as `world`.

        It is looked at where something was heard to change (`glances.touches`), or everywhere.
        """
        self.world = self._look()
        return self.world

    def _look(self) -> World:
        return self.glances.world(self.scope, self._refs, self._text)

    def look_after_run(self) -> World:
        """The world as a checkpoint has left it, of which the events may be still to come."""
        self.glances.touches.heard((self._workspace.plan_file,))
        if self.scope.working:
            self.glances.touches.doubt()
        return self._look()

    def news(self) -> tuple[str, ...]:
        """What a checkpoint is to be taken for; the plan is read anew where it may have changed.

        Raises what reading it raises, and Busy where another run has the plan for too long.
        """
        if self._refs.get(self._workspace.source.branch, "") != self._read or not self._read:
            self._read_plan(self._workspace)
            if not self._refs.keys() >= set(self.scope.branches):  # only the plan tells which ones there are
                self.ask()
            self.glance()
        return self._accounted.news(self.world, time.monotonic() - self._ended)

    def has_unpublished_edit(self) -> bool:
        """Whether the plan in the checkout has been edited since the last time, and the edit is not committed yet."""
        stamp = stamp_of(self._workspace.plan_file)
        is_edited, self._stamp = stamp != self._stamp, stamp
        return is_edited and is_modified(self._workspace.checkout, self.plan_path)

    @property
    def is_new(self) -> bool:
        """Whether nothing is accounted for yet."""
        return self._accounted == Accounted()

    def slot(self) -> str:
        """The name of the occasion that this world is: whoever sees the same one gives it the same name."""
        return f"watch:{self.world.digest[:16]}"

    def handled(self, now: float) -> float | None:
        """As `Journal.handled`, of the branch that is served."""
        workspace = self.renewed()
        with workspace.store as store:
            return store.journal.handled(workspace.source.branch, now)

    def ahead(self, now: float) -> tuple[float, ...]:
        """As `Journal.ahead`, of the branch that is served."""
        workspace = self.renewed()
        with workspace.store as store:
            return store.journal.ahead(workspace.source.branch, now)

    def missed_slot(self, now: float, *, counts_first: bool) -> str:
        """The latest slot of the plan's schedule, if it has come since what was handled last; "" where none has.

        `counts_first`: so it is where nothing was ever handled.
        """
        schedule, handled = self.scope.schedule, self.handled(now)
        latest = schedule.latest(now) if schedule else None
        if schedule is None or latest is None or (handled is None and not counts_first):
            return ""
        return schedule.slot(latest) if handled is None or latest > handled else ""

    def previews(self, news: Iterable[str]) -> tuple[Preview, ...]:
        """What is true now of the teams in whose folders something is news; nothing where they are many."""
        teams = teams_by_folder(self._workspace.top, self._parsed)
        touched = Touched(frozenset(news)).tops(teams) & set(self.scope.folders)
        concerned = [team for folder in sorted(touched) for team in teams[folder]]
        return previews(self._workspace, self._parsed, concerned, self._read)

    def take(self, request: Request, notifiers: tuple[Notifier, ...], carry: Callable[[], object]) -> Now:
        """Takes a checkpoint as `Checkpoint` does, and takes account of what it saw.

        Where the slot had its checkpoint already, nothing was seen here, and anybody can write a slot into a commit: so
        nothing is accounted for, and the next look asks what the newest commit is. Before one of the schedule all is
        looked at.
        """
        if request.trigger == "cron":
            self.glances.touches.doubt()
        before, quiet = self.glance(), time.monotonic() - self._ended
        workspace = self.renewed()
        workspace.hints = self.glances.hints(before, time.time_ns())
        with workspace.held():
            taken = Checkpoint(workspace, request, notifiers, lambda done, total, what: None, carry=carry).take()
        if taken.result == "already-done":
            self._refs.pop(workspace.source.branch, None)
        else:
            self._settle(workspace, taken, before, quiet)
        return taken

    def _settle(self, workspace: Workspace, taken: Now, before: World, quiet: float) -> None:
        commit = taken.report.base if workspace.source.aside else taken.commit or taken.report.base
        judged = {workspace.source.branch: commit}
        self._refs |= judged
        text = plan_at(workspace.source.git, commit, workspace.plan_path)
        self._text = self._text if text is None else text
        after = self.look_after_run()
        self._accounted = self._accounted.settled(
            before, after, quiet, judged=judged, working=self.scope.working, published=(workspace.plan_file,)
        )
        write_accounted(_file(workspace), self._accounted)
        self._ended = time.monotonic()
        if text is not None:
            self._adopt(workspace, commit, text)

    def _read_plan(self, workspace: Workspace) -> None:
        with workspace.held():
            tip = workspace.source.tip(workspace.plan_path)
        refuse_unwritable(tip, workspace.plan_path)
        self._adopt(workspace, tip.commit, tip.plan or b"")
        if self._is_only_checkpoints(workspace, tip.commit):
            self._accounted = self._accounted.granted({workspace.source.branch: tip.commit})

    def _adopt(self, workspace: Workspace, commit: str, text: bytes) -> None:
        self._parsed = workspace.usable(text)
        self.scope = scope_of(workspace, self._parsed)
        self._refs[workspace.source.branch] = commit
        self._read, self._text = commit, text

    def _is_only_checkpoints(self, workspace: Workspace, commit: str) -> bool:
        """Whether nothing was added but what orchestrators wrote: two of them would keep each other awake for ever."""
        git, known = workspace.source.git, self._accounted.seen.refs.get(workspace.source.branch, "")
        if not known or known == commit or not commit_of(git, known):
            return False
        added = read_log(git, "--end-of-options", f"{known}..{commit}")
        return bool(added) and all(made.id for made in added) and self._asks_for_the_same(git, known, commit)

    def _asks_for_the_same(self, git: Git, known: str, commit: str) -> bool:
        """Whether only the plan differs, and it expects the same: anybody can write an orchestrator's trailers."""
        changed = git.run("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", known, commit)
        if changed not in (b"", os.fsencode(self.plan_path) + b"\0"):
            return False
        old, new = (expected(parse(plan_at(git, each, self.plan_path) or b"")) for each in (known, commit))
        return old == new


def _file(workspace: Workspace) -> str:
    """Where it is kept what is accounted for: work trees of one repository have a store in common."""
    return os.path.join(workspace.store_folder, f"accounted-{private.file_name(workspace.source.branch)}.marshal")
