"""One team's expectations as a job by itself: all that its verdicts depend on, but the files.

A unit and its answer are plain values in MessagePack, so that another process or machine can take it that has a clone
of the repository: `checkpoint.validation.elsewhere`. Validators are found by name where it is judged.
"""

from __future__ import annotations

import hashlib

import msgspec
from msgspec.structs import force_setattr

from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.validation.deadline import Deadline
from checkpoint.validation.given import TIME_LIMIT, Rules, TeamFiles
from checkpoint.validation.judging import Bound, Judge
from checkpoint.verdicts import Verdict


class Unit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One team's expectations. `now` is the only clock, in seconds since the epoch.

    `commit` is the one that the team's `ref` names, `references` the one whose files schemas and the like are; where it
    is empty they are the files of the work tree. `approved` are the keys of what a person approved of all this
    (`key_of`), `plugins` the sha256 of each approved validator of the repository's own by its path, `unapproved` the
    paths of the others. With `every`, verdicts are bound to the content of all that they looked at.
    """

    team: Team
    now: float
    commit: str = ""
    references: str = ""
    approved: tuple[str, ...] = ()
    plugins: dict[str, str] = {}
    unapproved: tuple[str, ...] = ()
    seconds: float = TIME_LIMIT
    every: bool = True


class Output(msgspec.Struct, frozen=True):
    """Raw output behind a verdict of an answer: the verdict's number, the output's name, and the digest of its text."""

    verdict: int
    name: str
    digest: str


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """A verdict for each of a unit's expectations, in order, and the texts behind them by the sha256 of each.

    It holds nothing but what was found: the same unit and the same files give the same bytes.
    """

    verdicts: list[Verdict]
    evidence: tuple[Output, ...] = ()
    blobs: dict[str, str] = {}


class Judged(msgspec.Struct, frozen=True):
    """What was found of one unit: a verdict for each expectation, and the texts behind each by their names."""

    verdicts: list[Verdict]
    kept: list[dict[str, str]]


class Timed(msgspec.Struct, frozen=True):
    """An answer as it was encoded, and beside it how many seconds each of its verdicts took."""

    answer: msgspec.Raw
    seconds: tuple[float, ...]


def judge(unit: Unit, files: TeamFiles, rules: Rules) -> Timed:
    """Judges a unit by the files and rules that are here."""
    with Deadline() as deadline:
        return timed(judged(unit, files, Bound(rules), deadline))


def judged(unit: Unit, files: TeamFiles, bound: Bound, deadline: Deadline) -> Judged:
    """The same, as values of this process."""
    found = Judged([], [])

    def keep(team: Team, task: Task, expectation: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
        found.kept[-1].update(evidence)
        return tuple(evidence)

    judge = Judge(unit.team, files, bound, keep, deadline, unit.seconds, every=unit.every)
    for task in unit.team.tasks:
        for expectation in task.expectations:
            found.kept.append({})
            found.verdicts.append(judge.verdict(task, expectation))
    judge.close()
    return found


def timed(found: Judged) -> Timed:
    """What was found as an answer."""
    texts = {_digest(text): text for evidence in found.kept for text in evidence.values()}
    outputs = tuple(
        Output(number, name, _digest(text))
        for number, evidence in enumerate(found.kept)
        for name, text in evidence.items()
    )
    seconds = tuple([each.seconds for each in found.verdicts])
    for each in found.verdicts:  # made for this answer, and not yet shown to anybody
        force_setattr(each, "seconds", 0.0)
    answer = Answer(found.verdicts, outputs, dict(sorted(texts.items())))
    return Timed(msgspec.Raw(msgspec.msgpack.encode(answer)), seconds)


def opened(found: Timed) -> Judged:
    """What an answer holds, each verdict with the seconds that it took."""
    answer = msgspec.msgpack.decode(found.answer, type=Answer)
    kept: list[dict[str, str]] = [{} for _ in answer.verdicts]
    for each in answer.evidence:
        kept[each.verdict][each.name] = answer.blobs[each.digest]
    for verdict, seconds in zip(answer.verdicts, found.seconds, strict=True):  # nobody has seen them yet
        force_setattr(verdict, "seconds", seconds)
    return Judged(answer.verdicts, kept)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
