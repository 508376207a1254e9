"""A plan with its machine parts as they were in an earlier text of it: the marks in boxes, and the managed blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from checkpoint.plan.edit import added, place, verify
from checkpoint.plan.model import Block, Task
from checkpoint.plan.parse import Document, read
from checkpoint.plan.patches import Key, Patch, line_ending, patched
from checkpoint.plan.touched import keys

_BLANK = b" \t\r\n"


class _Text(msgspec.Struct, frozen=True):
    """One text of a plan, read. `marks` is what stands in each task's box."""

    document: Document
    lines: list[bytes]
    ending: bytes
    blocks: Mapping[Key, Block]
    tasks: Mapping[str, Task]
    marks: Mapping[str, str]

    def inside(self, block: Block) -> bytes:
        return b"".join(self.lines[block.first_line : block.last_line - 1])

    def has_team(self, key: Key) -> bool:
        return key[0] == "status" or key[1] in self.document.ends


def restore(data: bytes, was: bytes, written: bytes) -> bytes:
    """The plan with the boxes and managed blocks that it had in `was`; every other byte stays.

    Boxes are those of tasks that expect something, in both texts. `written` is the plan as a checkpoint last wrote it:
    a box that somebody has changed since is theirs, and stays. A block that `was` does not have goes, with the blank
    lines that came with it; one that is missing is put in. What is about a team or a task that one of the texts does
    not have stays as it is, as does a block that is in disorder in one of them.

    Raises ValueError for a text with refusals, and where what stood there would change what the plan says.
    """
    now, old = _read(data), _read(was)
    marks = dict(_marks(now, old, _read_at_all(written)))
    blocks = {key for key in keys(now.document.plan) | keys(old.document.plan) if _is_known(key, now, old)}
    patches = [*_mark_patches(now, marks), *(_block_patch(now, old, key) for key in blocks)]
    result = patched(now.lines, patches)
    expected = keys(now.document.plan) - blocks | keys(old.document.plan) & blocks
    verify(now.document, read(result), {name: mark != " " for name, mark in marks.items()}, expected)
    return result


def _read(data: bytes) -> _Text:
    text = _read_at_all(data)
    refusals = text.document.plan.refusals
    if refusals:
        raise ValueError(f"the plan has errors, the first in line {refusals[0].line}")
    return text


def _read_at_all(data: bytes) -> _Text:
    document, lines = read(data), data.splitlines(keepends=True)
    blocks: dict[Key, Block] = {(block.kind, block.team): block for block in document.plan.blocks}
    tasks = document.plan.tasks
    marks = {task.id: lines[task.line - 1].decode()[task.column - 1] for task in tasks.values()}
    return _Text(document, lines, line_ending(lines), blocks, tasks, marks)


def _marks(now: _Text, old: _Text, written: _Text) -> Iterator[tuple[str, str]]:
    """The boxes to change, and what comes into them."""
    before, last = old.marks, written.marks
    for name, mark in now.marks.items():
        expects = now.tasks[name].expectations and name in before and old.tasks[name].expectations
        if expects and last.get(name) == mark != before[name]:
            yield name, before[name]


def _mark_patches(now: _Text, marks: Mapping[str, str]) -> Iterator[Patch]:
    for name, mark in marks.items():
        task = now.tasks[name]
        text = now.lines[task.line - 1].decode()
        yield Patch(task.line - 1, task.line, f"{text[: task.column - 1]}{mark}{text[task.column :]}".encode())


def _is_known(key: Key, now: _Text, old: _Text) -> bool:
    """Whether it is known what became of a block, and what was in it."""
    in_order = key not in now.document.left_alone and key not in old.document.left_alone
    return in_order and now.has_team(key) and old.has_team(key)


def _block_patch(now: _Text, old: _Text, key: Key) -> Patch:
    block, before = now.blocks.get(key), old.blocks.get(key)
    if before is None:
        return _removed(now, old, key)
    inside = _with_ending(old.inside(before), old.ending, now.ending)
    if block is None:
        return added(now.document, now.lines, now.ending, key, inside.removesuffix(now.ending))
    return Patch(block.first_line, block.last_line - 1, inside)


def _with_ending(content: bytes, old: bytes, new: bytes) -> bytes:
    return content if old == new else b"".join(line.rstrip(b"\r\n") + new for line in content.splitlines())


def _removed(now: _Text, old: _Text, key: Key) -> Patch:
    """Takes a block out with the blank lines that `added` put around it, unless people's words would then meet."""
    block, at = now.blocks[key], place(old.document, old.lines, key)
    start, stop = block.first_line - 1, block.last_line
    has_before = at > 0 and not _is_blank(old.lines, at - 1) and _is_blank(now.lines, start - 1)
    has_after = at < len(old.lines) and not _is_blank(old.lines, at) and _is_blank(now.lines, stop)
    above = _same(now.lines, start - 1 - has_before, old.lines, at - 1)
    if above and _same(now.lines, stop + has_after, old.lines, at):
        return Patch(start - has_before, stop + has_after, b"")
    start -= has_before and (stop == len(now.lines) or _is_blank(now.lines, stop))
    if _is_open(old.lines) and at == len(old.lines) and stop == len(now.lines) and start and _is_open(now.lines):
        return Patch(start - 1, stop, now.lines[start - 1].rstrip(b"\r\n"))
    return Patch(start, stop, b"")


def _is_open(lines: list[bytes]) -> bool:
    """Whether the last line has no end."""
    return bool(lines) and not lines[-1].endswith((b"\n", b"\r"))


def _is_blank(lines: list[bytes], at: int) -> bool:
    return 0 <= at < len(lines) and not lines[at].strip(_BLANK)


def _same(lines: list[bytes], at: int, others: list[bytes], other: int) -> bool:
    """Whether there is a line at both places, and it is the same."""
    if not (0 <= at < len(lines) and 0 <= other < len(others)):
        return False
    return lines[at].rstrip(b"\r\n") == others[other].rstrip(b"\r\n")
