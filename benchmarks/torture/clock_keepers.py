"""Who keeps an hourly schedule by a clock that is set while they run: `checkpoint serve`, and APScheduler as it is.

Both are processes of their own. Whether and for which hour they ran is not what they say: it is read from the remote's
commits and the journal, and from the moments that APScheduler's job has written down.
"""

import calendar
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from benchmarks.floor import ROOT
from benchmarks.serving.process import Serving
from benchmarks.torture.states import deliver, plan_text
from tests.helpers.fake_clock import FakeClock, forget
from tests.helpers.process_trees import until
from tests.helpers.repositories import git
from tests.helpers.scenes import Scene, published

HOURLY = "0 * * * *"
HOUR = 3600.0
_SLOT = "cron:%Y-%m-%dT%H:%MZ"
_TRAILERS = "%(trailers:key=Checkpoint-Slot,valueonly,separator=%x20)"


class Keeper(Protocol):
    """Keeps the schedule from its start on. `is_ours` says whether the promise is about it."""

    name: str
    is_ours: bool

    def start(self) -> None:
        """Returns when it is at work."""

    def kill(self) -> None:
        """At once, by SIGKILL."""

    def send(self, number: int) -> None:
        """Sends it a signal."""

    def deliver(self) -> None:
        """Makes its next run one that has something to publish."""

    def has_run(self, hour: float) -> bool:
        """Whether it says that it has run for that hour."""

    def runs(self) -> Counter[float]:
        """How often it has run for each hour; -1 counts what was published without a run, or by two of them."""


class Ours:
    """`checkpoint serve` in a scene of its own."""

    is_ours = True

    def __init__(self, folder: Path, clock: FakeClock, *options: str, env: Mapping[str, str] | None = None) -> None:
        self.name = " ".join(("checkpoint serve", *options))
        self._scene = scheduled(folder)
        self._state = 0
        program = Path(sys.executable).with_name("checkpoint")
        environment = {**os.environ, **clock.env, **(env or {})}
        self._serving = Serving(program, self._scene.work, environment, folder / "serve.log", *options)

    def start(self) -> None:
        before = len(self._serving.said)
        self._serving.start()
        until(lambda: any(each.document["event"] == "serving" for each in self._serving.said[before:]), "it serves")

    def kill(self) -> None:
        if self._serving.runs:
            self._serving.kill()
            forget(self._serving.pid)

    def send(self, number: int) -> None:
        os.kill(self._serving.pid, number)

    def deliver(self) -> None:
        self._state += 1
        deliver(self._scene.work, self._state)

    def has_run(self, hour: float) -> bool:
        slot = time.strftime(_SLOT, time.gmtime(hour))
        said = (each.document for each in tuple(self._serving.said))
        return any(each["event"] == "checkpoint" and each["slot"] == slot for each in said)

    def runs(self) -> Counter[float]:
        taken = [each for each in self._scene.json("log").checkpoints if each.trigger == "cron"]
        kept = Counter(_moment(each.slot) for each in taken if each.result in ("published", "unchanged"))
        made = Counter(filter(None, git(self._scene.where, "log", f"--format={_TRAILERS}", "main").splitlines()))
        stray = sum(number > kept[_moment(slot)] for slot, number in made.items() if slot.startswith("cron:"))
        return kept + Counter({-1.0: stray})


class Naive:
    """APScheduler with a cron trigger and its defaults."""

    is_ours = False

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.name = "APScheduler"
        self._env = {**os.environ, **clock.env, "PYTHONPATH": str(ROOT)}
        self._file = folder / "runs"
        folder.mkdir(parents=True)
        self._file.touch()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        words = [sys.executable, "-m", "benchmarks.torture.by_apscheduler", HOURLY, str(self._file)]
        self._process = subprocess.Popen(words, cwd=ROOT, env=self._env, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            lines.readline()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            forget(self._process.pid)

    def send(self, number: int) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def deliver(self) -> None:
        """It runs whether there is anything to do or not."""

    def has_run(self, hour: float) -> bool:
        return bool(self.runs()[hour])

    def runs(self) -> Counter[float]:
        return Counter(float(line) // HOUR * HOUR for line in self._file.read_text().splitlines())


def scheduled(folder: Path) -> Scene:
    """A scene with an hourly plan."""
    plan = plan_text().replace("checkpoint: 1\n", f'checkpoint: 1\nschedule: "{HOURLY}"\n', 1)
    scene = published(folder, plan)
    (scene.work / ".git/info/exclude").write_text("/out/\n")
    return scene


def _moment(slot: str) -> float:
    return float(calendar.timegm(time.strptime(slot, _SLOT)))
