"""What must be true of the plan's reader and of everything that writes plans, whatever the bytes.

Each function takes an input, raises AssertionError where a promise is not kept, and lets every other exception through
but the ones that are documented. What is tested is an argument, so that a broken one can be put in its place.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import TypeAlias

from msgspec.structs import replace

from benchmarks.fuzz.mutation import SEPARATOR
from checkpoint.plan import edit, markdown, merge
from checkpoint.plan import parse as parsing
from checkpoint.plan import restore as restoring
from checkpoint.plan import weakening as weakening_of
from checkpoint.plan.derived import carried, is_same_for_people
from checkpoint.plan.edit import Key
from checkpoint.plan.harmless import fenced, inline, sentence
from checkpoint.plan.lint import lint
from checkpoint.plan.model import Plan
from checkpoint.plan.nodes import Node
from checkpoint.plan.order import circles
from checkpoint.plan.patches import line_ending
from checkpoint.plan.plain import scan
from checkpoint.plan.reading import is_closed
from checkpoint.plan.sections import cuts

Parse: TypeAlias = Callable[[bytes], Plan]
Apply: TypeAlias = Callable[[bytes, Mapping[str, bool], Mapping[Key, str]], bytes]
Restore: TypeAlias = Callable[[bytes, bytes, bytes], bytes]
Scan: TypeAlias = Callable[[list[str]], list[Node] | None]
Apart: TypeAlias = Callable[[bytes, bytes, bytes], merge.Apart]
Strengthen: TypeAlias = Callable[[Plan, Plan], Plan]


def texts(data: bytes, number: int) -> list[bytes]:
    """So many texts of an input; those that it does not have are empty."""
    parts = data.split(SEPARATOR, number - 1)
    return [*parts, *[b""] * (number - len(parts))]


def parses(data: bytes, parse: Parse = parsing.parse) -> None:
    """Any bytes give a plan, each problem has a place in the text, and a name that stands once is a task's."""
    plan = parse(data)
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for problem in plan.problems:
        assert 1 <= problem.line <= lines, problem
        assert problem.column >= 1, problem
        assert problem.found and problem.expected and problem.mend and problem.rule, problem  # noqa: PT018
        assert (problem.found + problem.mend).isprintable(), problem
    lint(plan, ("out/a/b", "plan.md"), "plan.md")
    list(circles(plan))
    if not plan.errors:
        names = [task.id for team in plan.teams for task in team.tasks]
        assert len(set(names)) == len(names)
        assert all(each.folder for each in plan.teams)


