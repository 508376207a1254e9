"""Commands of a plan, approved once, that do not do what a person had in mind when approving them."""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.torture.inputs_case import Also, Case, nothing
from benchmarks.torture.inputs_stage import HEAD, HEALTHY, Build, Ran, Stage, section
from tests.helpers.repositories import write

_SWEPT = 3.0
"""Seconds within which what a command left behind must be gone."""


def _approved(script: str) -> Build:
    """The team's command, approved by a person; the plan that it stands in has no other."""

    def build(stage: Stage) -> None:
        write(stage.work, {"out/bad/run.sh": script})
        stage.approve()

    return build


def _plan(seconds: int) -> str:
    return HEAD + section("bad", f"`$ sh run.sh` passes within {seconds}s") + HEALTHY


def _nothing_left(stage: Stage, ran: Ran) -> Iterable[str]:
    """No process that runs in the team's folder is left."""
    end = time.monotonic() + _SWEPT
    while (left := _running_in(stage.bad)) and time.monotonic() < end:
        time.sleep(0.05)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    if left:
        yield f"{len(left)} processes are left"


def _running_in(folder: Path) -> list[int]:
    found = []
    for each in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if each.readlink() == folder.resolve():
                found.append(int(each.parent.name))
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


def _flooded(stage: Stage, ran: Ran) -> Iterable[str]:
    kept = sum(path.stat().st_size for path in stage.home.rglob("*") if path.is_file())
    if kept > 20 * 2**20 or len(ran.out) > 2**20:
        yield f"{kept // 2**20} MiB of output were kept"
    yield from _nothing_left(stage, ran)


def _case(
    row: str, name: str, script: str, seconds: int, *says: str, also: Also = nothing, state: str = "failing"
) -> Case:
    states = (("X-bad", state),) if state else ()
    return Case(row, name, _approved(script), says=says, states=states, plan=_plan(seconds), also=also)


_LIMIT = ("an end within", "still running, ended")

CASES = (
    _case("21", "a command that never ends", "exec sleep 60\n", 1, *_LIMIT, also=_nothing_left),
    _case(
        "21",
        "a command that leaves a daemon behind",
        "setsid sh -c 'exec sleep 60' >/dev/null 2>&1 & \nexit 0\n",
        5,
        also=_nothing_left,
        state="verified",
    ),
    _case("21", "a command that floods", "exec yes\n", 1, *_LIMIT, also=_flooded),
    _case(
        "21",
        "a command that starts 200 others, each out of its reach",
        "for n in $(seq 200); do setsid sleep 60 & done; exec sleep 60\n",
        2,
        also=_nothing_left,
    ),
    # Where it is kept from writing it fails, else it passes; what is published is the plan alone.
    _case(
        "22",
        "a command that writes into the repository",
        "echo x > ../../README.md; echo x > ../x\n",
        5,
        state="",
    ),
)
