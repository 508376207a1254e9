"""Where a server is tried: a plan on a bare remote, two people's clones of it, and the places where people are told.

The server serves the clone of the first person, who delivers there as well; the second one has only the remote. They
are told in a pane of a tmux session, in a terminal that looks at this session, in files, and in a Slack.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.floor import ROOT
from checkpoint.demonstration import HALF
from checkpoint.location import name_of
from checkpoint.store import Store
from tests.helpers.repositories import clone, git, make_published, write
from tests.helpers.tmux_server import TmuxClient, TmuxServer, serving

CHANNELS = ("file", "terminal", "tmux", "slack")
EVERY_MINUTE = "* * * * *"
NEVER_SOON = "0 4 1 1 *"
PEOPLE = ("Ada", "Grace")
_TERMINALS = {"- agent: `claude`": "shop:backend", "- agent: `codex`": "shop:frontend"}
"""Where the teams of the example plan sit, by the line that it stands behind."""
_KEPT = ("PATH", "LANG")
_TOKEN = "xoxb-1-good"


def plan_text(schedule: str) -> str:
    """The example plan with a schedule, the teams' terminals, and room for what people write down."""
    text = (ROOT / "plan.example.md").read_text()
    for line, terminal in _TERMINALS.items():
        text = text.replace(line, f"{line}\n- terminal: `{terminal}`")
    head, rule, body = text.partition("\n---\n")
    notes = "".join(f"\n## Notes of {person}\n\n" for person in PEOPLE)
    return f'{head}\nschedule: "{schedule}"\ntimezone: Europe/Berlin{rule}{body}{notes}'


class Scene:
    """A plan with half of it delivered, approved for this home, and an environment in which nobody is told."""

    def __init__(self, folder: Path, program: Path, schedule: str) -> None:
        self.folder = folder
        self.program = program
        home = folder / "home"
        home.mkdir(parents=True)
        self.env = {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "TZ": "UTC",
            "CHECKPOINT_TERMINALS": "",
            "CHECKPOINT_NOTIFY": "",
        }
        git(home, "config", "--global", "user.name", "Checkpoint", env=self.env)
        git(home, "config", "--global", "user.email", "checkpoint@example.org", env=self.env)
        self.work, self.remote = make_published(folder, {"plan.md": plan_text(schedule), ".gitignore": "/out/\n"})
        self.colleague = clone(self.remote, folder / "colleague")
        write(self.work, HALF)
        digest = json.loads(self.checkpoint("approve", "--json", status=5))["digest"]
        self.checkpoint("approve", digest)

    def checkpoint(self, *words: str, status: int = 0) -> str:
        """What a command prints. Raises RuntimeError where it does not end as it should."""
        done = subprocess.run(
            [self.program, *words], cwd=self.work, env=self.env, capture_output=True, text=True, check=False
        )
        if done.returncode != status:
            raise RuntimeError(f"checkpoint {' '.join(words)}: status {done.returncode}, {done.stderr}")
        return done.stdout

    @contextmanager
    def store(self) -> Iterator[Store]:
        """A copy of the plan's private store: to open the one that is in use could change it."""
        name = name_of(str(self.work / ".git"))
        journal = self.folder / "home/.local/state/checkpoint" / name / "plans/plan.md/journal.db"
        with tempfile.TemporaryDirectory(prefix="checkpoint-") as folder:
            Path(folder, "journal.db").touch(0o600)
            with closing(sqlite3.connect(journal)) as source, closing(sqlite3.connect(f"{folder}/journal.db")) as copy:
                source.backup(copy)
            with Store(folder) as store:
                yield store


class Slack:
    """A Slack in a process of its own, and all that was ever said in it."""

    def __init__(self, folder: Path) -> None:
        words = [sys.executable, "-m", "tests.helpers.slack_server", "0", str(folder / "slack.jsonl")]
        self._process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().split()[1]
        self._journal = folder / "slack.jsonl"

    def fail(self, faults: Sequence[tuple[str, str, float]]) -> None:
        """What goes wrong with the next requests, one each; see `tests.helpers.slack_answers.Fault`."""
        where = self.url.replace("/api/", "/faults")
        urllib.request.urlopen(where, json.dumps(faults).encode(), timeout=10).close()

    def revisions(self) -> list[dict[str, Any]]:
        """Every message and every edit, in the order of time."""
        return [json.loads(line) for line in self._journal.read_text().splitlines()]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()


class Audience:
    """Who is told: a pane, a terminal that looks at its session, a folder, a channel of Slack."""

    def __init__(self, folder: Path, tmux: TmuxServer, client: TmuxClient, slack: Slack) -> None:
        self.tmux = tmux
        self.slack = slack
        self.client = client
        self.notices = folder / "notices"
        self.pane = tmux.tmux("display-message", "-p", "-t", "shop:backend", "#{pane_id}")
        terminal = tmux.tmux("display-message", "-p", "-t", self.pane, "#{pane_tty}")
        Path(terminal).chmod(0o620)  # as `mesg y` does
        token = folder / "token"
        token.touch(0o600)
        token.write_text(_TOKEN)
        self.env = {
            "CHECKPOINT_NOTIFY": ", ".join(CHANNELS),
            "CHECKPOINT_NOTICE_FOLDER": str(self.notices),
            "CHECKPOINT_TERMINALS": terminal,
            "CHECKPOINT_SLACK_CHANNEL": "#plans",
            "CHECKPOINT_SLACK_TOKEN": f"file:{token}",
            "CHECKPOINT_SLACK_API": slack.url,
            "TMUX": tmux.environ["TMUX"],
        }

    def on_the_pane(self) -> list[str]:
        """Every line that the pane has shown."""
        return [line.rstrip() for line in self.tmux.tmux("capture-pane", "-pJ", "-S", "-", "-t", self.pane).split("\n")]

    def in_the_status_line(self) -> str:
        """What the session's status line can show of the last checkpoint."""
        return self.tmux.option("@checkpoint", "-t", "shop")


@contextmanager
def audience(folder: Path) -> Iterator[Audience]:
    """A tmux server and a Slack, which end with the context. Nothing that they were told is forgotten before."""
    with ExitStack() as stack:
        tmux = stack.enter_context(serving())
        tmux.new("first")
        tmux.tmux("set-option", "-g", "history-limit", "200000")
        tmux.new("shop", "backend")
        tmux.tmux("new-window", "-d", "-t", "shop:", "-n", "frontend", "cat")
        tmux.tmux("kill-session", "-t", "first")
        client = stack.enter_context(tmux.attached("shop"))
        slack = Slack(folder)
        stack.callback(slack.close)
        yield Audience(folder, tmux, client, slack)
