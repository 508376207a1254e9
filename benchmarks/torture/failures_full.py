"""Checkpoints on disks that are full: the private state, the person's clone, the remote, with ever more bytes free.

python -m benchmarks.torture.failures_full FOLDER ours|naive full|short

Each disk is a small one in memory, mounted where no other process sees it, so this is a program of its own, which
`unshare` starts: it needs no rights where people may make name spaces. It prints each case as a line of JSON.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.floor import ROOT
from benchmarks.torture.failures_series import Case, Series, Struck, cases
from benchmarks.torture.failures_world import NAIVE, OURS, SETTLED_STATE, Way, World

_SIZE = 8 << 20
_STEP = 12 << 10
"""Bytes that are free more each time: three pages."""
_SPARE = 64 << 10
"""Bytes that a checkpoint leaves free that had enough."""
_PLACES = {"the private state": "home/.local/state", "the person's clone": "work", "the remote": "remote.git"}
_UNSHARED = ("unshare", "--user", "--map-root-user", "--mount")


def is_possible() -> bool:
    """Whether a disk can be mounted here."""
    if not shutil.which("unshare"):
        return False
    mount = ("mount", "-t", "tmpfs", "none", "/mnt")
    return subprocess.run([*_UNSHARED, *mount], capture_output=True, check=False).returncode == 0


def full_cases(way: Way, folder: Path, *, short: bool) -> list[Case]:
    """Every case, taken in a process of its own."""
    words = [sys.executable, "-m", __name__, str(folder), way.name, "short" if short else "full"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([*_UNSHARED, *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    lines = map(json.loads, done.stdout.splitlines())
    return [Case(family, name, state, tuple(problems)) for family, name, state, problems in lines]


def full_series() -> Iterator[Series]:
    for name, place in _PLACES.items():
        few = (4,) if name == "the private state" else ()
        strike, prepare = partial(_by_full, name, place), partial(_mount, place)
        yield Series("full disk", f"{name} is full", strike, few, prepare=prepare)


def _mount(place: str, world: World) -> None:
    path = world.live / place
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=0700", "none", path], check=True)


def _by_full(name: str, place: str, world: World, number: int) -> Struck:
    world.ballast = world.live / place / ".ballast"
    free = (number - 1) * _STEP
    with world.ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, _free(world.ballast) - free)
    ended = world.run()
    had_enough = world.found() == SETTLED_STATE and ended.status == 0 and _free(world.ballast) >= _SPARE
    return Struck(ended, "" if had_enough else f"{free >> 10} KiB free")


def _free(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def main() -> None:
    folder, name, size = sys.argv[1:]
    way = {each.name: each for each in (OURS, NAIVE)}[name]
    for number, series in enumerate(full_series()):
        here = Path(folder, str(number))
        here.mkdir(parents=True)
        for case in cases([series], way, here, short=size == "short"):
            sys.stdout.write(f"{json.dumps(case)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
