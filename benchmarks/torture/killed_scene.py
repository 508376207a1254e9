"""Where checkpoints are killed: a person's clone, a remote on the disk, behind HTTP or none, and people who are told.

In each step the person edits the plan's title and publishes it, and the teams deliver another state than before; so
there is exactly one commit to be made for it, and one notice to be told.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Final, Literal, TypeAlias

from benchmarks.floor import ROOT
from benchmarks.torture.states import STATES, deliver, plan_text
from checkpoint.location import name_of
from tests.helpers.killing import DistantSlack
from tests.helpers.process_trees import Tree
from tests.helpers.repositories import commit, git, head, make_published, make_repository

Kind: TypeAlias = Literal["disk", "HTTP", "none"]
KINDS: Final[tuple[Kind, ...]] = ("disk", "HTTP", "none")

_KEPT = ("PATH", "LANG")
_GITCONFIG = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n"
_TITLE = "# Shop"
_PROSE = "## Appendix\n\n" + "It is agreed that nothing of this is lost, whatever happens to whom.\n\n" * 400
_OTHERS = {f"library/part{number:03}.txt": f"part {number}\n" * 40 for number in range(150)}


def title(step: int) -> str:
    return f"{_TITLE}: step {step}/999"


def state(step: int) -> int:
    """What the teams have delivered by then: never nothing, and never the same in two steps on end."""
    return 1 + step * 37 % (int(STATES) - 1)


class Scene:
    """A clone, where it is published (`where`), and all that is private to the person: `home` and `env`."""

    def __init__(self, folder: Path, kind: Kind, address: str, slack: DistantSlack) -> None:
        self.kind = kind
        self.slack = slack
        self.step = 0
        self.home = folder / "home"
        self.notices = folder / "notices"
        self.log = folder / "said.txt"
        files = {"plan.md": f"{plan_text()}\n{_PROSE}", ".gitignore": "/out/\n", **_OTHERS}
        if kind == "none":
            self.work = self.where = make_repository(folder / "work", files)
        else:
            self.work, self.where = make_published(folder, files)
        git(self.where, "symbolic-ref", "HEAD", "refs/heads/main")
        if kind == "HTTP":
            git(self.work, "remote", "set-url", "origin", f"{address}/{folder.name}/remote.git")
        self.env = self._environment(folder)
        self.before = head(self.work)
        """The person's own newest commit."""

    def _environment(self, folder: Path) -> dict[str, str]:
        self.home.mkdir()
        (self.home / ".gitconfig").write_text(_GITCONFIG)
        token = folder / "token"
        token.touch(0o600)
        token.write_text(self.slack.token)
        return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"),
            "GIT_TERMINAL_PROMPT": "0",
            "CHECKPOINT_TERMINALS": "",
            "CHECKPOINT_NOTIFY": "file, slack",
            "CHECKPOINT_NOTICE_FOLDER": str(self.notices),
            "CHECKPOINT_SLACK_CHANNEL": "#plans",
            "CHECKPOINT_SLACK_TOKEN": f"file:{token}",
            "CHECKPOINT_SLACK_API": self.slack.url,
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
        }

    @property
    def has_remote(self) -> bool:
        return self.where != self.work

    @property
    def store(self) -> Path:
        """The plan's private store."""
        return self.home / ".local/state/checkpoint" / name_of(str(self.work / ".git")) / "plans/plan.md"

    def begin_step(self) -> None:
        """The person takes over what there is, edits the plan and publishes it; the teams deliver."""
        self.step += 1
        if self.has_remote:
            git(self.work, "pull", "-q", "--ff-only", env=self.env)
        text = (self.work / "plan.md").read_text()
        old = next(line for line in text.splitlines() if line.startswith(_TITLE))
        self.before = commit(self.work, {"plan.md": text.replace(old, title(self.step), 1)}, title(self.step))
        if self.has_remote:
            git(self.work, "push", "-q", env=self.env)
        deliver(self.work, state(self.step))

    def forget(self) -> None:
        """Makes the next run the first one here: no private clone, no journal."""
        shutil.rmtree(self.store, ignore_errors=True)

    def start(self, argv: tuple[str, ...]) -> Tree:
        return Tree((sys.executable, *argv), self.work, self.env, self.log)
