"""One byte of an approved command changed, a different one each time: is it still executed?

Wherever that byte is, an execution is seen: the command writes two files, and no one byte keeps it from both.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.floor import ROOT
from checkpoint.documents import Approve
from tests.helpers.repositories import commit, make_repository

COMMAND = (
    "echo ran >> ../ran-1; : each of these bytes is as good as any other, and all are approved; echo ran >> ../ran-2"
)
NOT_APPROVED = 5
_PLAN = """\
---
checkpoint: 1
---

# Changed

## Team: a

- folder: `a`

- [ ] **A1** Run
  - `$ COMMAND` passes
"""


class Counted(NamedTuple):
    """Of so many changed commands: those that were executed, and how those ended that were not refused (status 5).

    `approved` is whether the approved command is executed, before and once more after it was approved anew.
    """

    changed: int
    executed: int
    ended: tuple[int, ...]
    approved: bool


class Repository:
    """A repository whose plan runs one command; without a sandbox, so that whatever it does is seen."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "shop"
        (self.top / "a").mkdir(parents=True)
        (self.top / "a" / "file").write_text("x")
        (folder / "home").mkdir()
        make_repository(self.top, {"plan.md": _PLAN.replace("COMMAND", COMMAND)})
        self._env = _environment(folder / "home")

    def checkpoint(self, *words: str) -> "subprocess.CompletedProcess[str]":
        argv = (sys.executable, "-m", "checkpoint", words[0], "-C", str(self.top), *words[1:])
        return subprocess.run(argv, cwd=ROOT, env=self._env, capture_output=True, text=True, check=False)

    def now(self) -> int:
        return self.checkpoint("now", "--quiet", "--exit-code").returncode

    def naive(self) -> None:
        """Runs what the plan says, which is what it says now."""
        text = (self.top / "plan.md").read_text()
        command = text.partition("  - `$ ")[2].partition("` passes")[0]
        subprocess.run(command, shell=True, cwd=self.top / "a", capture_output=True, timeout=60, check=False)

    def approve(self) -> None:
        digest = msgspec.json.decode(self.checkpoint("approve", "--json").stdout, type=Approve).digest
        self.checkpoint("approve", digest)

    def say(self, command: str) -> None:
        """Somebody commits a plan with that command."""
        before, _, rest = (self.top / "plan.md").read_text().partition("  - `$ ")
        text = f"{before}  - `$ {command}` passes{rest.partition('` passes')[2]}"
        commit(self.top, {"plan.md": text}, "Change the plan")

    def has_run(self) -> bool:
        """Whether a command has written anything since this was last asked."""
        written = [path for path in self.top.iterdir() if path.name not in (".git", "a", "plan.md")]
        written += [path for path in (self.top / "a").iterdir() if path.name != "file"]
        for path in written:
            path.unlink()
        return bool(written)


def changed(command: str, place: int) -> str:
    """The command with another letter at that place."""
    return f"{command[:place]}{'y' if command[place] == 'x' else 'x'}{command[place + 1 :]}"


def count_ours(repository: Repository, places: range) -> Counted:
    """A checkpoint for each changed byte; the command is approved before, and once more afterwards."""
    repository.approve()
    before = repository.now() == 0 and repository.has_run()
    executed, ended = 0, []
    for place in places:
        repository.say(changed(COMMAND, place))
        ended.append(repository.now())
        executed += repository.has_run()
    repository.approve()
    after = repository.now() == 0 and repository.has_run()
    others = tuple(status for status in ended if status != NOT_APPROVED)
    return Counted(len(places), executed, others, before and after)


def count_naive(repository: Repository, places: range) -> int:
    executed = 0
    for place in places:
        repository.say(changed(COMMAND, place))
        repository.naive()
        executed += repository.has_run()
    return executed


def _environment(home: Path) -> Mapping[str, str]:
    person = {f"GIT_{role}_{part}": "a@b" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    ours = {"HOME": str(home), "CHECKPOINT_TERMINALS": "", "CHECKPOINT_NOTIFY": "", "CHECKPOINT_SANDBOX": "off"}
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "GIT_CONFIG_NOSYSTEM": "1", **person, **ours}
