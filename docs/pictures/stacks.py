"""Where a program spends its time: its stacks, sampled by py-spy from the outside, as a tree of functions."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

_FRAME = re.compile(r"(?P<name>.+) \((?P<module>[^():]+)(?::\d+)?\)")
_IMPORTING = re.compile(r"<frozen (importlib|zipimport)")
_OUTERMOST = ("<module>", "entry (")
_PROCESS = "process "
_RATE = 500


class Frame:
    """A function, how many samples found it at work, and what it had called then."""

    def __init__(self, name: str, module: str = "") -> None:
        self.name = name
        self.module = module
        self.samples = 0
        self.called: dict[str, Frame] = {}

    def add(self, stack: Iterable[str], samples: int) -> None:
        """Counts a stack, from the outside in."""
        self.samples += samples
        at = self
        for each in stack:
            at = at.called.setdefault(each, _frame(each))
            at.samples += samples


def _frame(text: str) -> Frame:
    found = _FRAME.fullmatch(text)
    return Frame(found["name"], found["module"]) if found else Frame(text)


def sample(root: Frame, profiler: Path, words: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
    """Adds one run of a program to the tree. Raises CalledProcessError where the profiler cannot look into it."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "stacks"
        record = (profiler, "record", "--function", "--subprocesses", "--rate", f"{_RATE}", "--format", "raw")
        argv = (*record, "--output", target, "--", *words)
        subprocess.run(argv, cwd=cwd, env=env, check=True, capture_output=True)  # noqa: S603 - ours
        lines = target.read_text().splitlines() if target.exists() else []
    for line in lines:
        stack, _, samples = line.rpartition(" ")
        root.add(_told(stack.split(";")), int(samples))


def _told(stack: Sequence[str]) -> Iterator[str]:
    """Without what every program begins with; all that an import does is one frame."""
    for number, each in enumerate(stack):
        if _IMPORTING.search(each):
            yield "imports"
            return
        if each.startswith(_PROCESS):
            yield from ("another process",) if number else ()
        elif not each.startswith(_OUTERMOST):
            yield each
