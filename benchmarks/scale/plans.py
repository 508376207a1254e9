"""The plan alone: parsed for the first time, and again when one section was edited."""

from collections.abc import Callable
from pathlib import Path

from benchmarks import floor
from benchmarks.scale.bench import Bench, World, check, large, take_checkpoint
from benchmarks.scale.model import Group, Limit, Sample, Subject, amount, ratio
from benchmarks.scale.taking import program

_ABOUT = """A plan of {size:.1f} MB with {artifacts:,} tasks. *Parsed* and *markdown-it-py* are whole processes, imports
included. *One section parsed* is what a process takes that knows the plan of before, by its own clocks; *one section,
check* is the whole command, where nothing has changed since a checkpoint but a task's title."""
_MEGABYTE = 1e-6
_HERE = Path(__file__).parent


def plans(bench: Bench) -> Group:
    """The parser beside markdown-it-py, which reads the same bytes."""
    place = large(bench)
    place.clean()
    take_checkpoint(bench, place, "plan.md")
    subjects = [
        _script(bench, place, "markdown-it-py", "parse_markdown.py")._replace(ours=False),
        _script(bench, place, "parsed", "parse_plan.py"),
        _within(bench, place),
        check(bench, place, "one section, check")._replace(prepare=_edits(place)),
    ]
    limits = [
        Limit("first parse of the plan", "`markdown-it-py`", 0.1, ratio("parsed", "markdown-it-py"), prototype="0.008"),
        Limit("one section edited: parse", "", 100.0, amount("one section parsed", 1000), "cpu", "ms of CPU"),
        Limit("one section edited: `checkpoint check`", "", None, amount("one section, check", 1000), unit="ms"),
        Limit("first parse of the plan, memory", "", 150.0, amount("parsed", _MEGABYTE), "peak", "MB", "36"),
    ]
    about = _ABOUT.format(size=(place.work / "plan.md").stat().st_size / 1e6, artifacts=place.shape.artifacts)
    return Group("plan", about, subjects, limits, "markdown-it-py", bench.size.rounds)


def _script(bench: Bench, place: World, name: str, script: str) -> Subject:
    words = (bench.python, "-P", _HERE / script, "plan.md")
    return Subject(name, f"python {script} plan.md", program(words, place.work, place.env), ours=True)


def _within(bench: Bench, place: World) -> Subject:
    """The times that the process has taken by itself: its start is no part of them."""
    words = (str(bench.python), "-P", str(_HERE / "parse_section.py"), "plan.md")

    def take() -> Sample:
        done = floor.run(words, place.work, place.env)
        if done.status:
            raise RuntimeError(f"{' '.join(words)}: status {done.status}")
        return Sample(*map(float, done.output.split()))

    return Subject("one section parsed", "python parse_section.py plan.md", take)


def _edits(place: World) -> Callable[[], None]:
    """Before each turn a task gets another title, written in place so that the memory of this process stays small."""
    plan = place.work / "plan.md"
    titles = (b"Deliver part %03d " % number for number in range(500, 1000))
    task = f"**T{place.shape.teams // 2:05}-000** ".encode()

    def edit() -> None:
        with plan.open("r+b") as file:
            start = 0
            for line in file:
                if task in line:
                    break
                start += len(line)
            file.seek(start + line.index(task) + len(task))
            file.write(next(titles))

    return edit
