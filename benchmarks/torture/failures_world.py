"""A world in which one checkpoint can be taken again and again, each time from the same state, and what becomes of it.

A plan on a remote, a clone of it where everything has been delivered, a private state, and a Slack where people are
told.
"""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT
from checkpoint.location import name_of
from tests.helpers.failing_git import FailingGit
from tests.helpers.repositories import content_at, git, head, make_published, write
from tests.helpers.scenes import ALL, API, PLAN
from tests.helpers.slack_server import SlackServer
from tests.helpers.smart_http import Behaviour
from tests.helpers.smart_http import served as http_server

SECONDS = 60.0
"""How long one run may take, whatever goes wrong, unless a test says otherwise."""
_PAUSE = 0.25
UNRECORDED = 7
STATUSES = (4, 6, UNRECORDED, 75)
"""With which a checkpoint may end that was not taken, or not recorded: retry, stalled, unrecorded, busy."""
_UNKNOWN = "it is not known whether"
_LABELS = ("error", "why", "mend")
_RAW = re.compile(r"Traceback|\[Errno|errno|sqlite3\.|Error\(|0x[0-9a-f]{6}|this is a bug")
_GITCONFIG = """[user]
\tname = Ada Lovelace
\temail = ada@example.org
[http]
\tlowSpeedTime = 1
"""


class Ended(NamedTuple):
    """How a run ended; `status` None where it had to be ended."""

    status: int | None
    err: str
    seconds: float


class Found(NamedTuple):
    """What is there afterwards: new commits on the remote, and whether the plan there is one of the two whole ones;
    whether a run has been recorded that published the newest; how many times people were told."""

    commits: int
    whole: bool
    recorded: bool
    told: int


class Way(NamedTuple):
    """A program that takes a checkpoint, and how one knows that it has noted down the commit that it published."""

    name: str
    argv: tuple[str, ...]
    journal: Callable[["World"], Path]
    question: str
    patience: float
    """Seconds within which people must have been told after the next run: one that may have arrived is looked for."""


