"""A repository without a remote: objects go into it, and the branch moves by compare-and-swap."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from checkpoint.errors import PublishError, Stalled
from checkpoint.git.checkout import Checkout, commit_of
from checkpoint.git.command import Git
from checkpoint.git.failures import LostRace
from checkpoint.git.publish import make_commit
from checkpoint.git.refs import Moved, move
from checkpoint.git.source import Tip, idle, read_tip
from checkpoint.git.status import begin_status
from checkpoint.location import keeps_refs_in_files, read_ref
from checkpoint.process import Running


class Local:
    """The person's own branch as the `Source`; its index and work tree are not touched here."""

    is_remote = False
    aside = ""

    def __init__(self, checkout: Checkout) -> None:
        self._checkout = checkout
        self.git: Git = checkout.git
        self.branch = checkout.branch
        self.where = self.read_at = f"{checkout.branch} (no remote)"

    def begin_fetch(self) -> None:
        """Nothing to fetch."""

    def close(self) -> None:
        """Nothing to end."""

    def tip(self, plan_path: str) -> Tip:
        commit = self._commit(self.branch)
        if not commit:
            mend = f"git add {plan_path} && git commit"
            raise Stalled(f"{self.branch} has no commit yet", why="the plan must be committed", mend=mend)
        return read_tip(self.git, commit, plan_path)

    def newest(self, branches: Iterable[str]) -> dict[str, str]:
        return {branch: self._commit(branch) for branch in branches}

    def look(self) -> None:
        """Nothing to wait for meanwhile."""

    def looked(self) -> Running:
        return begin_status(self._checkout)

    def publish(
        self, tip: Tip, plan_path: str, content: bytes, message: str, meanwhile: Callable[[], object] = idle
    ) -> str:
        commit = make_commit(self.git, self._checkout, tip, plan_path, content, message)
        meanwhile()
        moved = move(self._checkout, f"refs/heads/{self.branch}", commit, tip.commit, f"checkpoint: {plan_path}")
        if moved is Moved.OTHER:
            raise LostRace("somebody else committed first", mend="render on the new tip and publish again")
        if moved is Moved.LOCKED:
            why = (
                "another git command is at work on it, or was killed and has left its lock: `.lock` in .git/refs/heads"
            )
            raise PublishError(f"{self.branch} could not be moved", why=why, mend="try again; if it stays, remove it")
        return commit

    def _commit(self, branch: str) -> str:
        location, ref = self._checkout.location, f"refs/heads/{branch}"
        return read_ref(location.common_folder, ref) if keeps_refs_in_files(location) else commit_of(self.git, ref)
