"""The branch that a plan is on: where it is pulled from and published to.

Apart from the rest of a run, so that a fetch can be under way while the rest is imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property

from checkpoint import private
from checkpoint.config import Configuration
from checkpoint.configuration import read_configuration
from checkpoint.errors import CheckpointError
from checkpoint.git.checkout import Checkout, open_checkout
from checkpoint.git.held_index import locks
from checkpoint.git.source import Source
from checkpoint.git.sources import open_source
from checkpoint.lazy import load
from checkpoint.place import Place
from checkpoint.store.lock import locked


class Branch(Place):
    """The plan's branch, its remote, and how both are configured; each part is opened when it is first asked for."""

    def __init__(self, directory: str, plan: str | None, publish_branch: str | None = None) -> None:
        """`publish_branch` is what the command line says of the option of that name; None where it says nothing."""
        super().__init__(directory, plan)
        self._publish_branch = publish_branch
        self.was_mended = False
        """Whether a run that was killed had begun to change the person's repository, and was put right."""

    @cached_property
    def configuration(self) -> Configuration:
        given = {"plan": self.plan_path, "publish-branch": self._publish_branch}
        return read_configuration(self.top, os.environ, given)

    @cached_property
    def checkout(self) -> Checkout:
        chosen = self.configuration
        wanted = {"remote": chosen.remote, "branch": chosen.branch}
        return open_checkout(self.location, os.environ, **wanted, folder=self.state)

    @cached_property
    def source(self) -> Source:
        chosen = self.configuration
        return open_source(self.checkout, self.store_folder, chosen.git_timeout, chosen.publish_branch)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the plan for one run, a fetch under way. Raises Busy where another run has it for too long."""
        private.make_folder(self.store_folder)
        with locked(os.path.join(self.store_folder, "lock"), self.configuration.lock_wait):
            self.source.begin_fetch()
            try:
                self._mend()
                yield
            finally:
                self.source.close()

    def _mend(self) -> None:
        """Puts right what a run that was killed has left in the person's repository: then there is a lock of it."""
        if any(map(os.path.lexists, locks(self.checkout))):
            with suppress(CheckpointError):  # the lock is given back, and no checkpoint fails for it
                self.was_mended = load("checkpoint.git.left_behind").mend(self.checkout)
