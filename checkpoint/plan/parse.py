"""plan.md → Plan. Total: whatever the bytes, the result says what is wrong with them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from checkpoint.plan import blocks, settings
from checkpoint.plan.harmless import printable, quoted
from checkpoint.plan.model import Block, Plan, Problem, Settings, Task
from checkpoint.plan.reading import is_closed, read_piece
from checkpoint.plan.section import Owner, Section
from checkpoint.plan.sections import body_start, cuts
from checkpoint.plan.text import normal, unreadable


class Document(msgspec.Struct, frozen=True):
    """A plan with what an edit needs to know of its text; lines count from 1.

    `title_line` is the last line of the title, or 0; `body_line` the first line after the front matter; `ends` holds
    the last line of each team's section, `broken` the kind and team of blocks in disorder. `left_alone` are
    these, and the blocks that cannot be added since such a marker stands in their section. `pieces` says where the
    pieces behind the first one begin, in a text as `normal` gives it: the byte, and the line.
    """

    plan: Plan
    title_line: int = 0
    body_line: int = 1
    ends: Mapping[str, int] = {}
    broken: frozenset[blocks.Key] = frozenset()
    left_alone: frozenset[blocks.Key] = frozenset()
    pieces: tuple[tuple[int, int], ...] = ()


def parse(data: bytes) -> Plan:
    """The plan that these bytes hold, with all their problems, in the order of their lines."""
    return read(data).plan


@lru_cache(maxsize=2)
def read(data: bytes) -> Document:
    """The same with what `edit` needs. What was read last is remembered: a run looks at one text from several sides."""
    problem = unreadable(data)
    return _read(normal(data)) if problem is None else Document(Plan(problems=(problem,)))


def _read(data: bytes) -> Document:
    """What a text says whose lines end in LF."""
    at = body_start(data)
    head = data[:at].decode().split("\n")
    start, values, problems = _front_matter(head)
    spans = list(_spans(data, at, start + 1))
    sections = [section_of(data[a:b], first, is_last=b == len(data)) for a, b, first in spans]
    owners = [owner for section in sections for owner in section.owners]
    title = next((section.title for section in sections if section.title is not None), None)
    single = blocks.duplicates(block for section in sections for block in section.paired.blocks)
    wrong = _placed([*(each for section in sections for each in section.paired.broken), *single.broken], owners)
    broken = frozenset((kind, team or here if kind == "next" else "") for (kind, team), here in wrong)
    left_alone = broken | _without_room(single.blocks, [here for _, here in wrong])
    in_order = [block for block in single.blocks if (block.kind, block.team) not in broken]
    known, unknown = _assigned(in_order, owners)
    found = [*problems, *_conflicts(head[:start], sections), *single.problems, *unknown]
    found += [problem for section in sections for problem in (*section.paired.problems, *section.problems)]
    found += [*_double_teams(owners), *_double_tasks(owners), *_unknown_tasks(owners)]
    found = [replace(problem, found=printable(problem.found), mend=printable(problem.mend)) for problem in found]
    found.sort(key=lambda problem: (problem.line, problem.column, problem.rule))
    name = title.text.replace("\n", " ") if title is not None else ""
    plan = Plan(values, name, tuple(owner.team for owner in owners), known, tuple(found))
    ends = {owner.team.name: owner.last for owner in reversed(owners)}
    pieces = tuple((a, first) for a, _, first in spans[1:])
    return Document(plan, title.last if title is not None else 0, start + 1, ends, broken, left_alone, pieces)


def _spans(data: bytes, at: int, first: int) -> Iterator[tuple[int, int, int]]:
    """The pieces of the body, which begins there and in that line: where each begins and ends, and its first line."""
    for start, stop in pairwise((at, *cuts(data, at, is_closed), len(data))):
        yield start, stop, first
        first += data.count(b"\n", start, stop)


def section_of(data: bytes, first: int, *, is_last: bool) -> Section:
    """What a piece says that begins in that line."""
    text = data.decode()
    return read_piece(text if is_last else text[:-1], first)


def _front_matter(lines: Sequence[str]) -> tuple[int, Settings, tuple[Problem, ...]]:
    """How many lines the front matter takes, what it says, and what is wrong with it."""
    if lines[0].rstrip(" \t") != "---":
        return 0, Settings(), (settings.no_version(),)
    end = next((i for i, line in enumerate(lines) if i and line.rstrip(" \t") == "---"), 0)
    if not end:
        mend = "put a line `---` after the last key"
        return 1, Settings(), (Problem(1, 1, "front matter that nothing closes", "`---`", mend, rule="front-matter"),)
    values, problems = settings.read(lines[1:end])
    return end + 1, values, problems


def _assigned(found: Iterable[Block], owners: Iterable[Owner]) -> tuple[tuple[Block, ...], list[Problem]]:
    """The blocks of teams that exist, and a problem for each other."""
    teams = {owner.team.name for owner in owners} | {""}
    known, problems = [], []
    for block in found:
        if block.team in teams:
            known.append(block)
        else:
            mend = "name a team of this plan, or delete the block"
            what = f"a block of the team `{block.team}`"
            problems.append(Problem(block.first_line, 1, what, "a team of this plan", mend, rule="block-team"))
    return tuple(known), problems


def _placed(found: Iterable[tuple[blocks.Key, int]], owners: Sequence[Owner]) -> list[tuple[blocks.Key, str]]:
    """What markers in disorder name, with the team in whose section each stands, or none."""
    firsts = [owner.first for owner in owners]
    placed = []
    for key, line in found:
        at = bisect_right(firsts, line) - 1
        placed.append((key, owners[at].team.name if at >= 0 and line <= owners[at].last else ""))
    return placed


def _without_room(single: Iterable[Block], places: Iterable[str]) -> frozenset[blocks.Key]:
    """The blocks of these teams that are missing: added there, they could come to stand within another."""
    present = {block.team for block in single if block.kind == "next"}
    return frozenset(("next", team) for team in places if team and team not in present)


def _conflicts(head: Sequence[str], sections: Iterable[Section]) -> Iterator[Problem]:
    """Marks of an unresolved merge. `=======` alone is a heading's underline and counts only after the first mark."""
    marks = [(i + 1, line) for i, line in enumerate(head) if line.startswith(("<<<<<<< ", ">>>>>>> ", "======="))]
    marks += [mark for section in sections for mark in section.conflicts]
    inside = False
    for line, text in marks:
        if text[0] in "<>" or inside:
            mend = "resolve the merge: keep one side, delete the lines with the marks"
            yield Problem(line, 1, f"the conflict mark {quoted(text)}", "a merged plan", mend, rule="conflict")
        inside = inside or text[0] == "<"
        inside = inside and text[0] != ">"


