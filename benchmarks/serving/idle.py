"""What it costs to wait: servers with nothing to do, a bare watcher and a bare interpreter, all at the same time."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from benchmarks.serving.process import served
from benchmarks.serving.scene import NEVER_SOON, Scene

LIMIT = 0.005
"""Of one core."""
_SETTLE = 20.0
_BARE_WATCH = "import sys, watchfiles\nfor changes in watchfiles.watch(*sys.argv[1:]): pass"
_BARE_SLEEP = "import time\ntime.sleep(86400)"
_TICKS = os.sysconf("SC_CLK_TCK")


class Idle(NamedTuple):
    """Seconds of CPU that a process and all of its children took, in so many seconds on the wall."""

    name: str
    cpu: float
    wall: float
    limit: float | None = None

    @property
    def share(self) -> float:
        return self.cpu / self.wall

    @property
    def is_met(self) -> bool:
        return self.limit is None or self.share <= self.limit


def measure(folder: Path, program: Path, told: Mapping[str, str], seconds: float) -> list[Idle]:
    """`told` are the variables by which there is somebody to tell."""
    with ExitStack() as stack:
        pids: dict[str, int] = {}
        for name, options in (("`checkpoint serve`", ()), ("`checkpoint serve --no-watch`", ("--no-watch",))):
            scene = Scene(folder / f"idle{len(pids)}", program, NEVER_SOON)
            log = scene.folder / "serve.log"
            serving = stack.enter_context(served(program, scene.work, {**scene.env, **told}, log, *options))
            pids[name] = serving.pid
        teams = [str(team) for team in sorted((scene.work / "out").iterdir())]
        for name, words in (("a bare loop of watchfiles", (_BARE_WATCH, *teams)), ("`time.sleep`", (_BARE_SLEEP,))):
            process = subprocess.Popen([sys.executable, "-c", *words])
            stack.callback(process.wait)
            stack.callback(process.kill)
            pids[name] = process.pid
        time.sleep(_SETTLE)
        began, before = time.monotonic(), {name: _spent(pid) for name, pid in pids.items()}
        time.sleep(seconds)
        wall = time.monotonic() - began
        return [
            Idle(name, _spent(pid) - before[name], wall, LIMIT if "serve" in name else None)
            for name, pid in pids.items()
        ]


def _spent(pid: int) -> float:
    """Seconds of CPU of a process, and of all children that it has waited for, threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS
