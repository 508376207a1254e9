"""`checkpoint serve` over a repository of 100,000 files, as rows of the table of this package.

Beside it, one after the other, a bare loop of watchfiles and watchdog listen to the same folders. A verdict counts from
when the file is written to the first line that says what is true; its CPU is that of the thread that decides, while the
watch's own is part of what idling costs.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.floor import ROOT
from benchmarks.scale import peers
from benchmarks.scale.listened import Listened, listened, share, some, spent
from benchmarks.scale.listening import BLOCKED
from benchmarks.scale.model import Row
from benchmarks.scale.worlds import environment
from benchmarks.serving.process import Serving

_WORK = "under `serve`: "
_TRUE = ("judged", "checkpoint")
"""What it says when it knows what is true."""
_PATIENCE = 300.0
_MEGABYTE = 1024.0


class Pace(NamedTuple):
    """How much is done: seconds of idling, files written one by one, files at once, checkpoints."""

    idle: float = 130.0
    writes: int = 25
    burst: int = 60_000
    checkpoints: int = 5


_PACE = Pace()


def measure(checkpoint: Path, repository: Path, pace: Pace = _PACE) -> Sequence[Row]:
    """The rows of `serve`: `checkpoint` is the command, `repository` a clean clone that may be changed."""
    python = checkpoint.with_name("python")
    folders = sorted(path for path in (repository / "out").iterdir() if path.is_dir())
    ours = listened(python, "ours", folders, pace.idle, pace.writes, pace.burst)
    others = {"a bare loop of watchfiles": listened(python, "watchfiles", folders, pace.idle, pace.writes, pace.burst)}
    watchdog = peers.program(ROOT / "build" / "peers", "watchdog")
    if watchdog:
        others["watchdog"] = listened(watchdog, "watchdog", folders, pace.idle, pace.writes, pace.burst)
    return _rows(ours, others, _serve(checkpoint, repository, folders, pace), pace)


class _Served(NamedTuple):
    """Medians: ms of CPU to what is true, % of a core while idle, MB at most."""

    verdict: float
    idle: float
    peak: float


def _rows(ours: Listened, others: Mapping[str, Listened], serve: _Served, pace: Pace) -> Sequence[Row]:
    def beside(words: Callable[[Listened], str]) -> str:
        return ", ".join(f"{name} {words(other)}" for name, other in others.items())

    unseen = f"{_WORK}files unseen of {pace.burst:,} that are written while the callback is blocked for {BLOCKED:g} s"
    return (
        Row(f"{_WORK}from a write to the callback", ours.latency, 20.0, "ms", beside(_latency), prototype="9.7"),
        Row(f"{_WORK}CPU from an event to the verdict", serve.verdict, 50.0, "ms"),
        Row(f"{_WORK}idle, of a core", serve.idle, 1.0, "%", beside(_idle), prototype="0.8"),
        Row(unseen, float(ours.unseen), 0.0, "", beside(_unseen), prototype="0"),
        Row(f"{_WORK}memory", serve.peak, 300.0, "MB"),
    )


def _latency(each: Listened) -> str:
    return f"{each.latency:.3g} ms"


def _idle(each: Listened) -> str:
    return f"{each.idle:.2g} %"


def _unseen(each: Listened) -> str:
    return f"{each.unseen:,}"


def _serve(checkpoint: Path, repository: Path, folders: Sequence[Path], pace: Pace) -> _Served:
    with tempfile.TemporaryDirectory(prefix="checkpoint-") as name:
        serving = Serving(checkpoint, repository, environment(Path(name) / "home"), Path(name) / "serve.log")
        serving.start()
        try:
            _wait_for(serving, 0, ("checkpoint",))
            written = [folder / "written" for folder in some(folders, pace.checkpoints)]
            verdicts = [_cpu_to_verdict(serving, path) for path in written]
            _rest(serving)
            idle = share(serving.pid, pace.idle)
            return _Served(statistics.median(verdicts), idle, _peak(serving.pid))
        finally:
            serving.kill()


def _cpu_to_verdict(serving: Serving, path: Path) -> float:
    """Milliseconds of CPU of the thread that decides."""
    _rest(serving)
    known, before = len(serving.said), spent(serving.pid, [serving.pid])
    path.write_text("new")
    _wait_for(serving, known, _TRUE)
    taken = spent(serving.pid, [serving.pid]) - before
    _wait_for(serving, known, ("checkpoint",))
    path.unlink()
    _wait_for(serving, len(serving.said), ("checkpoint",))
    return taken * 1000


def _wait_for(serving: Serving, known: int, events: Sequence[str]) -> None:
    end = time.monotonic() + _PATIENCE
    while not any(each.document["event"] in events for each in serving.said[known:]):
        if time.monotonic() > end:
            raise RuntimeError(f"it did not say {' or '.join(events)}")
        time.sleep(0.001)


def _rest(serving: Serving) -> None:
    """Waits until it has had nothing to say for as long as events may be on their way, and some more."""
    known = -1
    while known != len(serving.said):
        known = len(serving.said)
        time.sleep(5.0)


def _peak(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / _MEGABYTE
