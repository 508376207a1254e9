"""Two versions of a plan, made ready for a merge that sees what people wrote and nothing else.

In each text a word that stands for it takes the place of everything that checkpoints write: the same word in all three,
so that it never differs. After the merge the word gives way to what it stands for.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec

from checkpoint.plan.edit import apply
from checkpoint.plan.model import Plan
from checkpoint.plan.parse import Document, read
from checkpoint.plan.patches import Key, Patch, line_ending, patched
from checkpoint.plan.touched import keys


class Version(msgspec.Struct, frozen=True):
    """One text of a plan, and what checkpoints have written into it: its boxes by task, its blocks with their lines.

    `ticked` says of each task whether it is, also of one that expects nothing.
    """

    text: bytes = b""
    document: Document = Document(Plan())
    boxes: Collection[str] = frozenset()
    ticked: Mapping[str, bool] = {}
    blocks: Mapping[Key, bytes] = {}


class Apart(msgspec.Struct, frozen=True):
    """The three texts with words in place of what is derived, and what the words stand for; `sign` stands in each."""

    base: bytes
    ours: bytes
    theirs: bytes
    words: Mapping[bytes, bytes]
    sign: str

    def whole(self, merged: bytes) -> bytes:
        """The merged text with everything in its place again, conflicts or not."""
        if not self.words:
            return merged
        word = rb"<%s(?::[^\n>]*>| [^\n>]*>\n)" % self.sign.encode()
        return re.sub(word, lambda match: self.words.get(match[0], match[0]), merged)


def apart(base: bytes, ours: bytes, theirs: bytes) -> Apart:
    """What to merge in place of these three texts. `base` may be empty, where both sides began the plan.

    A box is as whoever changed it has left it. A block is as on our side, or as on theirs where ours has none: the next
    checkpoint writes it anew. Raises ValueError for a text that is no plan that can be used.
    """
    versions = [_version(text) if text else Version() for text in (base, ours, theirs)]
    every = {key for version in versions for key in version.blocks}
    versions = [_completed(version, every) for version in versions]
    _, mine, other = versions
    sign = hashlib.sha256(b"\0".join((base, ours, theirs))).hexdigest()[:16]
    ending = line_ending(ours.splitlines(keepends=True))
    boxes = {name for version in versions for name in version.boxes}
    words = {_box(sign, name): b"x" if _merged(name, *versions) else b" " for name in boxes}
    for key in every:
        content = mine.blocks.get(key) or other.blocks.get(key, b"")
        words[_line(sign, key)] = b"".join(line.rstrip(b"\r\n") + ending for line in content.splitlines())
    first, second, third = (_with_words(version, sign, boxes, every) for version in versions)
    return Apart(first, second, third, words, sign)


def _version(text: bytes) -> Version:
    document = read(text)
    if document.plan.refusals:
        raise ValueError(f"the plan has errors, the first in line {document.plan.refusals[0].line}")
    lines = text.splitlines(keepends=True)
    blocks: dict[Key, bytes] = {
        (each.kind, each.team): b"".join(lines[each.first_line : each.last_line - 1]) for each in document.plan.blocks
    }
    tasks = document.plan.tasks
    boxes = frozenset(task.id for task in tasks.values() if task.expectations)
    return Version(text, document, boxes, {task.id: task.ticked for task in tasks.values()}, blocks)


def _completed(version: Version, every: Iterable[Key]) -> Version:
    """With each block where a checkpoint would put it, so that one that only one side has is no difference."""
    present = keys(version.document.plan)
    missing = [key for key in every if key not in present]
    if not version.text or not missing:
        return version
    return msgspec.structs.replace(_version(apply(version.text, {}, dict.fromkeys(missing, ""))), blocks=version.blocks)


def _merged(name: str, old: Version, mine: Version, other: Version) -> bool:
    """A box after the merge: who changed it decides, and two who did have both changed it to the same.

    A task that only one side has is as that side has it.
    """
    before, here, there = (version.ticked.get(name) for version in (old, mine, other))
    if here is None or there is None:
        return bool(here if there is None else there)
    return there if here == bool(before) else here


def _with_words(version: Version, sign: str, boxes: Collection[str], every: Collection[Key]) -> bytes:
    lines = version.text.splitlines(keepends=True)
    return patched(lines, [*_boxes(version, lines, sign, boxes), *_blocks(version, lines, sign, every)])


def _boxes(version: Version, lines: list[bytes], sign: str, boxes: Collection[str]) -> Iterator[Patch]:
    for task in version.document.plan.tasks.values():
        if task.id in boxes:
            index, column = task.line - 1, task.column - 1
            text = lines[index].decode()
            word = _box(sign, task.id)
            yield Patch(index, index + 1, text[:column].encode() + word + text[column + 1 :].encode())


def _blocks(version: Version, lines: list[bytes], sign: str, every: Collection[Key]) -> Iterator[Patch]:
    for block in version.document.plan.blocks:
        if (block.kind, block.team) in every:
            yield Patch(block.first_line, block.last_line - 1, _line(sign, (block.kind, block.team)))


def _box(sign: str, name: str) -> bytes:
    return f"<{sign}:{name}>".encode()


def _line(sign: str, key: Key) -> bytes:
    """A line of its own, whose end is part of the word: an empty block has no line."""
    return f"<{sign} {key[0]} {key[1]}>\n".encode()
