"""The world that a checkpoint's outcome depends on, taken at a glance, and how two such worlds differ."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping

import msgspec

from checkpoint.triggers.found import Found, Looks, pack
from checkpoint.triggers.search import alone, search
from checkpoint.triggers.walk import ENTRIES_LIMIT
from checkpoint.validation.content import visible

_NOTHING = pack("", {})


class World(msgspec.Struct, frozen=True):
    """Commits by branch, and what was found by folder; a file that is looked at alone is a folder of one.

    A folder that was only kept as its digest stands here as that digest. `complete` is false where there was more
    than a look goes through.
    """

    refs: dict[str, str] = {}
    folders: dict[str, Found | str] = {}
    complete: bool = True

    def found(self, top: str) -> Found | None:
        """What was found below one folder; None where nobody knows more than a digest."""
        found = self.folders.get(top)
        return None if isinstance(found, str) else found

    def entries(self, top: str) -> dict[str, Looks] | None:
        """How each entry below one folder looks, by its absolute path; None where only a digest is known."""
        found = self.folders.get(top, _NOTHING)
        return None if isinstance(found, str) else found.entries()

    def digest_of(self, top: str) -> str:
        """What was found below one folder, in hex; as of an empty one where it is not known at all."""
        return digest_of(self.folders.get(top, _NOTHING))

    @property
    def digest(self) -> str:
        """In hex, of everything but `complete`; the same in every process. Some 2 µs a folder."""
        total = hashlib.sha256()
        for name, commit in sorted(self.refs.items()):
            total.update(os.fsencode(f"{name}\0{commit}\0"))
        for path, found in sorted(self.folders.items(), key=_name):
            total.update(os.fsencode(f"{path}\0{digest_of(found)}\0"))
        return total.hexdigest()


def look(
    folders: Iterable[str],
    files: Iterable[str],
    refs: Mapping[str, str],
    roots: Collection[str] = (),
    limit: int = ENTRIES_LIMIT,
    *,
    known: World | None = None,
    only: Collection[str] | None = None,
) -> World:
    """The world now: every entry below the folders, those files, and the commits as they are given.

    Paths are absolute. Below the roots, and within the folders, no link is followed: nothing is looked at beyond one.
    What is missing, vanishes meanwhile, or must not be read, is no error. About 3 µs an entry.

    With a world that is `known`, `only` are the folders (normal paths) to be looked at, and those that it does not
    know: the others are taken as they are there. What looks as it did is the very same object then.
    """
    known = known or World()
    tops = sorted({os.path.normpath(path) for path in folders})
    files = {os.path.normpath(path) for path in files}
    kept = {top: old for top in tops if only is not None and top not in only and (old := known.found(top))}
    looked_at = [top for top in tops if top not in kept]
    left = limit - sum(each.size for each in kept.values())
    found, complete = search(looked_at, roots, left, kept) if looked_at else ({}, True)
    found |= {path: pack(path, alone(path, roots)) for path in files.difference(tops)}
    same = {top: known.found(top) or new for top, new in found.items() if digest_of(new) == known.digest_of(top)}
    return World(dict(refs), {**kept, **found, **same}, complete)


def digest_of(found: Found | str) -> str:
    """What was found below one folder, in hex."""
    return found if isinstance(found, str) else found.digest


def _name(item: tuple[str, object]) -> str:
    return item[0]


def changed(old: World, new: World) -> tuple[str, ...]:
    """The paths that differ, and `branch NAME` for each commit that does, sorted; nothing where the two are the same.

    Where one of the two knows only a folder's digest, the folder stands for everything below it.
    """
    refs = [f"branch {name}" for name in old.refs.keys() | new.refs.keys() if old.refs.get(name) != new.refs.get(name)]
    paths = [path for top in old.folders.keys() | new.folders.keys() for path in changed_below(top, old, new)]
    return tuple(sorted(refs + paths))


def changed_below(top: str, old: World, new: World) -> Iterable[str]:
    """The paths of one folder that differ; the folder alone where only a digest tells."""
    if old.digest_of(top) == new.digest_of(top):
        return []
    before, after = old.entries(top), new.entries(top)
    if before is None or after is None:
        return [top]
    return [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]


def said(changes: tuple[str, ...], top: str = "") -> str:
    """The changes for people: `out/backend/api.json and 3 more changed`, with paths relative to the folder `top`."""
    if not changes:
        return "nothing changed"
    first = visible(changes[0].removeprefix(f"{top.rstrip('/')}/"))
    more = f" and {len(changes) - 1:,} more" if len(changes) > 1 else ""
    return f"{first}{more} changed"
