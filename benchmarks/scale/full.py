"""Everything is looked at for the first time: nothing is kept of an earlier check."""

import hashlib
import itertools
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.scale.bench import Bench, World, alone, check, first, large, world
from benchmarks.scale.model import Group, Limit, Of, Round, Subject, ratio
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import Form, Shape, content, environment, path_of

_EXISTS = """The first check of a plan of {plan} that expects each of {artifacts:,} artifacts to exist, with an empty
state folder. Where two teams may not deliver the same content, all is read as well; with `copies: allow` it need not
be. *Parsed only* is the same interpreter which imports the package and parses the plan: the engine's part is what the
check takes beyond that."""
_SHA256 = """The first check of a plan of {plan} that names the sha256 of each of {artifacts:,} artifacts, with an
empty state folder. It works in as many processes as there are processors, or in one that has one."""
_GROWTH = """The first check of plans of {least:,} to {most:,} teams with {tasks} tasks each; each has a repository of
its own."""
_PARSED = Path(__file__).with_name("parse_plan.py")


def exists(bench: Bench) -> Group:
    """Each artifact is there."""
    place = large(bench)
    place.clean()
    env = environment(bench.folder / "first")
    mtree, missing = _mtree(bench, place)
    total = place.shape.artifacts
    parsed = (bench.python, "-P", _PARSED, "copies.md")
    subjects = [
        place.status(),
        *mtree,
        first(check(bench, place, "check", "--plan", "exists.md", env=env), env),
        first(check(bench, place, "check, copies allowed", "--plan", "copies.md", env=env), env),
        Subject("parsed only", "python parse_plan.py copies.md", program(parsed, place.work, env), ours=True),
    ]
    about = _EXISTS.format(plan=_size(place, "exists.md"), artifacts=total)
    limits = [
        *_of_exists(f"full check of {total:,} `exists`", "check"),
        *_of_exists(f"full check of {total:,} `exists`, `copies: allow`", "check, copies allowed"),
        Limit("engine, an `exists`", "", 8.0, _engine(total), "cpu", "µs of CPU", "5.4"),
    ]
    return Group("exists", about, subjects, limits, "git status", bench.size.rounds, missing)


def _of_exists(work: str, name: str) -> list[Limit]:
    return [
        Limit(work, "`git status`", 2.5, ratio(name, "git status"), prototype="2.3"),
        Limit(work, "`mtree`", 1.6, ratio(name, "mtree"), prototype="1.33"),
    ]


def _engine(total: int) -> Callable[[Round, Of], float]:
    def figure(taken: Round, of: Of) -> float:
        return (taken["check, copies allowed"].cpu - taken["parsed only"].cpu) / total * 1e6

    return figure


def sha256(bench: Bench) -> Group:
    """Each artifact has the content that the plan names."""
    place = large(bench)
    place.clean()
    env = environment(bench.folder / "first")
    sums = bench.folder / "SHA256SUMS"
    _write_sums(sums, place.shape)
    words = ("--plan", "sha256.md")
    both = first(check(bench, place, "check", *words, env=env), env)
    one = alone(both, (bench.checkpoint, "check", "--quiet", *words), place, env)
    peer = Subject(
        "sha256sum -c",
        f"sha256sum -c --quiet {sums.name}",
        program(("sha256sum", "-c", "--quiet", sums), place.work, env),
    )
    work = f"full check of {place.shape.artifacts:,} `sha256`"
    limits = [
        Limit(f"{work}, one processor", "`sha256sum -c`", 0.9, ratio(one.name, peer.name), prototype="0.76"),
        Limit(
            f"{work}, {os.cpu_count()} processors", "`sha256sum -c`", 0.6, ratio(both.name, peer.name), prototype="0.46"
        ),
    ]
    about = _SHA256.format(plan=_size(place, "sha256.md"), artifacts=place.shape.artifacts)
    return Group("sha256", about, [place.status(), peer, both, one], limits, "sha256sum -c", bench.size.rounds)


def growth(bench: Bench) -> Group:
    """Twice the teams, again and again."""
    tasks = 10
    sizes = bench.size.growth
    subjects, limits = [], []
    for teams in sizes:
        place = world(bench, f"growth-{teams}", Shape(teams, tasks), {"plan.md": Form(copies=True)})
        subjects.append(first(check(bench, place, f"{teams:,} teams"), place.env))
    for fewer, more in itertools.pairwise(sizes):
        figure = ratio(f"{more:,} teams", f"{fewer:,} teams")
        limits.append(Limit(f"growth, {sizes[0]:,} to {sizes[-1]:,} teams", "half the teams", 2.2, figure))
    about = _GROWTH.format(least=sizes[0], most=sizes[-1], tasks=tasks)
    return Group("growth", about, subjects, limits, subjects[0].name, bench.size.rounds)


def _mtree(bench: Bench, place: World) -> tuple[Sequence[Subject], Sequence[str]]:
    found = bench.tool("mtree")
    if not found:
        return (), ("mtree is not installed (Debian: mtree-netbsd)",)
    spec = bench.folder / "large.mtree"
    script = f"mtree -c -k type,size,time -p out > {spec}"
    program(("sh", "-c", script), place.work, place.env)()
    words = ("mtree", "-p", "out", "-f", str(spec))
    return (Subject("mtree", f"mtree -p out -f {spec.name}", program(words, place.work, place.env)),), ()


def _write_sums(target: Path, shape: Shape) -> None:
    with target.open("w") as sums:
        for team in range(shape.teams):
            for task in range(shape.tasks):
                digest = hashlib.sha256(content(team, task)).hexdigest()
                sums.write(f"{digest}  {path_of(team, task)}\n")


def _size(place: World, plan: str) -> str:
    return f"{(place.work / plan).stat().st_size / 1e6:.1f} MB"
