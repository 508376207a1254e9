"""Teams whose folders are watched by `checkpoint serve` and by a bare loop of watchfiles, and what both make of them.

A team is done when its proof says so. What is so is read from the disk; what the server found, from the plan on the
remote; what the loop believes, from the file that it keeps.
"""

import json
import mmap
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.floor import ROOT
from benchmarks.serving.process import Serving
from tests.helpers.process_trees import until
from tests.helpers.scenes import Scene, published

FLOODED = tuple(f"flooded-{number}" for number in range(8))
PARTS = "parts"
"""A folder of each flooded team that is there, and watched, before the flood."""
PROVEN = ("anew", "moved", "linked", "memory")
"""The teams that are done when it begins."""
PROOFS = {
    **dict.fromkeys(FLOODED, "late/proof.txt"),
    **dict.fromkeys(PROVEN, "proof.txt"),
    "deep": "d199/a/b/c/proof.txt",
}
"""Each team with its proof, relative to its folder."""
DONE, NOT_YET = "done\n", "wait\n"
_HEAD = "---\ncheckpoint: 1\n---\n\n# Watched\n"
_TEAM = "\n## Team: {0}\n\n- folder: `{1}`\n\n- [ ] **T{2}** Deliver\n  - `{3}` contains `done`\n"
_BOX = re.compile(r"^- \[(.)\] \*\*T(\d+)\*\*", re.MULTILINE)
_PROGRAM = Path(sys.executable).with_name("checkpoint")


class Watched:
    """The teams' folders: all in the repository but `linked`, which is a link to one of two releases beside it."""

    def __init__(self, folder: Path) -> None:
        self.top = folder / "work" / "out"
        self.releases = folder / "releases"
        for name in ("1", "2"):
            (self.releases / name).mkdir(parents=True)
        (self.releases / "current").symlink_to("1")
        teams = (_TEAM.format(team, self._named(team), number, proof) for number, (team, proof) in _numbered())
        self.scene: Scene = published(folder, _HEAD + "".join(teams))
        (self.scene.work / ".git/info/exclude").write_text("/out/\n")
        for team in PROOFS:
            self.folder(team).mkdir(parents=True, exist_ok=True)
        for team in FLOODED:
            (self.folder(team) / PARTS).mkdir()
        for team in PROVEN:
            self.proof(team).write_text(DONE)
        with self.proof("memory").open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 0)
            """The proof of `memory`, kept open: to close it would be an event."""
        self.scene.approve()

    def folder(self, team: str) -> Path:
        return self.releases / "current" if team == "linked" else self.top / team

    def proof(self, team: str) -> Path:
        return self.folder(team) / PROOFS[team]

    def done(self) -> frozenset[str]:
        """The teams whose proof says so, as it lies on the disk now."""
        return frozenset(team for team in PROOFS if _says_done(self.proof(team)))

    def found(self) -> frozenset[str]:
        """The teams that are done as the plan on the remote has it."""
        ticked = {int(number) for mark, number in _BOX.findall(self.scene.plan) if mark != " "}
        return frozenset(team for number, (team, _) in _numbered() if number in ticked)

    def _named(self, team: str) -> str:
        return str(self.folder(team)) if team == "linked" else f"out/{team}"


def _numbered() -> list[tuple[int, tuple[str, str]]]:
    return list(enumerate(PROOFS.items(), 1))


def _says_done(file: Path) -> bool:
    try:
        return "done" in file.read_text()
    except OSError:
        return False


class Server:
    """`checkpoint serve` at work."""

    def __init__(self, scene: Scene, folder: Path, env: Mapping[str, str] | None = None) -> None:
        self._serving = Serving(_PROGRAM, scene.work, {**os.environ, **(env or {})}, folder / "serve.log")

    def start(self) -> None:
        self._serving.start()
        until(lambda: bool(self.checkpoints), "it has looked for the first time")

    @property
    def pid(self) -> int:
        return self._serving.pid

    @property
    def checkpoints(self) -> list[dict[str, Any]]:
        """What it has said of each checkpoint so far."""
        return [each.document for each in tuple(self._serving.said) if each.document["event"] == "checkpoint"]

    def kill(self) -> None:
        if self._serving.runs:
            self._serving.kill()


class Loop:
    """A program of ours that watches, and keeps a file."""

    def __init__(self, module: str, file: Path, *folders: Path) -> None:
        self.file = file
        words = [sys.executable, "-m", f"benchmarks.torture.{module}", str(file), *map(str, folders)]
        self._process = subprocess.Popen(words, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
        until(file.exists, "it has begun")

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def told(self) -> int:
        """How many paths it was told of."""
        return int(json.loads(self.file.read_text())["told"])

    def found(self, watched: Watched) -> frozenset[str]:
        """The teams that are done as it believes; of a link, by whatever name it was told of it."""
        done = json.loads(self.file.read_text())["done"]
        names = {str(watched.proof(team)): team for team in PROOFS}
        names |= {str(watched.releases / name / PROOFS["linked"]): "linked" for name in ("1", "2")}
        return frozenset(names[path] for path in done if path in names)