def _double_teams(owners: Iterable[Owner]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for owner in owners:
        name, line = owner.team.name, owner.team.line
        if first.setdefault(name, line) != line:
            expected = f"each team once; the first is in line {first[name]}"
            mend = "rename one, or merge the two"
            yield Problem(line, 1, f"team `{name}` a second time", expected, mend, rule="team")


def _double_tasks(owners: Iterable[Owner]) -> Iterator[Problem]:
    tasks = [task for owner in owners for task in owner.team.tasks]
    if len({task.id for task in tasks}) == len(tasks):
        return
    first: dict[str, int] = {}
    for task in tasks:
        if first.setdefault(task.id, task.line) != task.line:
            expected = f"each id once in the plan; the first is in line {first[task.id]}"
            found = f"task `{task.id}` a second time"
            yield Problem(task.line, task.column, found, expected, "rename one", rule="task")


def _unknown_tasks(owners: Sequence[Owner]) -> Iterator[Problem]:
    waiting = [task for owner in owners for task in owner.team.tasks if task.after]
    known = {task.id for owner in owners for task in owner.team.tasks} if waiting else set()
    for task in waiting:
        for other in task.after:
            if other not in known:
                yield _unknown_task(task, other)


def _unknown_task(task: Task, other: str) -> Problem:
    mend = "write the id of a task of this plan, or take it out"
    return Problem(task.line, task.column, f"`{task.id}` after `{other}`", "a task of this plan", mend, rule="after")
