"""A home with a key in it, a repository whose plan runs an approved command, and the ways to run that."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.floor import ROOT
from benchmarks.torture import command_attacks
from checkpoint.documents import Approve, Check
from tests.helpers.processes import end, running
from tests.helpers.repositories import make_repository

PLAN = """\
---
checkpoint: 1
---

# Attacked

## Team: a

- folder: `a`

- [ ] **A1** In time
  - `$ sh attack` passes within 300s
- [ ] **A2** Too late
  - `$ sh attack` passes within 1s
"""
TOO_LATE, TOO_LONG = "A2", 124
TOKEN = command_attacks.PREFIX.decode() + "5f3759df"
ENDLESS = ("daemons", "stubborn")
"""Attacks that the naive way may wait for until they end, which they do not."""
LEAVING = (*ENDLESS, "bomb")
HUNG = 6.0
"""Seconds after which it is ended then."""
_KIBIBYTES = 1024
_PAUSE = 0.01


class Ran(NamedTuple):
    """How one way ran an attack: the attack's exit status, the most memory of whoever ran it, in MiB.

    `left` counts processes that went on, `changed` names files of the repository that it wrote, `reached` is how often
    a service on this machine was.
    """

    status: int
    memory: int
    left: int
    changed: tuple[str, ...]
    reached: int


class World:
    """The repository and home below a folder, and somebody who listens on this machine."""

    def __init__(self, folder: Path) -> None:
        self.home, self.top = folder / "home", folder / "shop"
        for each in (self.home / ".ssh", self.top / "a"):
            each.mkdir(parents=True)
        (self.home / ".ssh" / "id_ed25519").write_text("a key")
        (self.top / "a" / "attacks.py").write_bytes(Path(command_attacks.__file__).read_bytes())
        make_repository(self.top, {"plan.md": PLAN})
        self._server = socket.create_server(("127.0.0.1", 0), backlog=16)
        self._server.setblocking(False)
        self._number = 0
        self.port = f"{self._server.getsockname()[1]}"
        digest = msgspec.json.decode(self.checkpoint("approve", "--json").stdout, type=Approve).digest
        self.checkpoint("approve", digest)

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *error: object) -> None:
        self._server.close()

    def checkpoint(self, *words: str) -> "subprocess.CompletedProcess[str]":
        argv = (sys.executable, "-m", "checkpoint", words[0], "-C", str(self.top), *words[1:])
        return subprocess.run(argv, cwd=ROOT, env=self.env(), capture_output=True, text=True, check=False)

    def env(self, **more: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        ours = {"HOME": str(self.home), "CHECKPOINT_TERMINALS": "", "CHECKPOINT_NOTIFY": "", "PYTHONPATH": str(ROOT)}
        return {**kept, **ours, "SLACK_TOKEN": TOKEN, "GIT_CONFIG_NOSYSTEM": "1", **more}

    def attack(self, way: "Way", name: str, *arguments: str) -> Ran:
        """Has the team deliver the attack, and runs it that way; what it left is counted, then ended."""
        self._number += 1
        word = f"torture-{os.getpid()}-{time.monotonic_ns()}-{self._number}"
        line = " ".join((sys.executable, "-I", "-S", "attacks.py", name, word, *arguments))
        (self.top / "a" / "attack").write_text(f"exec {line}\n")
        argv, env = way.words(self, name), self.env(**way.env)
        patience = HUNG if way.may_hang and name in ENDLESS else None
        status, said, memory = measured(argv, env, self.top.parent / "said", patience)
        left = settled(word) if way.may_hang and name in LEAVING else len(running(word))
        for pid in running(word):
            end(pid)
        return Ran(way.status(status, said), memory, left, self._changed(), self._reached())

    def _changed(self) -> tuple[str, ...]:
        """What stands in the repository that did not, all of it put right again."""
        plan, others = self.top / "plan.md", [self.top / "forged", self.top / "a" / "large"]
        found = [each.name for each in others if each.exists()] + (["plan.md"] if plan.read_text() != PLAN else [])
        plan.write_text(PLAN)
        for each in others:
            each.unlink(missing_ok=True)
        return tuple(found)

    def _reached(self) -> int:
        count = 0
        while True:
            try:
                self._server.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


class Way(NamedTuple):
    """A way to run a command. `words` is the program that does; `status` finds the command's in what that said."""

    name: str
    words: Callable[[World, str], tuple[str, ...]]
    status: Callable[[int, str], int]
    env: Mapping[str, str] = {}
    may_hang: bool = False


def _ours(world: World, attack: str) -> tuple[str, ...]:
    task = TOO_LATE if attack == "stubborn" else "A1"
    return (sys.executable, "-m", "checkpoint", "check", "-C", str(world.top), "--json", task)


def _naive(world: World, attack: str) -> tuple[str, ...]:
    seconds = "1" if attack == "stubborn" else "2" if attack in ENDLESS else "300"
    return (sys.executable, "-m", "benchmarks.torture.command_naive", str(world.top / "a"), seconds, "sh attack")


def judged(status: int, said: str) -> int:
    """The command's own exit status, by the verdict of `checkpoint check`. Raises ValueError where there is none."""
    teams = msgspec.json.decode(said, type=Check).report.teams
    (verdict,) = [each for team in teams for task in team.tasks for each in task.verdicts]
    if verdict.outcome == "passed":
        return 0
    found = verdict.findings[0].found
    if found == "still running, ended":
        return TOO_LONG
    kind, _, number = found.rpartition(" ")
    if verdict.outcome != "failed" or not number.isdigit():
        raise ValueError(f"{verdict.outcome}: {found}")
    return -int(number) if "signal" in kind else int(number)


SANDBOXED = Way("in bubblewrap", _ours, judged, {"CHECKPOINT_SANDBOX": "on"})
BARE = Way("without it", _ours, judged, {"CHECKPOINT_SANDBOX": "off"})
NAIVE = Way("subprocess.run", _naive, lambda status, said: status, may_hang=True)


def measured(
    argv: tuple[str, ...], env: Mapping[str, str], output: Path, seconds: float | None
) -> tuple[int, str, int]:
    """A program's status (negative for a signal), what it said, and its most memory in MiB; killed after `seconds`."""
    with output.open("wb") as file:
        process = subprocess.Popen(argv, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file)
    until = time.monotonic() + (seconds or float("inf"))
    most = 0
    while process.poll() is None:
        most = max(most, _peak(process.pid))
        if time.monotonic() > until:
            end(process.pid)
        time.sleep(_PAUSE)
    return process.returncode, output.read_text(), most // _KIBIBYTES


def _peak(pid: int) -> int:
    """The most memory of a process so far, in KiB. What `wait4` says counts the memory of whoever forked it too."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return int(text.partition("VmHWM:")[2].split()[0]) if "VmHWM:" in text else 0


def settled(word: str) -> int:
    """How many processes bear the word, once no more come: for a way that does not end them."""
    counts = [-1, len(running(word))]
    while counts[-1] != counts[-2]:
        time.sleep(0.3)
        counts.append(len(running(word)))
    return counts[-1]
