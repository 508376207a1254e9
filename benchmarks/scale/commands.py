"""A thousand short commands with time limits, beside `xargs -P`: bare, and each in a bubblewrap of its own."""

import json
import os
from collections.abc import Iterator

from benchmarks import floor
from benchmarks.scale.bench import Bench, World, check
from benchmarks.scale.model import Group, Limit, Subject, ratio
from benchmarks.scale.taking import program
from benchmarks.scale.worlds import environment, git
from tests.helpers.repositories import write

_ABOUT = """A plan that expects each of {count:,} approved commands to pass within five seconds. Each sleeps for 10 ms,
and no two are the same. `xargs` runs as many at a time as there are processors, here {processors}, without time limits.
*Sandboxed* is with bubblewrap on both sides."""
_TEAMS = 10


def commands(bench: Bench) -> Group:
    """Commands of a plan, all of which are run."""
    place = _world(bench)
    off, on = ({**place.env, "CHECKPOINT_SANDBOX": each} for each in ("off", "on"))
    _approve(bench, place)
    processors = len(os.sched_getaffinity(0))
    lines = f"seq -f 'sleep 0.01%04g' 0 {bench.size.commands - 1}"
    bare = f"{lines} | xargs -d '\\n' -P{processors} -I_ sh -c _"
    subjects = [
        Subject("xargs", bare, program(("sh", "-euc", bare), place.work, place.env)),
        check(bench, place, "check", env=off)._replace(command="CHECKPOINT_SANDBOX=off checkpoint check --quiet"),
    ]
    work = f"{bench.size.commands:,} commands of 10 ms"
    limits = [Limit(work, f"`xargs -P{processors}`", 1.3, ratio("check", "xargs"))]
    missing: tuple[str, ...] = ("bwrap is not installed (Debian: bubblewrap)",)
    if bench.tool("bwrap"):
        boxed = f"{lines} | xargs -d '\\n' -P{processors} -I_ {_BUBBLEWRAP} sh -c _"
        subjects += [
            Subject("xargs, sandboxed", boxed, program(("sh", "-euc", boxed), place.work, place.env)),
            check(bench, place, "check, sandboxed", env=on)._replace(
                command="CHECKPOINT_SANDBOX=on checkpoint check --quiet"
            ),
        ]
        figure = ratio("check, sandboxed", "xargs, sandboxed")
        limits.append(Limit(f"{work}, sandboxed", f"`xargs -P{processors} bwrap`", 1.3, figure))
        missing = ()
    about = _ABOUT.format(count=bench.size.commands, processors=processors)
    return Group("commands", about, subjects, limits, "xargs", bench.size.rounds, missing)


_BUBBLEWRAP = (
    "bwrap --unshare-all --die-with-parent --new-session --cap-drop ALL --ro-bind / / --dev /dev --proc /proc"
    " --tmpfs /tmp --tmpfs /var/tmp --tmpfs /run --"
)
"""What the sandbox of commands is, without the layer above the repository."""


def _world(bench: Bench) -> World:
    folder = bench.folder / "commands"
    env = environment(folder / "home")
    if not (folder / "work").exists():
        write(folder / "work", {"plan.md": "".join(_plan(bench.size.commands))})
        git(folder / "work", env, "init", "-q")
        for team in range(_TEAMS):
            write(folder / "work", {f"out/{team}/README": "A folder to run commands in.\n"})
        git(folder / "work", env, "add", "-A")
        git(folder / "work", env, "commit", "-q", "-m", "Begin")
    return World(folder / "work", folder / "work", env, bench.size.small)


def _plan(count: int) -> Iterator[str]:
    yield "---\ncheckpoint: 1\n---\n\n# Commands\n\n"
    for team in range(_TEAMS):
        yield f"## Team: team-{team}\n\n- folder: `out/{team}`\n\n"
        for number in range(team, count, _TEAMS):
            yield f"- [ ] **C{number}** Run command {number}\n  - `$ sleep 0.01{number:04}` passes within 5s\n"
        yield "\n"


def _approve(bench: Bench, place: World) -> None:
    words = (str(bench.checkpoint), "approve", "--json")
    shown = floor.run(words, place.work, place.env)
    digest = json.loads(shown.output)["digest"]
    floor.measure((*words, digest), place.work, place.env)
