"""Other tools that look again at what has not changed, at sizes that they can be waited for."""

import os
from collections.abc import Callable
from pathlib import Path

from benchmarks.scale import peers
from benchmarks.scale.bench import Bench, World, check, take_checkpoint, world
from benchmarks.scale.model import Group, Limit, Subject, ratio
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import Form, clone, git
from tests.helpers.repositories import write

_ABOUT = """A repository of {artifacts:,} artifacts, of which none has changed. `dvc` has one folder with all of them,
`doit` a task for each, `pre-commit` one hook that does nothing with any of them, and `snakemake` an output for each of
{stages:,}. Each works in a clone of its own."""
_HOOK = """repos:
- repo: local
  hooks:
  - {id: nothing, name: nothing, language: system, entry: "true"}
"""
_TASKS = """import glob
def task_look():
    for path in sorted(glob.glob('out/*/*')):
        yield {'name': path, 'file_dep': [path], 'actions': [lambda: True]}
"""
_RULES = """import glob
PATHS = sorted(glob.glob('out/*/*'))[:%d]
rule all:
    input: expand('stamps/{path}', path=PATHS)
rule look:
    input: '{path}'
    output: 'stamps/{path}'
    shell: 'touch {output}'
"""


def others(bench: Bench) -> Group:
    """`checkpoint check` of the work tree beside each of them that is there."""
    place = world(bench, "others", bench.size.peers, {"plan.md": Form()})
    ours = "check, 0 edits"
    take_checkpoint(bench, place, "plan.md")
    subjects, limits, missing = [place.status(), check(bench, place, ours)], [], []
    for name, prepare in _PREPARED.items():
        found = peers.program(bench.tools, name)
        if not found:
            missing.append(f"{name} is not installed")
            continue
        subjects.append(_subject(bench, place, name, found, prepare))
        work = f"work tree, {place.shape.artifacts:,} artifacts, 0 edits"
        limits.append(Limit(f"{work}: {name}", f"`{name}`", None, ratio(ours, name)))
    about = _ABOUT.format(artifacts=place.shape.artifacts, stages=bench.size.stages)
    return Group("others", about, subjects, limits, "git status", bench.size.rounds, missing)


def _subject(
    bench: Bench, place: World, name: str, found: Path, prepare: Callable[[World, Path, int], list[str]]
) -> Subject:
    work = place.work.with_name(name)
    env = {**place.env, "DVC_NO_ANALYTICS": "1", "PATH": f"{found.parent}:{os.environ['PATH']}"}
    own = place._replace(work=work, env=env)
    if not work.exists():
        bench.say(f"making what {name} needs")
        clone(place.remote, work, env)
    words = prepare(own, found, bench.size.stages)
    return Subject(name, " ".join((name, *words)), program((found, *words), work, env))


def _dvc(place: World, found: Path, stages: int) -> list[str]:
    if not (place.work / ".dvc").exists():
        git(place.work, place.env, "rm", "-r", "-q", "--cached", "out")
        for words in (("init", "-q"), ("add", "-q", "out")):
            program((found, *words), place.work, place.env)()
        git(place.work, place.env, "commit", "-q", "-m", "Give the artifacts to dvc")
    return ["status"]


def _doit(place: World, found: Path, stages: int) -> list[str]:
    write(place.work, {"dodo.py": _TASKS})
    program((found,), place.work, place.env)()
    return []


def _pre_commit(place: World, found: Path, stages: int) -> list[str]:
    write(place.work, {".pre-commit-config.yaml": _HOOK})
    git(place.work, place.env, "add", ".pre-commit-config.yaml")
    place.settle()
    return ["run", "--all-files"]


def _snakemake(place: World, found: Path, stages: int) -> list[str]:
    write(place.work, {"Snakefile": _RULES % stages})
    for path in place.some(place.shape.artifacts):
        write(place.work / "stamps", {path: ""})
    return ["-n", "--quiet", "--rerun-triggers", "mtime"]


_PREPARED = {"dvc": _dvc, "doit": _doit, "pre-commit": _pre_commit, "snakemake": _snakemake}
