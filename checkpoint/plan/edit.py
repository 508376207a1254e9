"""Changes to a plan's own bytes: marks in boxes and the insides of managed blocks, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from checkpoint.plan.harmless import fenced, inline, printable
from checkpoint.plan.lines import Lines
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import Document, read
from checkpoint.plan.patches import Key, Patch, line_ending, patched
from checkpoint.plan.text import normal
from checkpoint.plan.touched import keys, patched_in_place, say_the_same

__all__ = ["Key", "apply", "fenced", "inline", "keys", "printable"]


def apply(data: bytes, ticks: Mapping[str, bool], blocks: Mapping[Key, str], *, part: bool = False) -> bytes:
    """The plan with these tasks ticked or not, and these texts in its managed blocks. Every other byte stays.

    A block that is missing is added; one in disorder is left alone, as are tasks and teams that the plan does not have.
    Raises ValueError for a plan with refusals, and for a text that would change what the plan says. Of a `part` of a
    plan it is no mistake that its tasks wait for others which it does not have.
    """
    before = read(data)
    refusals = [each for each in before.plan.refusals if not (part and each.rule == "after")]
    if refusals:
        raise ValueError(f"the plan has errors, the first in line {refusals[0].line}")
    lines = Lines(data, before.pieces) if normal(data) is data else data.splitlines(keepends=True)
    patches = [*tick_patches(before.plan, lines, ticks), *block_patches(before, lines, line_ending(lines[:1]), blocks)]
    result = patched_in_place(before, lines, patches, ticks) if isinstance(lines, Lines) else None
    if result is None:
        result = patched(lines, patches)
        verify(before, read(result), ticks, keys(before.plan) | _written(before, blocks))
    return result


def tick_patches(plan: Plan, lines: Sequence[bytes], ticks: Mapping[str, bool]) -> Iterable[Patch]:
    for task in (task for team in plan.teams for task in team.tasks):
        if ticks.get(task.id, task.ticked) != task.ticked:
            index = task.line - 1
            text = lines[index].decode()
            mark = b" " if task.ticked else b"x"
            head = text[: task.column - 1].encode()
            yield Patch(index, index + 1, head + mark + text[task.column :].encode())


def block_patches(
    document: Document, lines: Sequence[bytes], ending: bytes, blocks: Mapping[Key, str]
) -> Iterable[Patch]:
    present = {(block.kind, block.team): block for block in document.plan.blocks}
    for key, text in blocks.items():
        body = ending.join(line.encode() for line in _body(text))
        block = present.get(key)
        if block is not None:
            yield Patch(block.first_line, block.last_line - 1, body + ending if body else b"")
        elif key not in document.left_alone and (key[0] == "status" or key[1] in document.ends):
            yield replace(added(document, lines, ending, key, body), adds=key)


def _body(text: str) -> list[str]:
    """The lines between the markers: a blank one around the text, which itself has none at its ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")
    return ["", *lines, ""] if any(lines) else []


def added(document: Document, lines: Sequence[bytes], ending: bytes, key: Key, body: bytes) -> Patch:
    name = " ".join(each for each in key if each)
    opening, closing = f"<!-- checkpoint:{name} -->".encode(), f"<!-- /checkpoint:{key[0]} -->".encode()
    block = ending.join([opening, *([body] if body else []), closing])
    at = place(document, lines, key)
    is_end = at == len(lines)
    before = ending if at and lines[at - 1].strip(b" \t\r\n") else b""
    if at and not lines[at - 1].endswith((b"\n", b"\r")):
        return Patch(at, at, ending + before + block)
    after = b"" if is_end or not lines[at].strip(b" \t\r\n") else ending
    return Patch(at, at, before + block + ending + after)


def place(document: Document, lines: Sequence[bytes], key: Key) -> int:
    """The line before which a missing block goes: after the title, or after the last words of the team's section."""
    if key[0] == "status":
        return document.title_line or document.body_line - 1
    at = min(document.ends[key[1]], len(lines))
    while not lines[at - 1].strip(b" \t\r\n"):
        at -= 1
    return at


def _written(document: Document, blocks: Iterable[Key]) -> set[Key]:
    """The blocks that can be written: not in disorder, and of a team that there is."""
    return {key for key in blocks if key not in document.left_alone and (key[0] == "status" or key[1] in document.ends)}


def verify(before: Document, after: Document, ticks: Mapping[str, bool], expected: set[Key]) -> None:
    """Raises ValueError where an edit has changed more than these ticks, or left other blocks than expected."""
    if (
        (before.plan.settings, before.plan.title) != (after.plan.settings, after.plan.title)
        or not say_the_same(before.plan.teams, after.plan.teams, ticks)
        or [each.rule for each in before.plan.problems] != [each.rule for each in after.plan.problems]
        or keys(after.plan) != expected
    ):
        raise ValueError("the text of a managed block would change what the plan says")
