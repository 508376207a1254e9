"""Changes of which no event tells: pushes to a remote behind HTTP, and files changed through memory.

A file system does not say that a mapped file was written to; only its time of change does.
"""

import mmap
import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from benchmarks.serving.people import Change, Diary, Person
from benchmarks.serving.process import Serving, served
from benchmarks.serving.reckoning import Up, Waited, read_remote, seen, waited
from benchmarks.serving.scene import NEVER_SOON, Scene
from tests.helpers.repositories import git
from tests.helpers.smart_http import served as served_by_http

_PUSHES = 8
_WRITES = 5
_PAUSES = (5.0, 20.0)
_PATIENCE = 100.0
_FILES = ("out/frontend/about.html", "out/frontend/index.html")


def behind_http(folder: Path, program: Path, seed: int) -> list[Waited]:
    """A colleague pushes to a remote of which only its address is known: it is polled at the default pace."""
    scene = Scene(folder, program, NEVER_SOON)
    with served_by_http(folder) as (address, _):
        git(scene.work, "remote", "set-url", "origin", f"{address}/{scene.remote.name}")
        with Trial(scene, seed) as trial:
            grace = Person("Grace", scene.colleague, scene.env, trial.diary, seed=seed, pace=1.0, is_watched=False)
            for _ in range(_PUSHES):
                trial.pause()
                grace.edit()
            return trial.waited(grace.written)


def through_memory(folder: Path, program: Path, seed: int) -> list[Waited]:
    """A team writes into files that it has mapped; the remote is asked every ten minutes only."""
    scene = Scene(folder, program, NEVER_SOON)
    scene.env["CHECKPOINT_POLL"] = "10m"
    with ExitStack() as stack:
        mapped = [stack.enter_context(_mapped(scene.work / file)) for file in _FILES]
        trial = stack.enter_context(Trial(scene, seed))
        for number in range(_WRITES):
            if number % 2:
                trial.wait_for_a_checkpoint()  # then the next look is as far away as it can be
            else:
                trial.pause()
            _write(mapped[number % len(mapped)], number)
            trial.diary.add(Change("delivery", "Ada", _FILES[number % len(mapped)], time.time()))
        return trial.waited([])


@contextmanager
def _mapped(file: Path) -> Iterator[mmap.mmap]:
    with file.open("r+b") as opened, mmap.mmap(opened.fileno(), 0) as memory:
        yield memory


def _write(memory: mmap.mmap, number: int) -> None:
    memory[:4] = f"{number:04}".encode()
    memory.flush()


class Trial:
    """A server at work in a scene, with nothing but what is done to it by hand."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.diary = Diary(scene.folder / "diary.jsonl")
        self._scene = scene
        self._chance = random.Random(f"{seed} {scene.folder.name}")
        self._stack = ExitStack()
        self._serving: Serving | None = None

    def __enter__(self) -> "Trial":
        scene = self._scene
        log = scene.folder / "serve.log"
        self._serving = self._stack.enter_context(served(scene.program, scene.work, scene.env, log))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def pause(self) -> None:
        time.sleep(self._chance.uniform(*_PAUSES))

    def wait_for_a_checkpoint(self) -> None:
        assert self._serving is not None
        self._serving.wait_for("checkpoint", 2 * _PATIENCE)

    def waited(self, written: Sequence[str]) -> list[Waited]:
        """How long each change waited, once all have had their checkpoint or it took too long."""
        end = time.monotonic() + _PATIENCE
        found = self._waited(written)
        while time.monotonic() < end and any(each.seconds is None for each in found):
            time.sleep(1.0)
            found = self._waited(written)
        return found

    def _waited(self, written: Sequence[str]) -> list[Waited]:
        assert self._serving is not None
        with self._scene.store() as store:
            runs = store.journal.runs(10_000)
        remote = read_remote(self._scene.remote, written)
        return waited(self.diary, seen(runs, remote, {}), remote, Up(self._serving.starts, ()))


def both(folder: Path, program: Path, seed: int) -> list[list[Waited]]:
    """The two of them at the same time, each in a scene of its own."""
    with ThreadPoolExecutor() as pool:
        under_way = [pool.submit(work, folder / work.__name__, program, seed) for work in (behind_http, through_memory)]
        return [each.result() for each in under_way]
