"""Looks at what a plan makes worth watching: where something was heard to change, and now and then at everything."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from msgspec.structs import replace

from checkpoint.glance import UNSETTLED_NS
from checkpoint.hints import Hints
from checkpoint.sandbox import is_below
from checkpoint.triggers.found import UNTOLD, Found
from checkpoint.triggers.scope import Scope
from checkpoint.triggers.touches import Touches
from checkpoint.triggers.world import World, look


class Glances:
    """One look after the other, each at what may have changed since the last one. `touches` is told where that is."""

    def __init__(self) -> None:
        self.touches = Touches()
        self.cost = 0.0
        """Seconds of CPU that the last look at everything took."""
        self._last = World()
        self._plans: dict[str, tuple[Found, Found]] = {}
        self._compared: tuple[object, bytes, bool] | None = None

    def world(self, scope: Scope, refs: Mapping[str, str], plan: bytes) -> World:
        """The world now, with the commits as given.

        `plan` is the text that was published last: where it is there as it is published, it is told by its commit,
        since when it came there says nothing.
        """
        touched = self.touches.taken()
        only = None if touched.everywhere else touched.tops(scope.folders)
        began = time.thread_time()
        self._last = look(scope.folders, scope.files, refs, scope.roots, known=self._last, only=only)
        if only is None:
            self.cost = time.thread_time() - began
        return self._as_published(self._last, scope.plan, plan)

    def hints(self, world: World, now_ns: int) -> Hints:
        """What a run may take as known that begins now, with this world."""
        if not world.complete:
            return Hints()
        found = (world.found(top) for top in world.folders)
        return Hints({each.top: bytes.fromhex(each.digest) for each in found if each and _is_settled(each, now_ns)})

    def _as_published(self, world: World, path: str, plan: bytes) -> World:
        holding = [found for top in world.folders if is_below(path, top) and (found := world.found(top))]
        told = [each for found in holding if (each := self._without_plan(found, path)) is not found]
        if not told or not self._is_published(path, plan):
            return world
        return replace(world, folders=world.folders | {found.top: found for found in told})

    def _without_plan(self, found: Found, path: str) -> Found:
        known, told = self._plans.get(found.top, (None, found))
        if known is not found:
            told = found.with_entry(path, UNTOLD) if found.names(path) else found
            self._plans[found.top] = (found, told)
        return told

    def _is_published(self, path: str, plan: bytes) -> bool:
        """Whether the plan in the work tree is the one that was published; git may have given it other line ends."""
        stamp = stamp_of(path)
        if self._compared is None or self._compared[:2] != (stamp, plan):
            self._compared = (stamp, plan, _is_same(path, plan))
        return self._compared[2]


def stamp_of(path: str) -> tuple[int, int, int] | None:
    """What tells one state of a file from another; None where it is not there."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _is_settled(found: Found, now_ns: int) -> bool:
    return found.is_whole and found.newest <= now_ns - UNSETTLED_NS


def _is_same(path: str, plan: bytes) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read().replace(b"\r\n", b"\n") == plan.replace(b"\r\n", b"\n")
    except OSError:
        return False