def agrees(data: bytes, fast: Scan = scan) -> None:
    """The fast reader says what Markdown says or nothing, and the pieces of a text say what the whole does.

    Where lists are nested too deep, markdown-it-py drops what follows: both say so then, and the plan is refused.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    whole = markdown.nodes(lines)
    assert fast(lines) in (None, whole)
    starts = [text.encode()[:at].count(b"\n") for at in cuts(text.encode(), 0, is_closed)]
    cut = pairwise([0, *starts, len(lines)])
    found = [replace(n, line=n.line + a, last=n.last + a) for a, b in cut for n in markdown.nodes(lines[a:b])]
    assert found == whole or all(any(node.kind == "deep" for node in nodes) for nodes in (found, whole))


def said(plan: Plan, ticks: Iterable[str] = ()) -> object:
    """What people have said in a plan, without places and blocks, and without the marks of these tasks."""
    teams = [
        replace(team, line=0, tasks=tuple(replace(t, line=0, column=0, expectations=()) for t in team.tasks))
        for team in plan.teams
    ]
    marks = {task.id: task.ticked for task in plan.tasks.values() if task.id not in set(ticks)}
    wanted = {task.id: [each.text for each in task.expectations] for task in plan.tasks.values()}
    unmarked = [replace(team, tasks=tuple(replace(t, ticked=False) for t in team.tasks)) for team in teams]
    return plan.settings, plan.title, unmarked, marks, wanted, [each.rule for each in plan.problems]


def outside(data: bytes) -> list[bytes]:
    """The lines of people: without managed blocks, blank lines and the marks of tasks."""
    plan = parsing.parse(data)
    lines = data.splitlines()
    for task in plan.tasks.values():
        text = lines[task.line - 1].decode()
        lines[task.line - 1] = f"{text[: task.column - 1]}.{text[task.column :]}".encode()
    inside = {n for block in plan.blocks for n in range(block.first_line - 1, block.last_line)}
    return [line for number, line in enumerate(lines) if number not in inside and line.strip(b" \t")]


def edits(data: bytes, apply: Apply = edit.apply) -> None:
    """An edit changes marks and blocks alone, is the same when made twice, and takes any text that we make of words."""
    text, raw = texts(data, 2)
    plan = parsing.parse(text)
    words = raw.decode("utf-8", "replace")
    keys: list[Key] = [("status", ""), *(("next", team.name) for team in plan.teams)]
    ticks = {name: bool(hashlib.sha256(name.encode()).digest()[0] & 1) for name in plan.tasks}
    _edited(text, apply, ticks, dict.fromkeys(keys, words))
    ours = f"- {inline(words)}\n- mend {sentence(words)}\n\n{fenced(words, words, 200)}"
    plain = _edited(text, apply, ticks, dict.fromkeys(keys, "words"))
    assert (plain is None) == bool(plan.refusals)
    assert (_edited(text, apply, ticks, dict.fromkeys(keys, ours)) is None) == (plain is None)


def _edited(text: bytes, apply: Apply, ticks: Mapping[str, bool], blocks: Mapping[Key, str]) -> bytes | None:
    """The result, or None where the edit is refused."""
    before = parsing.parse(text)
    try:
        result = apply(text, ticks, blocks)
    except ValueError:
        return None
    after = parsing.parse(result)
    assert not before.refusals
    assert said(after, ticks) == said(before, ticks)
    assert {name: task.ticked for name, task in after.tasks.items()} == ticks
    assert outside(result) == outside(text)
    assert apply(result, ticks, blocks) == result
    return result


def restores(data: bytes, restore: Restore = restoring.restore, apply: Apply = edit.apply) -> None:
    """What was restored says what people say now, and undoing what a checkpoint did gives the first bytes back."""
    now, was = texts(data, 2)
    plan = parsing.parse(now)
    try:
        result = restore(now, was, now)
    except ValueError:
        result = None
    if result is not None:
        mine = {task.id for task in plan.tasks.values() if task.expectations}
        assert said(parsing.parse(result), mine) == said(plan, mine)
        assert outside(result) == outside(now)
        assert restore(result, was, result) == result
    keys: list[Key] = [("status", ""), *(("next", team.name) for team in plan.teams)]
    ticks = {task.id: not task.ticked for task in plan.tasks.values() if task.expectations}
    try:
        taken = apply(now, ticks, dict.fromkeys(keys, "words"))
        again = apply(taken, {}, dict.fromkeys(keys, "- other\n- words"))
    except ValueError:
        return
    assert restore(taken, now, taken) == now
    assert restore(again, taken, again) == taken


def merges(data: bytes, apart: Apart = merge.apart) -> None:
    """Texts that differ in what is derived alone become the same, and each is whole again with its people's words.

    But for a text whose lines end in another way than ours: what is put into it ends its lines as ours does.
    """
    base, ours, theirs = texts(data, 3)
    assert outside(carried(ours, theirs, base or None)) == outside(ours)
    try:
        found = apart(base, ours, theirs)
    except ValueError:
        return
    for text, parted in ((ours, found.ours), (theirs, found.theirs)):
        if not text or line_ending(text.splitlines(keepends=True)) != line_ending(ours.splitlines(keepends=True)):
            continue
        assert found.whole(parted) == found.whole(found.whole(parted))
        assert _of_people(found.whole(parted), base, ours, theirs) == _of_people(text, base, ours, theirs)
    if ours and theirs and is_same_for_people(ours, theirs):
        assert found.ours == found.theirs


def _of_people(text: bytes, *others: bytes) -> bytes:
    """The text with every box empty, and with every block that one of the others has, but empty."""
    keys = {key for other in others for key in edit.keys(parsing.parse(other))}
    return edit.apply(text, dict.fromkeys(parsing.parse(text).tasks, False), dict.fromkeys(keys, ""))


def weakens(data: bytes, strengthen: Strengthen = weakening_of.strengthen) -> None:
    """A plan is not weaker than itself, and one that was strengthened asks for all that the old one did."""
    old, new = (parsing.parse(text) for text in texts(data, 2))
    weakening_of.weakenings(old, new)
    if not old.refusals and not new.refusals:
        assert weakening_of.weakenings(old, old) == ()
        assert weakening_of.weakenings(old, strengthen(new, old)) == ()
        assert strengthen(new, new) == new
