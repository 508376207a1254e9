"""Objects read by their names, several with one process, and the raw form of trees."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from checkpoint.errors import InternalError
from checkpoint.git.command import Git
from checkpoint.process import LIMIT


class Object(msgspec.Struct, frozen=True):
    """One object: its id, its type (`blob`, `tree`, `commit`, `tag`), its content."""

    id: str
    type: str
    content: bytes


class TreeEntry(msgspec.Struct, frozen=True):
    """One line of a raw tree. `mode` as git stores it: `100644`, `100755`, `40000`, `120000`, `160000`."""

    mode: str
    name: bytes
    id: str

    @property
    def is_folder(self) -> bool:
        return self.mode == "40000"


def read_objects(git: Git, names: Sequence[str], limit: int = LIMIT) -> list[Object | None]:
    """The objects of these names (`main`, `main^{tree}`, `main:docs/plan.md`), None where there is none.

    A name with a line end cannot be asked for and gives None.
    """
    asked = [name for name in names if "\n" not in name]
    lines = os.fsencode("".join(f"{name}\n" for name in asked))
    answers = dict(zip(asked, parse_batch(git.run("cat-file", "--batch", data=lines, limit=limit)), strict=True))
    return [answers.get(name) for name in names]


def parse_batch(data: bytes) -> Iterator[Object | None]:
    """What `cat-file --batch` printed."""
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        words = data[at:end].rsplit(b" ", 2)
        at = end + 1
        if len(words) == 3 and words[2].isdigit():
            size = int(words[2])
            yield Object(words[0].decode(), words[1].decode(), data[at : at + size])
            at += size + 1
        else:
            yield None


def parse_tree(raw: bytes, id_bytes: int = 20) -> Iterator[TreeEntry]:
    """The entries of a raw tree, in its order. `id_bytes` is 32 in a repository of SHA-256."""
    at = 0
    while at < len(raw):
        space, end = raw.index(b" ", at), raw.index(b"\0", at)
        start = end + 1
        yield TreeEntry(raw[at:space].decode(), raw[space + 1 : end], raw[start : start + id_bytes].hex())
        at = start + id_bytes


def find_entry(raw: bytes, name: bytes, id_bytes: int = 20) -> TreeEntry | None:
    """The entry of that name."""
    return next((entry for entry in parse_tree(raw, id_bytes) if entry.name == name), None)


def replace_entry(raw: bytes, name: bytes, new_id: str) -> bytes:
    """The raw tree with another object under a name that it has; mode and order stay."""
    return build_tree(
        TreeEntry(entry.mode, entry.name, new_id) if entry.name == name else entry
        for entry in _required(raw, name, len(new_id) // 2)
    )


def build_tree(entries: Iterable[TreeEntry]) -> bytes:
    """The raw tree of entries that are in git's order."""
    return b"".join(b"%s %s\0%s" % (e.mode.encode(), e.name, bytes.fromhex(e.id)) for e in entries)


def _required(raw: bytes, name: bytes, id_bytes: int) -> list[TreeEntry]:
    entries = list(parse_tree(raw, id_bytes))
    if not any(entry.name == name for entry in entries):
        raise InternalError(f"a tree holds no {os.fsdecode(name)!r}")
    return entries