class World:
    """Everything below one folder. `restore` takes all of it back to how it was after `prepare`."""

    def __init__(self, folder: Path, way: Way, *, first: bool = False, served: bool = False) -> None:
        """`first`: there was no checkpoint before, and nothing private is there yet. `served`: the remote, by HTTP.

        To be used as a context: servers end with it.
        """
        self._stack = ExitStack()
        self.way = way
        self.live = folder / "live"
        self.kept = folder / "kept"
        self.home = self.live / "home"
        self.slack = self._stack.enter_context(SlackServer(pace=0.0))
        self.git = FailingGit(folder)
        self.ballast: Path | None = None
        """What fills a disk."""
        self.work, self.remote = make_published(self.live, {"plan.md": PLAN, ".gitignore": "/out/\n"})
        self.server = Behaviour()
        if served:
            address, self.server = self._stack.enter_context(http_server(self.live))
            git(self.work, "remote", "set-url", "origin", f"{address}/{self.remote.name}")
            git(self.remote, "config", "http.receivepack", "true")
        self.home.mkdir()
        (self.home / ".gitconfig").write_text(_GITCONFIG)
        (self.home / "token").touch(0o600)
        (self.home / "token").write_text(self.slack.token)
        write(self.work, API)
        if not first:
            self._expect(self.run(quiet=True))
        write(self.work, ALL)
        self.keep()

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *error: object) -> None:
        self.slack.broken.clear()
        self._stack.close()

    def keep(self) -> None:
        """What `restore` will restore is how everything is now."""
        self.began = head(self.remote, "main")
        self.before = content_at(self.remote, "plan.md")
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.live, self.kept, symlinks=True)
        self._expect(self.run())
        self.after = content_at(self.remote, "plan.md")
        self.restore()

    def restore(self) -> None:
        for path in self.live.iterdir():
            _empty(path)
        shutil.copytree(self.kept, self.live, symlinks=True, dirs_exist_ok=True)
        self.slack.messages.clear()
        self.slack.requests.clear()
        self.heal()

    def heal(self) -> None:
        """From now on nothing goes wrong."""
        if self.ballast:
            self.ballast.unlink(missing_ok=True)
        self.git.fail(0, "nothing")
        self.server.fail(0, "nothing")
        self.slack.faults.clear()

    @property
    def store(self) -> Path:
        """The plan's private folder."""
        name = name_of(os.path.realpath(self.work / ".git"))
        return self.home / ".local/state/checkpoint" / name / "plans/plan.md"

    def env(self, *, quiet: bool = False) -> dict[str, str]:
        return {
            "PATH": f"{self.git.folder}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "TZ": "UTC",
            "CHECKPOINT_TERMINALS": "",
            "CHECKPOINT_NOTIFY": "" if quiet else "slack",
            "CHECKPOINT_GIT_TIMEOUT": "3s",
            "CHECKPOINT_SLACK_CHANNEL": "#plans",
            "CHECKPOINT_SLACK_TOKEN": f"file:{self.home / 'token'}",
            "CHECKPOINT_SLACK_API": self.slack.url,
            "SLACK_API": self.slack.url,
            "SLACK_TOKEN": self.slack.token,
        }

    def run(
        self,
        before: Sequence[str] = (),
        more: Mapping[str, str] | None = None,
        seconds: float = SECONDS,
        *,
        quiet: bool = False,
    ) -> Ended:
        """Takes a checkpoint, `before` standing in front of the command, with `more` variables."""
        began = time.monotonic()
        process = subprocess.Popen(
            [*before, *self.way.argv],
            cwd=self.work,
            env={**self.env(quiet=quiet), **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            _, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            _, err = process.communicate()
            return Ended(None, err.decode(errors="replace"), time.monotonic() - began)
        return Ended(process.returncode, err.decode(errors="replace"), time.monotonic() - began)

    def found(self) -> Found:
        plan = content_at(self.remote, "plan.md")
        commits = int(git(self.remote, "rev-list", "--count", f"{self.began}..main"))
        wanted = self.after if commits else self.before
        return Found(commits, plan == wanted, bool(commits) and self._is_recorded(), len(self.slack.roots))

    def settled(self) -> tuple[Ended, Found]:
        """What the next run, without a fault, makes of it: taken again until everybody has been told, or too late."""
        self.heal()
        end = time.monotonic() + self.way.patience
        first = ended = self.run()
        while (found := self.found()) != SETTLED_STATE and not ended.status and time.monotonic() < end:
            time.sleep(_PAUSE)
            ended = self.run()
        return first, found

    def _is_recorded(self) -> bool:
        path = self.way.journal(self)
        if not path.exists():
            return False
        connection = sqlite3.connect(path)
        try:
            rows = connection.execute(self.way.question).fetchall()
        except sqlite3.Error:
            return False
        finally:
            connection.close()
        return (head(self.remote, "main"),) in rows

    @staticmethod
    def _expect(ended: Ended) -> None:
        if ended.status:
            raise RuntimeError(f"without a fault: status {ended.status}, {ended.err}")


SETTLED_STATE = Found(1, True, True, 1)
"""One commit, which is whole and recorded, and people told once."""

OURS = Way(
    "ours",
    (str(Path(sys.executable).with_name("checkpoint")), "now", "--quiet"),
    lambda world: world.store / "journal.db",
    "SELECT json_extract(CAST(document AS TEXT), iif(result = 'published', '$.published', '$.base')) FROM runs"
    " WHERE result IN ('published', 'unchanged')",
    30.0,
)
NAIVE = Way(
    "naive",
    (sys.executable, str(ROOT / "benchmarks/torture/failures_naive.py")),
    lambda world: world.home / "journal.db",
    "SELECT published FROM runs",
    0.0,
)


def state(ended: Ended, found: Found) -> str:
    """`before`, `after`, or `between`.

    `unrecorded` is after, and the status says that nothing here knows of it; `unknown`, that nobody could be asked.
    """
    if ended.status not in (0, UNRECORDED, None) and found._replace(whole=True) == Found(0, True, False, 0):
        return "before" if found.whole else "between"
    if found.commits != 1 or not found.whole or found.told > 1:
        return "between"
    if ended.status == 0 and found.recorded:
        return "after"
    if ended.status == UNRECORDED:
        return "unrecorded"
    return "unknown" if ended.status == 4 and _UNKNOWN in ended.err else "between"


def complaints(ended: Ended, limit: float) -> list[str]:
    """What is wrong with how a run ended and with what it said of it."""
    if ended.status is None:
        return [f"it did not end within {limit:g} s"]
    if ended.status == 0:
        return []
    lines = [line for line in ended.err.splitlines() if line]
    labels = [line.partition(":")[0] for line in lines if not line.startswith("note:")]
    wrong = [] if ended.status in STATUSES else [f"status {ended.status}"]
    if labels not in (list(_LABELS), [_LABELS[0], _LABELS[2]]):
        wrong.append(f"no line of cause and one of mend: {ended.err[-300:]!r}")
    if _RAW.search(ended.err):
        wrong.append(f"raw words: {ended.err[-300:]!r}")
    return wrong


def _empty(path: Path) -> bool:
    """Removes what is there, and says so; of what holds a mount, all but the way to it."""
    if not path.is_dir() or path.is_symlink():
        path.unlink()
        return True
    gone = [_empty(each) for each in path.iterdir()]
    if path.is_mount() or not all(gone):
        return False
    path.rmdir()
    return True
