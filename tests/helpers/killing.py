"""Kills couriers at random moments, and reads what people were told in the end.

with DistantSlack() as slack, World(folder, slack, "outbox", seed=1) as world:
    world.kill(20)
    assert world.told()["Slack"] == Told(notices=31, lost=0, twice=0)
"""

import os
import random
import re
import select
import signal
import subprocess
import sys
import threading
import time
import tty
import urllib.request
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec

from checkpoint.notify import Means
from tests.helpers.courier import Task, begun
from tests.helpers.slack_answers import Answer
from tests.helpers.slack_rules import Json
from tests.helpers.slack_server import SlackServer

WINDOW = 0.4
"""Seconds within which a courier is killed: it tells of a few checkpoints meanwhile."""
LATENCY = 0.02
"""Seconds that a request takes to reach Slack, and that its answer takes to come back."""
_STEP = re.compile(r"step (\d+)/")
_EARLIER = re.compile(r"stands for (\d+) earlier")


class Told(NamedTuple):
    """Of so many notices on a channel, those that nobody was told, and those that somebody was told twice."""

    notices: int
    lost: int
    twice: int


class DistantSlack(SlackServer):
    """A Slack that is some way off, and takes as many messages as it gets."""

    def __init__(self) -> None:
        super().__init__(pace=0.0)

    def answer(self, path: str, headers: Json, body: bytes) -> tuple[Answer, bool]:
        time.sleep(LATENCY)
        answer = super().answer(path, headers, body)
        time.sleep(LATENCY)
        return answer


class World:
    """What the couriers of one way work with: a Slack, a terminal, and a folder for a file and what they remember."""

    def __init__(self, folder: Path, slack: SlackServer, way: str, seed: int) -> None:
        self._folder = folder
        self._slack = slack
        self._way = way
        self._random = random.Random(seed)
        self._terminal = Terminal()
        self._file: list[str] = []
        self._lives = 0
        self._means = Means(
            str(folder),
            marks=str(folder / "marks"),
            terminals=(self._terminal.device,),
            slack_api=slack.url,
            slack_token="env:SLACK",
            environ={"SLACK": slack.token},
        )
        self._couriers = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.courier"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            text=True,
        )

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *error: object) -> None:
        self._couriers.communicate(timeout=30)
        self._terminal.close()

    def kill(self, times: int) -> None:
        """Lets so many couriers live, for a random time each, and a last one to its end."""
        for _ in range(times):
            self._live(self._random.uniform(0.0, WINDOW))
        self._live(None)

    def told(self) -> dict[str, Told]:
        """What was told on each channel; peers have only Slack."""
        count = begun(self._way, self._means)
        told = {"Slack": told_in(self._slack, count)}
        if self._way != "outbox":
            return told
        threads = Counter(each.thread for each in self._slack.replies)
        of_threads = [threads[root.ts] for root in self._slack.roots]
        told["Slack, the message's thread"] = Told(
            len(of_threads), of_threads.count(0), sum(map((1).__lt__, of_threads))
        )
        told["terminal"] = _read_from(self._terminal.read(), count)
        return told | {"file": self._of_file(count)}

    def _of_file(self, count: int) -> Told:
        """Lost: the file does not say the last at the end, or what was in it was not whole; twice: it went back."""
        found = [steps_in(text.splitlines()) for text in self._file]
        broken = sum(
            len(steps) != 1 or not text.endswith("failing\n") for steps, text in zip(found, self._file, strict=True)
        )
        back = sum(later < earlier for earlier, later in pairwise(found))
        return Told(count, broken + (found[-1:] != [[count]]), back)

    def _live(self, seconds: float | None) -> None:
        assert self._couriers.stdin
        assert self._couriers.stdout
        self._lives += 1
        task = Task(self._way, self._means, self._lives, seconds is None)
        self._couriers.stdin.write(f"{msgspec.json.encode(task).decode()}\n")
        self._couriers.stdin.flush()
        pid = int(self._couriers.stdout.readline())
        if seconds is not None:
            time.sleep(seconds)  # not for anything to happen: when it dies is left to chance
            os.kill(pid, signal.SIGKILL)
        status = int(self._couriers.stdout.readline())
        assert status == (0 if seconds is None else -signal.SIGKILL)
        self._settle()

    def _settle(self) -> None:
        """Waits until the server has taken all that the courier sent, as its successor's five seconds do in earnest."""
        with urllib.request.urlopen(self._slack.url):
            pass  # whoever came before is being served by now
        end = time.monotonic() + 30.0
        while any("process_request" in each.name for each in threading.enumerate()):
            assert time.monotonic() < end
            time.sleep(0.002)
        file = self._folder / "all.txt"
        self._file += [file.read_text()] if file.exists() else []


class Terminal:
    """A terminal on which somebody reads along."""

    def __init__(self) -> None:
        self._reader, self._writer = os.openpty()
        tty.setraw(self._writer)
        os.fchmod(self._writer, 0o620)
        self.device = os.ttyname(self._writer)
        self._printed = b""
        self._is_closing = False
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def read(self) -> list[str]:
        """All lines that were printed."""
        os.write(self._writer, b"\x04")
        end = time.monotonic() + 30.0
        while not self._printed.endswith(b"\x04"):
            assert time.monotonic() < end
            time.sleep(0.002)
        return self._printed[:-1].decode().split("\r\n")

    def close(self) -> None:
        self._is_closing = True
        self._thread.join()
        os.close(self._writer)
        os.close(self._reader)

    def _follow(self) -> None:
        while not self._is_closing:
            if select.select([self._reader], [], [], 0.02)[0]:
                self._printed += os.read(self._reader, 65536)


def told_in(slack: SlackServer, count: int) -> Told:
    """What the messages of a Slack say, or have said, of the steps from the first to that one."""
    shown = ([line for each in root.revisions for line in each.shown.splitlines()] for root in slack.roots)
    told = Counter(step for lines in shown for step in set(steps_in(lines)))
    return Told(count, sum(told[step] == 0 for step in range(1, count + 1)), sum(each > 1 for each in told.values()))


def steps_in(lines: Iterable[str]) -> list[int]:
    """The numbers of the steps that these lines speak of."""
    return [int(found[1]) for line in lines if (found := _STEP.search(line))]


def _read_from(lines: list[str], count: int) -> Told:
    """What a terminal told; a notice that stands for earlier ones tells of those before it."""
    printed = Counter(steps_in(lines))
    covered = set(printed)
    for line, after in pairwise(lines):
        if (step := _STEP.search(line)) and (earlier := _EARLIER.search(after)):
            covered |= set(range(int(step[1]) - int(earlier[1]), int(step[1])))
    return Told(count, len(set(range(1, count + 1)) - covered), sum(each > 1 for each in printed.values()))
