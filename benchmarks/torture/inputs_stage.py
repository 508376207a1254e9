"""Where a bad input is tried: a person's clone and its remote, a team that delivers it, and one that is healthy."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.floor import ROOT
from tests.helpers.repositories import Content, commit, content_at, git, head, make_published, write

SECONDS = 10.0
"""What a checkpoint may take, whatever it is given."""
MEMORY = 500 * 2**20
"""Bytes that it may hold at most."""
CANARY = "CANARY-7f3a91"
"""Stands in a file outside of the repository, and must be read by nobody."""
_ADDRESS_SPACE = 2 * 2**30
_KEPT = 2**26
_LIMITS = Path(__file__).with_name("inputs_limits.py")
_GITCONFIG = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"

HEAD = "---\ncheckpoint: 1\n---\n\n# Inputs\n\n<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n"
HEALTHY = """
## Team: healthy

- folder: `out/healthy`

- [ ] **H1** Show a list
  - `page.html` contains `<ul`

<!-- checkpoint:next healthy -->
<!-- /checkpoint:next -->
"""


def section(name: str, *expectations: str) -> str:
    """A team that has one task, `X-NAME`."""
    lines = "".join(f"  - {each}\n" for each in expectations)
    start = f"\n## Team: {name}\n\n- folder: `out/{name}`\n\n- [ ] **X-{name}** Deliver\n{lines}"
    return f"{start}\n<!-- checkpoint:next {name} -->\n<!-- /checkpoint:next -->\n"


PLAN = HEAD + section("bad", "`api.json` contains `paths`") + HEALTHY


class Ran(NamedTuple):
    """How a program ended: -9 where it was ended after so many seconds; `peak` in bytes."""

    status: int
    out: str
    err: str
    seconds: float
    peak: int

    @property
    def document(self) -> Any:
        """What it printed, decoded; None where that is no JSON."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None


class Stage:
    """`env` is the environment of what is run; nothing is taken over but where programs are."""

    def __init__(self, folder: Path, plan: Content = PLAN) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.outside = folder / "outside"
        write(folder, {"home/.gitconfig": _GITCONFIG, "outside/secret.txt": CANARY, "outside/inner/a.txt": CANARY})
        self.begun = plan.encode() if isinstance(plan, str) else plan
        """The plan as it was before anything happened."""
        self.work, self.remote = make_published(folder, {"plan.md": plan})
        self.where = self.work
        """Where the command runs."""
        self.notices = folder / "notices"
        self.env: dict[str, str] = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONPATH": str(ROOT),
            "CHECKPOINT_TERMINALS": "",
            "CHECKPOINT_NOTIFY": "file",
            "CHECKPOINT_NOTICE_FOLDER": str(self.notices),
        }
        self.prefix: list[str] = []
        """A program within which the command runs."""
        self.open = ExitStack()
        """What a case has started, and ends with it."""
        self.deliver({"out/healthy/page.html": "<ul><li>Emma</li></ul>\n"})

    @property
    def bad(self) -> Path:
        """The folder of the team that delivers what is bad."""
        return self.work / "out/bad"

    def deliver(self, files: Mapping[str, Content]) -> None:
        write(self.work, files)

    def commit(self, files: Mapping[str, Content]) -> str:
        made = commit(self.work, files)
        self.git("push", "-q")
        return made

    def git(self, *words: str) -> str:
        return git(self.work, *words)

    def plan(self) -> bytes | None:
        """The plan as it is published; None where there is none."""
        try:
            return os.fsencode(content_at(self.remote, "plan.md"))
        except AssertionError:
            return None

    def tip(self) -> str:
        try:
            return head(self.remote, "main")
        except AssertionError:
            return ""

    def run(self, argv: list[str], seconds: float = SECONDS) -> Ran:
        """A program within the limits, run where the person stands."""
        took, out, err = (self.folder / name for name in ("took.json", "stdout", "stderr"))
        limited = [sys.executable, "-I", str(_LIMITS), str(took), str(seconds), str(_ADDRESS_SPACE), *argv]
        with out.open("wb") as stdout, err.open("wb") as stderr:
            subprocess.run(
                limited,
                cwd=self.where,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                check=True,
            )
        found = json.loads(took.read_text())
        said, complained = (each.read_bytes()[:_KEPT].decode("utf-8", "backslashreplace") for each in (out, err))
        return Ran(found["status"], said, complained, found["seconds"], found["peak"])

    def checkpoint(self, *words: str) -> Ran:
        return self.run([*self.prefix, sys.executable, "-m", "checkpoint", *words])

    def approve(self) -> None:
        """A person approves what the plan would run."""
        self.checkpoint("approve", self.checkpoint("approve", "--json").document["digest"])

    def close(self) -> None:
        self.open.close()
        # Not by Python: what a case has made may be too deep for it.
        subprocess.run(["rm", "-rf", "--", str(self.folder)], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


Build = Callable[[Stage], None]
