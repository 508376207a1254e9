"""Whole checkpoints, from the fetch to the push, beside what git takes for its part of it."""

from collections.abc import Callable
from pathlib import Path

from benchmarks import floor
from benchmarks.scale import peers
from benchmarks.scale.bench import Bench, World, world
from benchmarks.scale.model import Group, Limit, Sample, Subject, ratio
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import Form, content, git, push
from benchmarks.small import changed_world

_LARGE = """`checkpoint now` on a clone of {artifacts:,} artifacts, with a bare remote on the same disk and a plan of
{size:.1f} MB whose teams have a `ref`. Before each turn somebody else has pushed a commit which changes {changes}
artifacts: a third of them vanish, and those that had vanished come back, so that boxes change. *git's part* is a
`git pull`, the diff of what it brought, a line changed by `sed`, a commit and a push. *Full* judges everything again
(`--fresh`)."""
_SMALL = """`checkpoint now` on the plan of benchmarks/small.py: two teams, five tasks, twelve expectations. It is
put back before each turn: somebody has pushed an edit, and a deliverable is new. The floor is a shell script. The
*naive stack* (benchmarks/scale/naive.py) is GitPython, markdown-it-py, pydantic, Jinja2, rich and Typer."""
_GIT_LARGE = """
old=$(git rev-parse HEAD)
git pull -q --ff-only
git diff --raw --no-renames "$old" HEAD > /dev/null
sed -i "s/^# Scale.*/# Scale, $(git rev-parse HEAD)/" plan.md
git commit -q -m Checkpoint -- plan.md
git push -q
"""
_GIT_SMALL = """
git pull -q --ff-only
sha256sum backend/*.json backend/src/* frontend/* > /dev/null
sed -i 's/^- \\[ \\]/- [x]/' plan.md
git commit -q -m Checkpoint -- plan.md
git push -q
"""
_FORM = Form(at_ref=True, blocks=True)


def large_cycle(bench: Bench) -> Group:
    """10 foreign changes, the plan rewritten and published."""
    (ours, each), (theirs, foreign) = (_published(bench, name) for name in ("cycle", "cycle-git"))
    for _ in range(2):  # proves everything for the first time, then finds nothing new
        _now(bench, ours, "now").take()
    subjects = [
        _publishes(_script("git's part", _GIT_LARGE, theirs), theirs)._replace(prepare=foreign),
        _publishes(_now(bench, ours, "now"), ours)._replace(prepare=each),
    ]
    missing: tuple[str, ...] = ("`now --fresh`, which this checkpoint does not know",)
    if b"--fresh" in floor.run((str(bench.checkpoint), "now", "--help"), ours.work, ours.env).output:
        subjects += [_publishes(_now(bench, ours, "now, full", "--fresh"), ours)._replace(prepare=each)]
        missing = ()
    work = f"whole cycle, {ours.shape.artifacts:,} artifacts, {bench.size.changes} changes"
    limits = [
        Limit(work, "git's part", 1.0, ratio("now", "git's part"), prototype="0.5"),
        Limit(f"{work}, all judged again", "git's part", 2.5, ratio("now, full", "git's part"), prototype="2.2"),
    ]
    size = (ours.work / "plan.md").stat().st_size / 1e6
    about = _LARGE.format(artifacts=ours.shape.artifacts, size=size, changes=bench.size.changes)
    return Group("cycle", about, subjects, limits, "git's part", bench.size.rounds, missing)


def small_cycle(bench: Bench) -> Group:
    """The plan of benchmarks/small.py, beside a shell script and beside the naive stack."""
    found = changed_world(bench.folder / "small-cycle", bench.checkpoint)
    found.keep()
    place = World(found.work, found.remote, found.env, bench.size.small)
    subjects = [_script("shell", _GIT_SMALL, place), _now(bench, place, "now")]
    naive = peers.program(bench.tools, "naive")
    script = Path(__file__).with_name("naive.py")
    if naive:
        words = (naive, "-P", script, ".")
        subjects.append(Subject("naive stack", "python naive.py .", program(words, place.work, place.env)))
    subjects = [_publishes(each, place)._replace(prepare=found.put_back) for each in subjects]
    limits = [
        Limit("small cycle", "shell", 2.0, ratio("now", "shell"), prototype="1.44 to 1.65"),
        Limit("small cycle", "naive stack", 0.35, ratio("now", "naive stack"), prototype="0.17"),
    ]
    missing = () if naive else ("the naive stack: its libraries are not installed",)
    return Group("small", _SMALL, subjects, limits, "shell", max(bench.size.rounds, 2), missing)


def _published(bench: Bench, name: str) -> tuple[World, Callable[[], None]]:
    place = world(bench, name, bench.size.large, {"plan.md": _FORM})
    push_changes = _foreign(bench, place)
    push_changes()
    git(place.work, place.env, "pull", "-q", "--ff-only")
    return place, push_changes


def _foreign(bench: Bench, place: World) -> Callable[[], None]:
    """Every third of the artifacts is gone, the others get new content: never what it was one turn or two before."""
    paths = place.some(bench.size.changes)
    turns = iter(range(10**6))

    def prepare() -> None:
        turn = next(turns)
        files = {
            path: content(number, 0, turn) if number % 3 != turn % 3 else None for number, path in enumerate(paths)
        }
        push(place.remote, files, place.env)

    return prepare


def _publishes(subject: Subject, place: World) -> Subject:
    """Fails where the remote has not moved: nothing was published then."""

    def take() -> Sample:
        before = git(place.remote, place.env, "rev-parse", "main")
        sample = subject.take()
        if git(place.remote, place.env, "rev-parse", "main") == before:
            raise RuntimeError(f"{subject.name}: the remote has not moved")
        return sample

    return subject._replace(take=take)


def _now(bench: Bench, place: World, name: str, *words: str) -> Subject:
    options = ("now", "--quiet", *words)
    take = program((bench.checkpoint, *options), place.work, place.env)
    return Subject(name, " ".join(("checkpoint", *options)), take, ours=True)


def _script(name: str, script: str, place: World) -> Subject:
    words = ("sh", "-euc", script)
    return Subject(name, "; ".join(script.strip().split("\n")), program(words, place.work, place.env))
