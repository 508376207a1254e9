"""Which task waits for which.

Every function takes `after`: each task, in the plan's order, with the tasks that must be done before it.
A name that is nobody's task is nothing that `order`, `cycles` or `unblocks` know; it is never done, so
whatever waits for it is never `ready`. Time is linear in tasks and arrows, but for `unblocks` (see there); where each
task only waits for earlier ones, as in most plans, one look at each is enough.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeAlias

After: TypeAlias = Mapping[str, tuple[str, ...]]


def order(after: After) -> tuple[str, ...]:
    """The tasks, each behind what it waits for; otherwise as early and as much in the plan's order as can be.

    Raises ValueError where tasks wait for one another.
    """
    if _is_in_order(after):
        return tuple(after)
    sorter = TopologicalSorter(_known(after))
    try:
        sorter.prepare()
    except CycleError as error:
        raise ValueError("tasks wait for one another: " + " after ".join(reversed(error.args[1]))) from error
    names = tuple(after)
    place = {name: index for index, name in enumerate(names)}
    free = [place[name] for name in sorter.get_ready()]
    heapq.heapify(free)
    result = []
    while free:
        result.append(names[heapq.heappop(free)])
        sorter.done(result[-1])
        for name in sorter.get_ready():
            heapq.heappush(free, place[name])
    return tuple(result)


def ready(after: After, done: Collection[str]) -> tuple[str, ...]:
    """The tasks that are not done and wait for nothing that is not, in the plan's order."""
    finished = frozenset(done)
    return tuple(name for name in after if name not in finished and finished.issuperset(after[name]))


def unblocks(after: After) -> dict[str, int]:
    """How many tasks wait for each task, directly or through others. Raises ValueError as `order` does.

    Tasks that have nothing to do with each other are counted apart. Where several ways lead from one task to another,
    sets of tasks are the bits of integers: 10,000 that all hang together take some 12 MB and some tens of milliseconds.
    """
    waiting = dict.fromkeys(after, 0)
    waited_for = {other for others in after.values() for other in others}
    linked = {name: others for name, others in after.items() if others or name in waited_for}
    for part in _parts(after, order(linked)):
        arrows = {name: [other for other in dict.fromkeys(after[name]) if other in after] for name in part}
        is_tree = sum(map(len, arrows.values())) < len(part)
        waiting.update(_counted_in_tree(arrows) if is_tree else _counted(arrows))
    return waiting


def _parts(after: After, names: Iterable[str]) -> Iterable[list[str]]:
    """These tasks in groups that no arrow leaves, each in the order of `names`."""
    head = {name: name for name in names}
    for name in head:
        for other in after[name]:
            if other in head:
                head[_head(head, other)] = _head(head, name)
    parts: dict[str, list[str]] = {}
    for name in head:
        parts.setdefault(_head(head, name), []).append(name)
    return parts.values()


def _head(head: dict[str, str], name: str) -> str:
    """The task that stands for its group; the way to it becomes shorter each time that it is gone."""
    while head[name] != name:
        head[name] = head[head[name]]
        name = head[name]
    return name


def _counted_in_tree(arrows: dict[str, list[str]]) -> dict[str, int]:
    """How many tasks wait for each, where one way at most leads from one to another; in order."""
    waiting = dict.fromkeys(arrows, 0)
    for name in reversed(arrows):
        for earlier in arrows[name]:
            waiting[earlier] += waiting[name] + 1
    return waiting


def _counted(arrows: dict[str, list[str]]) -> dict[str, int]:
    """The same, whatever the ways. A task's set is let go when all that it waits for have taken it over."""
    sets = dict.fromkeys(arrows, 0)
    counts = {}
    for index, name in reversed(tuple(enumerate(arrows))):
        found = sets.pop(name)
        counts[name] = found.bit_count()
        for earlier in arrows[name]:
            sets[earlier] |= found | 1 << index
    return counts


def cycles(after: After) -> tuple[tuple[str, ...], ...]:
    """A shortest cycle through the first task of each knot of tasks that wait for one another.

    In a cycle each task waits for the next, and the last for the first. A task is in one cycle at most, so
    each is named once; where no knot is left there is no cycle.
    """
    known = _known({name: others for name, others in after.items() if others})
    if _is_in_order(known):
        return ()
    members = _knots(known)
    first: dict[int, str] = {}
    for name in known:
        first.setdefault(members[name], name)
    found = (_cycle(known, name, members) for name in first.values())
    return tuple(cycle for cycle in found if cycle)


def _is_in_order(after: After) -> bool:
    """Whether each task waits for earlier ones alone."""
    seen: set[str] = set()
    for name, others in after.items():
        for other in others:
            if other not in seen and other in after:
                return False
        seen.add(name)
    return True


def _known(after: After) -> After:
    return {name: tuple(other for other in others if other in after) for name, others in after.items()}


def _cycle(after: After, start: str, members: Mapping[str, int]) -> tuple[str, ...]:
    """The shortest way from `start` back to itself within its knot; empty where there is none."""
    came_from: dict[str, str] = {}
    queue = deque([start])
    while queue:
        name = queue.popleft()
        for other in after[name]:
            if other == start:
                return _path(came_from, start, name)
            if members[other] == members[start] and other not in came_from:
                came_from[other] = name
                queue.append(other)
    return ()


def _path(came_from: Mapping[str, str], start: str, end: str) -> tuple[str, ...]:
    path = [end]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return tuple(reversed(path))


def _knots(after: After) -> dict[str, int]:
    """The number of each task's strongly connected component, by Kosaraju's two walks."""
    before: dict[str, list[str]] = {name: [] for name in after}
    for name, others in after.items():
        for other in others:
            before[other].append(name)
    members: dict[str, int] = {}
    for number, start in enumerate(reversed(_finished(after))):
        stack = [] if start in members else [start]
        while stack:
            name = stack.pop()
            members[name] = number
            stack += (other for other in before[name] if other not in members)
    return members


def _finished(after: After) -> list[str]:
    """The tasks in the order in which a depth-first walk is done with them."""
    result: list[str] = []
    seen: set[str] = set()
    for start in after:
        stack = [] if start in seen else [(start, iter(after[start]))]
        seen.add(start)
        while stack:
            name, others = stack[-1]
            following = next((other for other in others if other not in seen), None)
            if following is None:
                result.append(name)
                stack.pop()
            else:
                seen.add(following)
                stack.append((following, iter(after[following])))
    return result
