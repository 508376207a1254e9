"""What the checkpoints so far have taken account of: which world is news, and which changes are their own doing.

A plan's commands may write into the folders that are looked at, and what changes while they run may as well be
somebody's work. Nothing tells the two apart at once, so a change during a run is news: one more checkpoint follows, at
once. What changes during that one is in doubt: it is looked into by a checkpoint that begins when nothing else has
changed for a while. What changes then as it did in the run before, while nobody else stirs, is the commands' own
writing. It is known from then on, and no news any more, until somebody else is seen to write there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from os.path import dirname, normpath
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from checkpoint.triggers.found import Found, Looks, found
from checkpoint.triggers.world import World, changed, changed_below

QUIET = 45.0
"""Seconds without any change after which nobody is taken to be at work."""

_LAST = 3
"""The follow-up in a row that, begun in quiet, settles everything, although it writes elsewhere than the one before."""

Marks: TypeAlias = frozenset[str]
"""Where something is written: paths of files; with a slash at its end, a folder in which names come and go."""


class Accounted(msgspec.Struct, frozen=True):
    """What is accounted for (`seen`), and the world as the last checkpoint left it (`left`).

    `own` is where commands are known to write, `recent` what changed during the last checkpoint. `row` counts the
    checkpoints in a row that each had no other cause than what changed during the one before; where `doubtful`, the
    next one waits for quiet.
    """

    seen: World = World()
    left: World = World()
    own: Marks = frozenset()
    recent: Marks = frozenset()
    row: int = 0
    doubtful: bool = False

    def news(self, world: World, quiet: float) -> tuple[str, ...]:
        """What a checkpoint is to be taken for now: paths and branches, sorted. Nothing: none is needed now.

        `quiet` is how many seconds ago the last checkpoint ended; where there was none, when the process began.
        """
        news = changed(self.seen, world)
        return () if self.doubtful and quiet < QUIET and not changed(self.left, world) else news

    def settled(
        self,
        before: World,
        after: World,
        quiet: float,
        *,
        judged: Mapping[str, str],
        working: Collection[str] = (),
        published: Collection[str] = (),
    ) -> Accounted:
        """What is accounted for after a checkpoint, from the world before it read anything, and the world now.

        `quiet` is as it was when it began. `judged` holds the commits that it pulled or made, by branch; `working` the
        folders (as given to `look`) of the teams whose commands or plug-ins it may have run; `published` the files that
        it wrote itself.
        """
        busy = frozenset(map(normpath, working))
        follows = bool(changed(self.seen, self.left)) and not changed(self.left, before)
        row = self.row + 1 if follows else 0
        during = {top: _marks(top, before, after) for top in after.folders}
        own = self.own if follows else self.own.difference(*_written(before.folders, self.left, before))
        if busy and follows and quiet >= QUIET:
            own = own.union(*(_confirmed(top, marks, self.recent, row, busy) for top, marks in during.items()))
        known = own if busy else frozenset()
        folders = {
            top: _as_settled(top, before, after, {path for path, mark in marks.items() if mark in known}, published)
            for top, marks in during.items()
        }
        seen = World(_commits({**before.refs, **judged}, after), folders)
        recent = frozenset[str]().union(*(marks.values() for marks in during.values()))
        return Accounted(seen, after, own, recent, row, _is_doubtful(seen, after, row, busy))

    def granted(self, refs: Mapping[str, str]) -> Accounted:
        """With these commits, by branch, taken for accounted for, although no checkpoint here was taken of them."""
        seen, left = (replace(world, refs={**world.refs, **refs}) for world in (self.seen, self.left))
        return replace(self, seen=seen, left=left)


def _marks(top: str, old: World, new: World) -> dict[str, str]:
    """Each path of a folder that changed, with what marks it: itself, or where it came or went."""
    if old.digest_of(top) == new.digest_of(top):
        return {}
    before, after = old.entries(top), new.entries(top)
    if before is None or after is None:
        return {}
    return {path: _mark(path, before, after) for path in changed_below(top, old, new)}


def _mark(path: str, before: Mapping[str, Looks], after: Mapping[str, Looks]) -> str:
    if (path in before) == (path in after):
        return path
    folder = dirname(path)
    while (folder in before) != (folder in after):
        folder = dirname(folder)
    return f"{folder.rstrip('/')}/"


def _written(tops: Iterable[str], old: World, new: World) -> Iterator[Collection[str]]:
    return (_marks(top, old, new).values() for top in tops)


def _confirmed(top: str, marks: Mapping[str, str], recent: Marks, row: int, busy: Marks) -> Marks:
    """What of a folder's changes, in a quiet run that follows another, must be the commands' own writing."""
    if row >= _LAST:
        return frozenset(marks.values())
    return recent.intersection(marks.values()) if top in busy else frozenset()


def _as_settled(top: str, before: World, after: World, own: Collection[str], published: Collection[str]) -> Found | str:
    """A folder as it was before, but with what was written by the checkpoint itself as it is now."""
    if before.digest_of(top) == after.digest_of(top):
        return after.folders[top]
    was, now = before.entries(top), after.entries(top)
    if was is None or now is None:
        return after.folders[top]
    taken = {*own, *(path for path in published if was.get(path) != now.get(path))}
    kept = {path: looks for path, looks in was.items() if path not in taken}
    return found(top, kept | {path: now[path] for path in taken if path in now})


def _commits(known: Mapping[str, str], after: World) -> dict[str, str]:
    return {name: known[name] for name in after.refs if name in known}


def _is_doubtful(seen: World, after: World, row: int, busy: Marks) -> bool:
    """Whether what changed during a run is more likely the commands' than somebody's."""
    strange = {top for top in after.folders if changed_below(top, seen, after)}
    return bool(busy and strange) and seen.refs == after.refs and row >= (1 if strange <= busy else 2)
