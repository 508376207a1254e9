"""What a checkpoint has brought, carried from the private clone into the person's repository, object by object.

A fetch between the two does the same, with six processes that look at all of both.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator

import msgspec

from checkpoint.errors import PublishError
from checkpoint.git import loose
from checkpoint.git.checkout import Checkout
from checkpoint.git.command import Git
from checkpoint.git.comparing import compare
from checkpoint.git.objects import read_all, tree_of

_COMMITS = 50
_OBJECTS = 1000
"""Beyond these a fetch is quicker, and its pack is better than so many files."""


class _Read(msgspec.Struct, frozen=True):
    """A commit with its parents and its tree, by their ids."""

    id: str
    parents: tuple[str, ...]
    tree: str


def carry(clone: Git, checkout: Checkout, commit: str, known: Collection[str]) -> bool:
    """Puts a commit there with all that it has and the commits `known` have not; False where that is left to git.

    All of `known` are in the person's repository, whole. Raises Stalled where it cannot be written to.
    """
    algorithm = loose.algorithm(checkout.value)
    try:
        wanted = _wanted(clone, commit, {each for each in known if each}) if algorithm else None
        if wanted is None:
            return False
        folder = os.path.join(checkout.location.common_folder, "objects")
        loose.write_packed(folder, ((name, _packed(clone, name, algorithm)) for name in wanted))
    except PublishError:
        return False
    return True


def _packed(clone: Git, name: str, algorithm: str) -> bytes:
    """The object's file, or what would be: nothing damaged must come from a cache into the person's repository."""
    packed = loose.read_packed(clone.objects, name)
    if packed is None:
        found = read_all(clone, [name])[0]
        packed = loose.pack(found.type, found.content)
    if not loose.is_whole(packed, name, algorithm):
        raise PublishError(f"object {name} is damaged", why="the private clone is", mend="try again")
    return packed


def _wanted(clone: Git, commit: str, known: set[str]) -> list[str] | None:
    """The ids of all that is to be carried, what names others after those; None where they are too many."""
    made = _since(clone, commit, known)
    if made is None:
        return None
    trees = {each.id: each.tree for each in made} | {each.id: each.tree for each in _read(clone, _beyond(made))}
    wanted: dict[str, None] = {}
    for each in reversed(made):
        if not each.parents:
            return None
        wanted |= dict.fromkeys((*compare(clone, trees[each.parents[0]], each.tree).objects, each.id))
        if len(wanted) > _OBJECTS:
            return None
    return list(wanted)


def _since(clone: Git, commit: str, known: set[str]) -> list[_Read] | None:
    """The commits that are not below those known, newest first; None where the known ones are not met soon."""
    found: dict[str, _Read] = {}
    level = [commit] if commit not in known else []
    while level:
        found |= {each.id: each for each in _read(clone, level)}
        if len(found) > _COMMITS:
            return None
        above = dict.fromkeys(parent for name in level for parent in found[name].parents)
        level = [parent for parent in above if parent not in known and parent not in found]
    return list(found.values())


def _beyond(made: list[_Read]) -> list[str]:
    """The first parents that are not among these commits themselves."""
    names = {each.id for each in made}
    return [parent for each in made for parent in each.parents[:1] if parent not in names]


def _read(clone: Git, names: Collection[str]) -> Iterator[_Read]:
    for each in read_all(clone, list(names)):
        lines = each.content.partition(b"\n\n")[0].split(b"\n")
        parents = tuple(line[7:].decode() for line in lines if line.startswith(b"parent "))
        yield _Read(each.id, parents, tree_of(each.content))
