"""A plan, and everybody who is told of it: where texts from outside are shown."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from benchmarks.torture.injection_checks import Shown
from checkpoint.documents import Now
from checkpoint.notify import Means, Notice
from checkpoint.notify.slack import SlackNotifier
from checkpoint.plan.harmless import inline, printable, sentence
from checkpoint.plan.parse import parse
from checkpoint.summaries import Summaries
from checkpoint.telling import Notices
from tests.helpers.homes import at_home
from tests.helpers.scenes import local
from tests.helpers.slack_server import SlackServer
from tests.helpers.terminals import Terminal, opened_terminal
from tests.helpers.tmux_server import EVERY_FORM, FORMS, TmuxClient, TmuxServer, serving, wait_until

KEY = len("- [x] **F1**")
"""By so many characters the lines are known that have a title in them."""
COLOUR = "\x1b[38;5;201m"
LATER = 3
"""Programs that tmux runs one after the other before one that it began earlier counts as never begun."""
HARMLESS = "harmless words"
PLAN = """\
---
checkpoint: 1
---

# Shop now: {mark} {title}

## Team: frontend

- folder: `out/frontend`
- terminal: `shop:frontend`

- [x] **F1** {title}
  - `text.txt` quotes
- [x] **F2** Name
  - `names/*` quotes
- [x] **F3** Print
  - `$ cat text.txt; exit 3` passes
"""
QUOTES = '''
from collections.abc import Iterator
from checkpoint.validator import Artifact, Finding, validator

@validator("quotes")
def quotes(artifact: Artifact) -> Iterator[Finding]:
    """Quotes the whole text, and names the file."""
    found = artifact.text() if artifact.path == "text.txt" else f"`{artifact.path}`"
    yield Finding("something else", found, artifact.path, f"write something else into `{artifact.path}`")
'''


class World:
    """A plan, and everybody who is told of it."""

    def __init__(self, folder: Path, server: TmuxServer, client: TmuxClient, terminal: Terminal, slack: SlackServer):
        self.scene = local(folder, PLAN.format(mark="m", title=HARMLESS))
        self.server, self.client, self.terminal, self.slack = server, client, terminal, slack
        self.witness, self._folder, self._number = folder / "witness", folder, 0
        marks, environ = str(folder / "marks"), {"T": slack.token}
        means = Means(str(folder), marks, slack_api=slack.url, slack_token="env:T", environ=environ)
        self._slack = SlackNotifier("slack", "#plans", "", means, wait=lambda seconds: None)
        server.tmux("set-option", "-g", "@raw", f"#(touch {self.witness})")
        self.scene.deliver({"validators/quotes.py": QUOTES})
        self._deliver(HARMLESS, HARMLESS)
        self.scene.approve()

    def show(self, payload: str) -> Shown:
        """Delivers the text in every way, takes a checkpoint, and gathers what there is to see of it."""
        payload = payload.replace("WITNESS", str(self.witness))
        title = printable(payload)
        mark = self._deliver(payload, title)
        self.witness.unlink(missing_ok=True)
        before, known = self._restyled(), len(self.slack.expansions)
        taken = self.scene.now()
        for notice in self._notices(taken):
            self._slack.send(notice)
        wait_until(lambda: any(mark in message for message in self.server.messages()))
        ran = self._ran() or self._restyled() > before
        return self._shown(ran, tuple(self.slack.expansions[known:]), mark, title)

    def read(self, payload: str) -> Shown:
        """The same for a text that only a reader could act on: it is no title, and neither tmux nor Slack are asked."""
        mark = self._deliver(payload, HARMLESS)
        self.scene.now()
        return self._shown(False, (), mark, HARMLESS)

    def _shown(self, ran: bool, expanded: tuple[str, ...], mark: str, title: str) -> Shown:
        told, plan = self.terminal.received(), self.plan()
        words = told.decode("utf-8", "replace").replace("\r\n", "\n")
        said = f"{self.scene.run('next').out}\n{words}\n{plan}".replace(mark, "m")
        lines = (untitled(line, title) if "F1" in line or "Shop now: " in line else line for line in said.split("\n"))
        said = "\n".join(lines)
        return Shown(ran, told, expanded, plan, said)

    def plan(self) -> str:
        """What the checkpoint wrote: the plan without the lines that people did."""
        own = {line for line in self._written.splitlines() if line}
        return "\n".join(line for line in self.scene.plan.splitlines() if line.replace("[ ]", "[x]") not in own)

    def _deliver(self, payload: str, title: str) -> str:
        self._number += 1
        mark = f"m{self._number:04}"
        for old in (self.scene.work / "out/frontend/names").glob("*"):
            old.unlink()
        self._written = PLAN.format(mark=mark, title=title)
        mine = {line[:KEY]: line for line in self._written.splitlines() if line.startswith(("# Shop now: ", "- [x]"))}
        lines = (self.scene.work / "plan.md").read_text().splitlines()
        plan = "\n".join(mine.get(line.replace("[ ]", "[x]")[:KEY], line) for line in lines)
        name = "n " + payload.replace("/", "\u2215").replace("\0", "").encode()[:180].decode(errors="ignore")
        self.scene.deliver({"out/frontend/text.txt": payload, f"out/frontend/names/{name}": "x"})
        self.scene.commit({"plan.md": f"{plan}\n"}, "Plan")
        return mark

    def _notices(self, taken: Now) -> Iterator[Notice]:
        rows = Notices(parse(self.scene.plan.encode()), taken.report, Summaries({}), time.time()).to((self._slack,))
        yield from (msgspec.json.decode(row[3], type=Notice) for row in rows)

    def displayed(self, text: str) -> bool:
        """Whether tmux runs a text, or changes a colour for it, where it is put into the status line as it stands."""
        self.witness.unlink(missing_ok=True)
        before = self._restyled()
        self.server.tmux("set-option", "-g", "--", "status-right", text)
        acted = self._ran() or self._restyled() > before
        self.server.tmux("set-option", "-g", "status-right", FORMS)
        return acted

    def _restyled(self) -> int:
        """How often the terminal was told to use the colour that a payload asks for, and nothing else does."""
        return self.client.read().count(COLOUR)

    def _ran(self) -> bool:
        """Whether the witness is there once tmux has run what came after it, several times."""
        for _ in range(LATER):
            self._number += 1
            after = self._folder / f"after{self._number}"
            self.server.tmux("set-option", "-g", "status-left", f"#(touch {after})")
            wait_until(after.exists)
        self.server.tmux("set-option", "-g", "status-left", "")
        return self.witness.exists()


@contextmanager
def world(folder: Path) -> Iterator[World]:
    """All of it, at a home of its own, until the context ends."""
    with ExitStack() as stack:
        server, slack = stack.enter_context(serving()), stack.enter_context(SlackServer(pace=0.0))
        terminal = stack.enter_context(opened_terminal())
        server.new("shop", "frontend")
        for option, value in EVERY_FORM.items():
            server.tmux("set-option", "-g", option, value)
        client = stack.enter_context(server.attached("shop"))
        told = {"CHECKPOINT_NOTIFY": "terminal, tmux", "CHECKPOINT_TERMINALS": terminal.device}
        stack.enter_context(at_home(folder / "home", TMUX=server.environ["TMUX"], **told))
        yield World(folder, server, client, terminal, slack)


def untitled(line: str, title: str) -> str:
    """The line with another title in place of this one, in whichever form it stands there."""
    for form in sorted({title, inline(title), sentence(title)}, key=len, reverse=True):
        line = line.replace(form, "TITLE")
    return line
