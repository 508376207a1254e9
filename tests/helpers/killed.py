"""Kills a courier at its work, line by line, and lets the next one do it again.

Run as a program of its own, since it forks:
echo '{"name": "terminal", "means": {…}, "notices": [{…}, …]}' | python -m tests.helpers.killed

Each notice is sent by a process that is killed (SIGKILL) before a line of Python that it was about to run, the lines
being spread over all that one sending takes; and then by a second one, which is left alone.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import msgspec

from checkpoint.notify import Means, Notice, Notifier
from checkpoint.notify.registry import find_notifiers


class Task(msgspec.Struct):
    """What is sent through which notifier."""

    name: str
    means: Means
    notices: list[Notice]


def send_killed(name: str, means: Means, notices: Sequence[Notice]) -> int:
    """Sends each notice twice, the first time interrupted; how many lines of Python an uninterrupted sending takes."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.killed"],
        input=msgspec.json.encode(Task(name, means, list(notices))),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return int(done.stdout)


def main() -> None:
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    (notifier,) = find_notifiers([task.name], task.means)
    first, second, *others = task.notices
    notifier.send(first)  # which imports and keeps what later ones have at hand
    lines = _lines_of(notifier, second)
    for number, notice in enumerate(others):
        in_a_process(notifier, notice, 1 + number * (lines - 1) // max(1, len(others) - 1))
        in_a_process(notifier, notice, 0)
    sys.stdout.write(str(lines))


def _lines_of(notifier: Notifier, notice: Notice) -> int:
    """Sends a notice, and counts the lines that this takes."""
    count = 0

    def trace() -> None:
        nonlocal count
        count += 1

    _traced(notifier, notice, trace)
    return count


def in_a_process(notifier: Notifier, notice: Notice, last: int) -> None:
    """Sends it in a child, which dies before its line of that number; 0: it lives."""
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        assert status in (0, signal.SIGKILL), status
        return
    left = last

    def trace() -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        _traced(notifier, notice, trace) if last else notifier.send(notice)
        os._exit(0)
    finally:
        os._exit(1)


def _traced(notifier: Notifier, notice: Notice, trace: Callable[[], None]) -> None:
    def look(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            trace()
        return look

    sys.settrace(look)
    try:
        notifier.send(notice)
    finally:
        sys.settrace(None)


if __name__ == "__main__":
    main()
