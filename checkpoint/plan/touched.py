"""An edit that costs what it changes: of a large plan, only the pieces that it touches are read again.

What is settled from all pieces together (names that stand twice, who `after` names, which block is whose) stays as it
was where each piece says what it said; so nothing else need be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from checkpoint.plan.lines import Lines
from checkpoint.plan.model import Block, Plan, Task, Team
from checkpoint.plan.parse import Document
from checkpoint.plan.patches import Key, Patch, patched
from checkpoint.plan.reading import is_closed, read_once
from checkpoint.plan.section import Section
from checkpoint.plan.sections import body_start, cuts
from checkpoint.plan.text import unreadable


def patched_in_place(
    before: Document, lines: Lines, patches: Iterable[Patch], ticks: Mapping[str, bool]
) -> bytes | None:
    """The text with these patches, where it is certain that it says the same but for these ticks; else None.

    It never is where there are problems behind the front matter: the text has to be read as a whole then.
    """
    if any(problem.line >= before.body_line for problem in before.plan.problems):
        return None
    parts, at = [], 0
    for number, group in sorted(_by_piece(lines, patches).items()):
        old, first = lines.bytes_of(number), lines.firsts[number]
        here = [replace(each, start=each.start - first, stop=each.stop - first) for each in group]
        new = patched(lines.piece(number), here)
        adds = [each.adds for each in group if each.adds is not None]
        if new == old:
            continue
        if not _says_the_same(_Place(lines, number), old, new, ticks, adds):
            return None
        parts += [lines.data[at : lines.starts[number]], new]
        at = lines.starts[number + 1]
    return b"".join([*parts, lines.data[at:]])


def _by_piece(lines: Lines, patches: Iterable[Patch]) -> dict[int, list[Patch]]:
    """The patches of each piece. What is put in between two pieces follows the last words of the first, and is its."""
    found: dict[int, list[Patch]] = {}
    for patch in patches:
        line = patch.start if patch.stop > patch.start else max(patch.start - 1, 0)
        found.setdefault(lines.piece_of(line), []).append(patch)
    return found


class _Place:
    """Where a piece stands: `first` is its first line, from 1."""

    def __init__(self, lines: Lines, number: int) -> None:
        self.first = lines.firsts[number] + 1
        self.is_head = number == 0
        self.is_last = lines.starts[number + 1] == len(lines.data)

    def is_one_piece(self, text: bytes, start: int) -> bool:
        """Whether the plan would still be cut around this text: a heading behind it begins a piece, and none within."""
        found = cuts(text if self.is_last else text + b"## ", start, is_closed)
        return [at for at in found if at > start] == ([] if self.is_last else [len(text)])

    def section(self, text: bytes, start: int) -> Section:
        body = text[start:].decode()
        return read_once(body if self.is_last else body[:-1], self.first + text.count(b"\n", 0, start))


def _says_the_same(place: _Place, old: bytes, new: bytes, ticks: Mapping[str, bool], adds: list[Key]) -> bool:
    """Whether a piece says what it said, but for these ticks, and has these blocks besides those that it had."""
    start = body_start(old) if place.is_head else 0
    if b"\r" in new or unreadable(new) is not None or not (place.is_last or new.endswith(b"\n")):
        return False
    if place.is_head and (new[:start] != old[:start] or body_start(new) != start):
        return False
    if not place.is_one_piece(new, start):
        return False
    before, after = place.section(old, start), place.section(new, start)
    if after.problems or after.conflicts or after.paired.problems or _title(before) != _title(after):
        return False
    blocks = [*_keys(before.paired.blocks), *adds]
    teams, found = [owner.team for owner in before.owners], [owner.team for owner in after.owners]
    return sorted(_keys(after.paired.blocks)) == sorted(blocks) and say_the_same(teams, found, ticks)


def _title(section: Section) -> str | None:
    return section.title.text if section.title is not None else None


def _keys(blocks: Iterable[Block]) -> list[Key]:
    return [(block.kind, block.team) for block in blocks]


def say_the_same(before: Sequence[Team], after: Sequence[Team], ticks: Mapping[str, bool]) -> bool:
    """Whether these teams, in their order, say what those said but for these ticks, wherever they stand."""
    return len(before) == len(after) and all(map(lambda old, new: _is_team(old, new, ticks), before, after))


def _is_team(old: Team, new: Team, ticks: Mapping[str, bool]) -> bool:
    if replace(old, tasks=(), line=0) != replace(new, tasks=(), line=0) or len(old.tasks) != len(new.tasks):
        return False
    if old.tasks is new.tasks and not ticks:
        return True
    return all(_is_task(was, now, ticks) for was, now in zip(old.tasks, new.tasks, strict=True))


def _is_task(old: Task, new: Task, ticks: Mapping[str, bool]) -> bool:
    if ticks.get(old.id, old.ticked) != new.ticked or len(old.expectations) != len(new.expectations):
        return False
    if (old.id, old.title, old.after, old.column) != (new.id, new.title, new.after, new.column):
        return False
    for was, now in zip(old.expectations, new.expectations, strict=True):
        if was.artifact != now.artifact or was.validator != now.validator:
            return False
        if was.arguments != now.arguments or was.comment != now.comment:
            return False
    return True


def keys(plan: Plan) -> set[Key]:
    """The managed blocks that are in order."""
    return set(_keys(plan.blocks))
