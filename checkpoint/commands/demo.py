"""Takes the example plan, a real repository of two teams with its own remote, through three checkpoints.

Everything lies in a new temporary folder, which stays for you to look at; nothing else is touched.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping

import msgspec

from checkpoint import DEFAULT_PLAN, process
from checkpoint.console import Console, wants_colour
from checkpoint.demonstration import FALSE_CLAIM, HALF, PERSONS_CLAIM, REST
from checkpoint.documents import Approve, Demo, Status, to_json
from checkpoint.errors import InternalError
from checkpoint.resources import example_plan


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    folder = tempfile.mkdtemp(prefix="checkpoint-demo-")
    console = Console(quiet=options.quiet or options.json)
    show = _Show(folder, console)
    show.set_up()
    taken = (show.nothing_there(), show.half_of_it(), show.all_of_it())
    show.conclude()
    if options.json:
        Console().answer(to_json(Demo(folder=folder, checkpoints=taken)))
    return 0 if taken[-1].report.is_proven else 1


class _Show:
    """The three acts. Every command is run as a user would run it, with its own private folders."""

    def __init__(self, folder: str, console: Console) -> None:
        self.folder = folder
        self.shop = os.path.join(folder, "bookshop")
        self.console = console
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CHECKPOINT_"))},
            "XDG_STATE_HOME": os.path.join(folder, "state"),
            "XDG_DATA_HOME": os.path.join(folder, "data"),
            "XDG_CONFIG_HOME": os.path.join(folder, "config"),
            "CHECKPOINT_TERMINALS": "",
            "FORCE_COLOR": "1" if wants_colour(console.stream) else "",
        }

    def set_up(self) -> None:
        self.act("A repository with its remote, and a plan for two teams")
        self.git(self.folder, "init", "-q", "--bare", "--initial-branch=main", "remote.git")
        self.git(self.folder, "init", "-q", "--initial-branch=main", "bookshop")
        self.git(self.shop, "config", "user.name", "Ada")
        self.git(self.shop, "config", "user.email", "ada@example.org")
        self.git(self.shop, "remote", "add", "origin", os.path.join(self.folder, "remote.git"))
        self.write({DEFAULT_PLAN: example_plan()})
        self.commit("Plan the bookshop")
        self.git(self.shop, "push", "-q", "-u", "origin", "main")
        self.shown("lint")
        shown = msgspec.json.decode(self.checkpoint("approve", "--json"), type=Approve)
        self.shown("approve", shown.digest)

    def nothing_there(self) -> Status:
        self.act("First checkpoint: nothing has been delivered")
        taken = self.now()
        self.shown("next", "backend")
        return taken

    def half_of_it(self) -> Status:
        self.act(f"Second: half of it, one file broken, one fake, and {FALSE_CLAIM} ticked with nothing there")
        self.write(HALF)
        self.tick(FALSE_CLAIM, PERSONS_CLAIM)
        self.commit("Report progress")
        self.git(self.shop, "push", "-q")
        taken = self.now()
        self.shown("next", "backend")
        self.shown("next", "frontend")
        return taken

    def all_of_it(self) -> Status:
        self.act("Third: all of it")
        self.write(REST)
        taken = self.now()
        self.shown("status")
        return taken

    def conclude(self) -> None:
        self.act("What the remote holds")
        remote = os.path.join(self.folder, "remote.git")
        self.console.say(self.git(remote, "log", "--format=%h %an: %s", "main").rstrip())
        self.console.say(f"\nLook around in {self.folder}")

    def act(self, title: str) -> None:
        self.console.say(f"\n{self.console.paint('strong', '── ' + title + ' ──')}")

    def now(self) -> Status:
        self.shown("now")
        return msgspec.json.decode(self.checkpoint("status", "--json"), type=Status)

    def shown(self, *arguments: str) -> None:
        self.console.say(f"$ checkpoint {' '.join(arguments)}")
        self.console.say(self.checkpoint(*arguments).decode().rstrip())

    def checkpoint(self, *arguments: str) -> bytes:
        # -P: a folder named `checkpoint` where this runs must not be taken for the package.
        argv = [sys.executable, "-P", "-m", "checkpoint", arguments[0], "-C", self.shop, *arguments[1:]]
        result = process.run(argv, env=self.environment, seconds=120)
        if result.status not in (0, 5):
            said = (result.stdout + result.stderr).decode(errors="replace")
            raise InternalError(f"`checkpoint {arguments[0]}` failed", why=said)
        return result.stdout

    def git(self, folder: str, *arguments: str) -> str:
        result = process.run(["git", "-C", folder, *arguments], env=self.environment, seconds=60)
        if result.status:
            raise InternalError(f"`git {arguments[0]}` failed", why=result.stderr.decode(errors="replace"))
        return result.stdout.decode()

    def write(self, files: Mapping[str, str]) -> None:
        for path, text in files.items():
            target = os.path.join(self.shop, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w", encoding="utf-8") as file:
                file.write(text)

    def tick(self, *tasks: str) -> None:
        with open(os.path.join(self.shop, DEFAULT_PLAN), encoding="utf-8") as file:
            text = file.read()
        for task in tasks:
            text = text.replace(f"[ ] **{task}**", f"[x] **{task}**")
        self.write({DEFAULT_PLAN: text})

    def commit(self, message: str) -> None:
        self.git(self.shop, "add", DEFAULT_PLAN)
        self.git(self.shop, "commit", "-q", "-m", message)
