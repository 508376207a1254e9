"""plan.md → Plan. Total: whatever the bytes, the result says what is wrong with them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from checkpoint.lazy import load
from checkpoint.plan import blocks, settings
from checkpoint.plan.harmless import printable, quoted
from checkpoint.plan.model import Block, Expectation, Plan, Problem, Settings, Task
from checkpoint.plan.nodes import Node
from checkpoint.plan.plain import scan
from checkpoint.plan.section import Owner, Section, interpret
from checkpoint.plan.sections import pieces

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""What acts on a terminal instead of being shown there; nobody writes it on purpose."""
_ENDINGS = re.compile("\r\n?")


class Document(msgspec.Struct, frozen=True):
    """A plan with what an edit needs to know of its text; lines count from 1.

    `title_line` is the last line of the title, or 0; `body_line` the first line after the front matter; `ends` holds
    the last line of each team's section, `broken` the kind and team of blocks in disorder. `left_alone` are
    these, and the blocks that cannot be added since such a marker stands in their section.
    """

    plan: Plan
    title_line: int = 0
    body_line: int = 1
    ends: Mapping[str, int] = {}
    broken: frozenset[blocks.Key] = frozenset()
    left_alone: frozenset[blocks.Key] = frozenset()


def parse(data: bytes) -> Plan:
    """The plan that these bytes hold, with all their problems, in the order of their lines."""
    return read(data).plan


def read(data: bytes) -> Document:
    """The same with what `edit` needs."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _unreadable(data[: error.start], f"byte 0x{data[error.start]:02x}, which is not UTF-8", "encoding")
    control = _CONTROL.search(text)
    if control:
        found = f"the control character U+{ord(control[0]):04X}"
        return _unreadable(text[: control.start()].encode(), found, "control")
    lines = _ENDINGS.sub("\n", text.removeprefix("\ufeff")).split("\n")
    return _read(lines)


def _unreadable(before: bytes, found: str, rule: str) -> Document:
    lines = _ENDINGS.sub("\n", before.decode("utf-8").removeprefix("\ufeff")).split("\n")
    mend = "save the plan as UTF-8 text"
    problem = Problem(len(lines), len(lines[-1]) + 1, found, "text in UTF-8", mend, rule=rule)
    return Document(Plan(problems=(problem,)))


def _read(lines: Sequence[str]) -> Document:
    start, values, problems = _front_matter(lines)
    body = lines[start:]
    sections = [(start + a + 1, read_section("\n".join(body[a:b]))) for a, b in pieces(body, _is_closed)]
    owners = [_moved(owner, by) for by, section in sections for owner in section.owners]
    outline = [_node_moved(node, by) for by, section in sections for node in section.outline]
    titles = [_node_moved(section.title, by) for by, section in sections if section.title is not None]
    paired = blocks.pair(outline)
    single = blocks.duplicates(paired.blocks)
    wrong = _placed([*paired.broken, *single.broken], owners)
    broken = frozenset((kind, team or here if kind == "next" else "") for (kind, team), here in wrong)
    left_alone = broken | _without_room(single.blocks, [here for _, here in wrong])
    in_order = [block for block in single.blocks if (block.kind, block.team) not in broken]
    known, unknown = _assigned(in_order, owners)
    found = [*problems, *_conflicts(lines[:start], sections), *paired.problems, *single.problems, *unknown]
    found += [_problem_moved(problem, by) for by, section in sections for problem in section.problems]
    found += [*_double_teams(owners), *_double_tasks(owners), *_unknown_tasks(owners)]
    found = [replace(problem, found=printable(problem.found), mend=printable(problem.mend)) for problem in found]
    found.sort(key=lambda problem: (problem.line, problem.column, problem.rule))
    title = titles[0].text.replace("\n", " ") if titles else ""
    plan = Plan(values, title, tuple(owner.team for owner in owners), known, tuple(found))
    ends = {owner.team.name: owner.last for owner in reversed(owners)}
    return Document(plan, titles[0].last if titles else 0, start + 1, ends, broken, left_alone)


@lru_cache(maxsize=512)
def read_section(text: str) -> Section:
    lines = text.split("\n")
    nodes = scan(lines)
    return interpret(load("checkpoint.plan.markdown").nodes(lines) if nodes is None else nodes, lines)


def _is_closed(lines: Sequence[str]) -> bool:
    return _closed("\n".join(lines))


@lru_cache(maxsize=512)
def _closed(text: str) -> bool:
    return bool(load("checkpoint.plan.markdown").is_closed(text.split("\n")))


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


def _moved(owner: Owner, by: int) -> Owner:
    tasks = tuple(_task_moved(task, by) for task in owner.team.tasks)
    return Owner(replace(owner.team, tasks=tasks, line=owner.team.line + by), owner.first + by, owner.last + by)


def _task_moved(t: Task, by: int) -> Task:
    wanted = tuple(
        Expectation(e.artifact, e.validator, e.arguments, e.comment, e.line + by, e.column + 1) for e in t.expectations
    )
    return Task(t.id, t.title, t.ticked, t.after, wanted, t.line + by, t.column + 1)


def _node_moved(node: Node, by: int) -> Node:
    return replace(node, line=node.line + by, last=node.last + by)


def _problem_moved(problem: Problem, by: int) -> Problem:
    return replace(problem, line=problem.line + by, column=problem.column + 1)


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


def _conflicts(head: Sequence[str], sections: Iterable[tuple[int, Section]]) -> Iterator[Problem]:
    """Marks of an unresolved merge. `=======` alone is a heading's underline and counts only after the first mark."""
    marks = [(i + 1, line) for i, line in enumerate(head) if line.startswith(("<<<<<<< ", ">>>>>>> ", "======="))]
    marks += [(line + by, text) for by, section in sections for line, text in section.conflicts]
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
    first: dict[str, int] = {}
    for task in (task for owner in owners for task in owner.team.tasks):
        if first.setdefault(task.id, task.line) != task.line:
            expected = f"each id once in the plan; the first is in line {first[task.id]}"
            found = f"task `{task.id}` a second time"
            yield Problem(task.line, task.column, found, expected, "rename one", rule="task")


def _unknown_tasks(owners: Sequence[Owner]) -> Iterator[Problem]:
    known = {task.id for owner in owners for task in owner.team.tasks}
    for task in (task for owner in owners for task in owner.team.tasks):
        for other in task.after:
            if other not in known:
                yield _unknown_task(task, other)


def _unknown_task(task: Task, other: str) -> Problem:
    mend = "write the id of a task of this plan, or take it out"
    return Problem(task.line, task.column, f"`{task.id}` after `{other}`", "a task of this plan", mend, rule="after")
