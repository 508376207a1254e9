"""Two trees compared, folder by folder: only those are read that differ."""

from __future__ import annotations

import os
from contextlib import suppress

import msgspec

from checkpoint.errors import PublishError
from checkpoint.git.command import Git
from checkpoint.git.objects import TreeEntry, lines_of, parse_tree, read_all, tree_of

_AT_ONCE = 64 << 20
_SUBMODULE = "160000"


class Difference(msgspec.Struct, frozen=True):
    """What one tree has otherwise than another.

    `paths` has git's letter for each file: `A` for a new one, `D` for one that is gone, `T` for one that has become a
    link or a submodule, or has been one, and `M`. `objects` are the ids of the folders and files that only the second
    tree has, folders after what is in them.
    """

    paths: dict[str, str]
    objects: tuple[str, ...]


class _Pair(msgspec.Struct, frozen=True):
    """A folder as it was and as it is, by their ids, "" where there is none; `prefix` is its path with a slash."""

    prefix: bytes
    old: str
    new: str


def compare(git: Git, old: str, new: str) -> Difference:
    """How the second tree differs from the first one, both named by their ids.

    Raises PublishError where one of them is not there with all that is in it.
    """
    paths: dict[str, str] = {}
    objects: list[str] = []
    level = [_Pair(b"", old, new)] if old != new else []
    while level:
        trees = _trees(git, level)
        objects += [pair.new for pair in level if pair.new]
        below: list[_Pair] = []
        for pair in level:
            for was, now in _changed(trees.get(pair.old, b""), trees.get(pair.new, b""), len(new) // 2):
                below += _folders(pair, was, now)
                _note(paths, objects, pair.prefix, was, now)
        level = below
    return Difference(paths, tuple(dict.fromkeys(reversed(objects))))


def differing(git: Git, old: str, new: str) -> dict[str, str]:
    """The paths that differ between two commits, each with git's letter for how: `A` for one that is new."""
    if git.objects:
        with suppress(PublishError):  # where something is missing, git says what
            return compare(git, *(tree_of(each.content) for each in read_all(git, [old, new]))).paths
    fields = os.fsdecode(git.run("diff-tree", "-r", "-z", "--name-status", "--no-renames", old, new)).split("\0")
    return dict(zip(fields[1::2], fields[0::2], strict=False))


def _trees(git: Git, level: list[_Pair]) -> dict[str, bytes]:
    wanted = [name for name in dict.fromkeys(each for pair in level for each in (pair.old, pair.new)) if name]
    return {each.id: each.content for each in read_all(git, wanted, _AT_ONCE)}


def _changed(old: bytes, new: bytes, id_bytes: int) -> list[tuple[TreeEntry | None, TreeEntry | None]]:
    """The entries that are not in both trees, as they were and as they are."""
    before, after = (dict.fromkeys(lines_of(raw, id_bytes)) for raw in (old, new))
    gone, come = (
        {each.name: each for each in parse_tree(b"".join(line for line in ours if line not in others), id_bytes)}
        for ours, others in ((before, after), (after, before))
    )
    return [(gone.get(name), come.get(name)) for name in gone | come]


def _folders(above: _Pair, was: TreeEntry | None, now: TreeEntry | None) -> list[_Pair]:
    """The folder of that name on either side, where it is one."""
    found = [each for each in (was, now) if each is not None and each.is_folder]
    old, new = (each.id if each is not None and each.is_folder else "" for each in (was, now))
    return [_Pair(above.prefix + found[0].name + b"/", old, new)] if found and old != new else []


def _note(
    paths: dict[str, str], objects: list[str], prefix: bytes, was: TreeEntry | None, now: TreeEntry | None
) -> None:
    old, new = (each if each is not None and not each.is_folder else None for each in (was, now))
    either = new or old
    if either is not None:
        paths[os.fsdecode(prefix + either.name)] = _letter(old, new)
    if new is not None and new.mode != _SUBMODULE and (old is None or old.id != new.id):
        objects.append(new.id)


def _letter(old: TreeEntry | None, new: TreeEntry | None) -> str:
    if old is None:
        return "A"
    if new is None:
        return "D"
    return "M" if old.mode[:2] == new.mode[:2] else "T"
