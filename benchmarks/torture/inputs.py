"""Bad input of every kind, and every state that git can be in; what a checkpoint makes of each is held against a table.

Each input is made for real, in a repository with a remote: a team delivers what is bad, another one is healthy. Then
`checkpoint now` runs (for some mistakes of plans `checkpoint lint`), and everything that came of it is judged. The exit
status and the state of each task are those of the table; what is said names the path, the limit and the next step;
where the plan can be used at all, the healthy team is proven and published, and the commit changes the plan alone;
where it cannot, nothing is published. Nothing outside of the repository is read or written. It ends within 10 seconds
and holds less than 500 MiB. At last all deliveries are made at once, by a team each.

The naive way is what one writes in an hour: GitPython for pull, commit and push, regular expressions for the plan, and
`open().read()`, `json`, `yaml.safe_load`, `re` and `glob` for what is delivered. The same is asked of it, but
no words and no particular status: only what it proves, publishes, reads and writes, and that it ends in time.

Inputs with a number stand in rows 1 to 30 of the table of bad inputs, `30+` are those named beside it, `git` are git's
states. Nothing that this program ships reads archives: so it is shown that none is unpacked.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.torture import inputs_commands, inputs_content, inputs_folders, inputs_git, inputs_plan
from benchmarks.torture.inputs_case import Case, Delivery, together
from benchmarks.torture.inputs_judge import judge, look
from benchmarks.torture.inputs_stage import SECONDS, Ran, Stage
from benchmarks.torture.promise import Outcome, Promise, Trial
from tests.helpers.repositories import GitError

PROMISE = Promise(
    8,
    "Bad input spoils nothing: whatever a plan, a folder or a repository is like, it is answered in time, with the "
    "next step, and other teams are checkpointed as ever.",
    "every input: the expected behaviour, within 10 s and 500 MiB, other teams unaffected",
)
DELIVERIES: tuple[Delivery, ...] = (*inputs_folders.DELIVERIES, *inputs_content.DELIVERIES)
STATES: tuple[Case, ...] = (*inputs_plan.CASES, *inputs_git.CASES, *inputs_commands.CASES)
NAIVE = (sys.executable, str(Path(__file__).with_name("inputs_naive.py")))
_PATIENCE_SHORT = 1.0
"""Seconds for the naive way where the tests run it: what it comes to decides nothing there."""


class Tried(NamedTuple):
    """What came of one input, in our way and in the naive one; None where that was not asked."""

    case: Case
    ours: tuple[str, ...]
    naive: tuple[str, ...] | None
    ran: Ran

    @property
    def line(self) -> str:
        cells = (self.ours, self.naive)
        words = ["" if each is None else "as expected" if not each else _cell(each[0]) for each in cells]
        took = f"{self.ran.seconds:.1f} s, {self.ran.peak // 2**20} MiB"
        return f"| {self.case.row} | {self.case.name} | {words[0]} | {took} | {words[1]} |"


def _cell(text: str) -> str:
    plain = "".join(c if c.isprintable() and c not in "|`<>*[]" else " " for c in text[:100])
    return " ".join(plain.split())


def chosen(short: bool) -> list[Case]:
    """What is tried: in short those that say most, and all deliveries at once."""
    at_once = together(each for each in DELIVERIES if not each.vast)
    if short:
        return [at_once, *(each for each in STATES if each.short)]
    return [*(each.case for each in DELIVERIES), *STATES, at_once]


def run(trial: Trial) -> Outcome:
    cases = [case for case in chosen(trial.short) if all(map(shutil.which, case.needs))]
    tried = []
    for number, case in enumerate(cases, 1):
        trial.say(f"{number} of {len(cases)}: {case.name}")
        tried.append(try_both(case, trial.folder, _PATIENCE_SHORT if trial.short else SECONDS))
    return _outcome(tried)


def try_both(case: Case, folder: Path, patience: float) -> Tried:
    """One input in our way, and in the naive one where `checkpoint now` is what is asked for."""
    ours, ran = tried_by((), case, folder)
    if case.words[0] != "now":
        return Tried(case, tuple(ours), None, ran)
    return Tried(case, tuple(ours), tuple(tried_by(NAIVE, case, folder, patience)[0]), ran)


def tried_by(program: Iterable[str], case: Case, folder: Path, seconds: float = SECONDS) -> tuple[list[str], Ran]:
    """What is wrong with what a program makes of an input, made anew for it; ours where it is empty."""
    argv = list(program)
    stage = Stage(Path(tempfile.mkdtemp(dir=folder)), case.plan)
    try:
        try:
            case.build(stage)
        except GitError as error:
            return [f"it could not be made: {error}"], Ran(0, "", "", 0.0, 0)
        before = look(stage)
        ran = stage.run([*stage.prefix, *argv], seconds) if argv else stage.checkpoint(*case.words)
        return judge(case, stage, before, ran, plainly=bool(argv)), ran
    finally:
        stage.close()


def _outcome(tried: list[Tried]) -> Outcome:
    compared = [each for each in tried if each.naive is not None]
    slowest = max(each.ran.seconds for each in tried)
    largest = max(each.ran.peak for each in tried) // 2**20
    right = sum(not each.ours for each in tried)
    bounds = f"within {slowest:.1f} s and {largest} MiB"
    same = sum(not each.naive for each in compared)
    head = "| row | input | ours | took | the naive way |\n|---|---|---|---|---|"
    return Outcome(
        f"{right} of {len(tried)} as expected, {bounds}",
        f"{same} of {len(compared)} as expected",
        tuple(_broken(tried)),
        "\n".join((head, *(each.line for each in tried))),
    )


def _broken(tried: list[Tried]) -> Iterator[str]:
    for each in tried:
        if each.ours:
            yield f"{each.case.row}, {each.case.name}: {'; '.join(each.ours)[:500]}"
