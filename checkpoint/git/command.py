"""One repository, and git run in it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from checkpoint.errors import PublishError
from checkpoint.git import failures
from checkpoint.git.reader import Reader
from checkpoint.process import LIMIT, Result, Running, start

SECONDS = 60.0
NETWORK_SECONDS = 120.0
_BARE = "--git-dir"


class Git:
    """git in one repository. `where` is `("-C", top)` or `("--git-dir", folder)`; `env` from environment().

    `cwd` is where relative paths of the person's configuration count from, such as that of a key. The descriptors
    `held` are open in every command too, so that whoever looks knows that it is still at work.

    A private clone has a `reader`, one process for all that is read from it, which `close` ends.
    """

    def __init__(
        self, where: tuple[str, str], env: Mapping[str, str], cwd: str | None = None, held: tuple[int, ...] = ()
    ) -> None:
        self.where = where
        self.env = env
        self.cwd = cwd
        self.held = held
        self.reader = Reader(where[1], env) if where[0] == _BARE else None

    @property
    def objects(self) -> str:
        """The folder of its objects, where that is known without asking; else empty."""
        return os.path.join(self.where[1], "objects") if self.where[0] == _BARE else ""

    def close(self) -> None:
        """Ends what goes on between two commands."""
        if self.reader is not None:
            self.reader.close()

    def start(self, *arguments: str, data: bytes = b"", seconds: float = SECONDS, limit: int = LIMIT) -> Running:
        """Starts a command. What a user or a file can choose stands after `--end-of-options` or `--`."""
        argv = ("git", *self.where, *arguments)
        return start(argv, cwd=self.cwd, env=self.env, input=data, seconds=seconds, limit=limit, held=self.held)

    def try_run(self, *arguments: str, data: bytes = b"", seconds: float = SECONDS, limit: int = LIMIT) -> Result:
        """Runs a command whose bad status is an answer."""
        return self.start(*arguments, data=data, seconds=seconds, limit=limit).wait()

    def run(self, *arguments: str, data: bytes = b"", seconds: float = SECONDS, limit: int = LIMIT) -> bytes:
        """A command's output. Raises a CheckpointError that holds git's words where it fails."""
        return output(self.try_run(*arguments, data=data, seconds=seconds, limit=limit), arguments[0])

    def text(self, *arguments: str, data: bytes = b"") -> str:
        """The one line that a command prints."""
        return os.fsdecode(self.run(*arguments, data=data)).strip()


def _ended(status: int) -> str:
    """What there is to say of a program that ended without a word."""
    return f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"


def output(result: Result, command: str) -> bytes:
    """The output of a command that has ended. Raises a CheckpointError where it failed, or said more than is kept."""
    what = f"git {command} failed"
    if result.timed_out:
        raise PublishError(f"git {command} did not end within {result.seconds:.0f} s", mend="try again later")
    if result.status:
        raise failures.failed(what, os.fsdecode(result.stderr) or _ended(result.status))
    if result.truncated:
        raise PublishError(what, why="its output is too large", mend="make the file or folder smaller")
    return result.stdout
