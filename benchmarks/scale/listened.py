"""Programs that listen to changes of files while these are made, and what they cost while nothing is."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT
from benchmarks.scale.listening import BLOCKED, BURST

_PATIENCE = 300.0


class Listened(NamedTuple):
    """How somebody listens: ms from a write to the callback, % of a core while idle, files unseen of a burst."""

    latency: float
    idle: float
    unseen: int


def listened(python: Path, kind: str, folders: Sequence[Path], idle: float, writes: int, burst: int) -> Listened:
    """How `listen_KIND` listens: idle for so many seconds, while so many files are written one by one, and at once."""
    with _listening(python, kind, folders) as listener:
        share_idle = share(listener.pid, min(idle, 15.0))
        latencies = [listener.latency(folder / "written") for folder in some(folders, writes)]
        unseen = burst - listener.seen_of_burst(folders, burst)
    return Listened(statistics.median(latencies), share_idle, unseen)


def some(folders: Sequence[Path], count: int) -> list[Path]:
    """So many folders, not next to each other."""
    return [folders[number * 7 % len(folders)] for number in range(count)]


class _Listener:
    """A program that listens, and what it has said."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.pid = process.pid
        self._process = process
        self._said: list[str] = []
        self._heard = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def latency(self, path: Path) -> float:
        """Milliseconds from a write to the callback."""
        known, began = len(self._said), time.monotonic()
        path.write_text(str(began))
        heard = self.next(known)
        path.unlink()
        self._settle()
        return (float(heard) - began) * 1000

    def seen_of_burst(self, folders: Sequence[Path], count: int) -> int:
        """How many files it knows of those that were written while its callback was blocked."""
        self._ask("block")
        known, paths = len(self._said), _burst(folders, count)
        try:
            paths[0].touch()
            self.next(known)
            for path in paths:
                path.write_text("x")
            self._settle(BLOCKED + 1.0)
            return self._count()
        finally:
            for path in paths:
                path.unlink(missing_ok=True)

    def next(self, known: int) -> str:
        """What it said after so many lines."""
        with self._heard:
            if not self._heard.wait_for(lambda: len(self._said) > known, _PATIENCE):
                raise RuntimeError("nothing was heard")
            return self._said[known]

    def _count(self) -> int:
        known = len(self._said)
        self._ask("count")
        with self._heard:
            if not self._heard.wait_for(lambda: any(map(_is_count, self._said[known:])), _PATIENCE):
                raise RuntimeError("it does not say what it has seen")
            return int(next(filter(_is_count, self._said[known:])).split()[1])

    def _settle(self, seconds: float = 0.15) -> None:
        """Waits until nothing has been said for so long."""
        while True:
            known = len(self._said)
            time.sleep(seconds)
            if len(self._said) == known:
                return

    def _ask(self, what: str) -> None:
        assert self._process.stdin is not None
        print(what, file=self._process.stdin, flush=True)
        time.sleep(0.1)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._heard:
                self._said.append(line.strip())
                self._heard.notify_all()


def _is_count(line: str) -> bool:
    return line.startswith("count ")


def _burst(folders: Sequence[Path], count: int) -> list[Path]:
    return [folders[number % len(folders)] / f"{BURST}{number}" for number in range(count)]


@contextmanager
def _listening(python: Path, kind: str, folders: Sequence[Path]) -> Iterator[_Listener]:
    pipe = subprocess.PIPE
    words = (str(python), "-m", f"benchmarks.scale.listen_{kind}", *map(str, folders))
    process = subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    try:
        listener = _Listener(process)
        if listener.next(0) != "ready":
            raise RuntimeError(f"{kind} does not listen")
        yield listener
    finally:
        process.kill()
        process.communicate()


def share(pid: int, seconds: float) -> float:
    """Percent of a core that a process and its children take."""
    began, before = time.monotonic(), spent(pid) + _of_children(pid)
    time.sleep(seconds)
    return 100 * (spent(pid) + _of_children(pid) - before) / (time.monotonic() - began)


def spent(pid: int, threads: Sequence[int] | None = None) -> float:
    """Seconds of CPU of a process, or of some of its threads."""
    tasks = Path(f"/proc/{pid}/task")
    folders = [tasks / str(each) for each in threads] if threads else tasks.iterdir()
    return sum(int((folder / "schedstat").read_text().split()[0]) for folder in folders) / 1e9


def _of_children(pid: int) -> float:
    """Seconds of CPU of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
