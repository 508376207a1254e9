"""What all groups are measured with: the command, sizes, a folder, peers, and the large repository they share."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.scale.model import Sample, Subject, nothing
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import Form, Shape, clone, edit, environment, forget, git, make_remote, path_of, settle

PLANS = {
    "plan.md": Form(),
    "exists.md": Form(),
    "committed.md": Form(at_ref=True),
    "copies.md": Form(copies=True),
    "sha256.md": Form("sha256", copies=True),
}


class Size(NamedTuple):
    """How much of everything, and how often."""

    large: Shape = Shape(1000, 100)
    small: Shape = Shape(10, 100)
    peers: Shape = Shape(100, 100)
    changes: int = 10
    commands: int = 1000
    stages: int = 1000
    growth: tuple[int, ...] = (10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10240)
    rounds: int = 7
    rest: float = 2.5
    """Seconds after which a file is old enough for git, and for us, to trust its times."""


SHORT = Size(Shape(3, 4), Shape(2, 4), Shape(2, 4), changes=3, commands=3, stages=3, growth=(2, 4), rounds=1, rest=0.0)


class Bench(NamedTuple):
    """Where and how it is measured. `tools` holds the environments of peers that are no part of this project."""

    folder: Path
    checkpoint: Path
    size: Size
    tools: Path
    say: Callable[[str], None]

    @property
    def python(self) -> Path:
        """The interpreter that has the package which is measured."""
        return self.checkpoint.with_name("python")

    def tool(self, name: str) -> Path | None:
        """A program of the system."""
        found = shutil.which(name)
        return Path(found) if found else None


class World(NamedTuple):
    """A clone of a repository of some size, and the environment in which programs run there."""

    work: Path
    remote: Path
    env: Mapping[str, str]
    shape: Shape
    rest: float = 0.0

    def some(self, count: int) -> list[str]:
        """So many artifacts, each of another team where there are enough."""
        step = max(1, self.shape.artifacts // count)
        numbers = range(0, self.shape.artifacts, step)[:count]
        return [path_of(number // self.shape.tasks, number % self.shape.tasks) for number in numbers]

    def clean(self) -> None:
        """As it was published, and older than the index."""
        git(self.work, self.env, "reset", "-q", "--hard", "origin/main")
        self.settle()

    def settle(self) -> None:
        """Waits until the files are old enough."""
        settle(self.work, self.env, self.rest)

    def status(self) -> Subject:
        """What each other program is held against."""
        words = ("git", "status", "--porcelain")
        return Subject("git status", "git status --porcelain", program(words, self.work, self.env))


def world(bench: Bench, name: str, shape: Shape, plans: Mapping[str, Form] | None = None) -> World:
    """The repository of that name, made where it is missing."""
    folder = bench.folder / name
    env = environment(folder / "home")
    if not (folder / "work").exists():
        bench.say(f"making the repository {name}: {shape.artifacts:,} artifacts")
        make_remote(folder / "remote.git", shape, PLANS if plans is None else plans, env)
        clone(folder / "remote.git", folder / "work", env)
        settle(folder / "work", env, bench.size.rest)
    return World(folder / "work", folder / "remote.git", env, shape, bench.size.rest)


def large(bench: Bench) -> World:
    return world(bench, "large", bench.size.large)


def check(bench: Bench, place: World, name: str, *words: str, env: Mapping[str, str] | None = None) -> Subject:
    """`checkpoint check` of a plan, whatever it kept of earlier runs."""
    command: tuple[str | Path, ...] = (bench.checkpoint, "check", "--quiet", *words)
    shown = " ".join(("checkpoint", *map(str, command[1:])))
    return Subject(name, shown, program(command, place.work, env or place.env), ours=True)


def take_checkpoint(bench: Bench, place: World, plan: str) -> None:
    """Proves all of a plan, with which later checks are compared: `check` itself keeps nothing."""
    program((bench.checkpoint, "now", "--quiet", "--plan", plan), place.work, place.env)()
    place.settle()


def first(subject: Subject, env: Mapping[str, str]) -> Subject:
    """The same without anything that was kept."""
    return subject._replace(prepare=lambda: forget(env), command=f"{subject.command} (nothing kept)")


def alone(subject: Subject, words: Sequence[str | Path], place: World, env: Mapping[str, str]) -> Subject:
    """The same on one processor."""
    take: Callable[[], Sample] = program(("taskset", "-c", "0", *words), place.work, env)
    return subject._replace(name=f"{subject.name}, one processor", command=f"taskset -c 0 {subject.command}", take=take)


def after_edits(place: World, count: int, then: Callable[[], None] = nothing) -> Callable[[], None]:
    """Before each turn so many artifacts get another content than they ever had."""
    version = iter(range(1, 10**9))

    def prepare() -> None:
        edit(place.work, place.some(count), next(version))
        then()

    return prepare
