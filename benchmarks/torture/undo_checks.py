"""What is the checkpoint's of a plan, and what is people's, by regular expressions: for the tests of undos."""

import re
from collections.abc import Iterator

_BLOCK = re.compile(r"<!-- checkpoint:(status|next [\w-]+) -->\n(.*?)<!-- /checkpoint:\w+ -->\n", re.DOTALL)
_TASK = re.compile(r"^(- \[)(.)(\] \*\*(\w+)\*\*.*\n)((?:  .*\n)*)", re.MULTILINE)
_TEAM = re.compile(r"^## Team: ([\w-]+)", re.MULTILINE)


def blocks(plan: str) -> dict[str, str]:
    """The inside of each block, under `status` or `next TEAM`."""
    return dict(_BLOCK.findall(plan))


def boxes(plan: str) -> dict[str, str]:
    """What stands in the box of each task that expects something."""
    return {name: mark for _, mark, _, name, below in _TASK.findall(_BLOCK.sub("", plan)) if "`" in below}


def people(plan: str) -> list[str]:
    """The lines that people wrote: without blocks, blank lines, and marks in boxes of tasks that expect something."""
    text = _TASK.sub(lambda task: _emptied(task) if "`" in task[5] else task[0], _BLOCK.sub("", plan))
    return [line for line in text.split("\n") if line.strip()]


def _emptied(task: re.Match[str]) -> str:
    return f"{task[1]} {task[3]}{task[5]}"


def damage(now: str, before: str, was: str, *, is_edited: bool) -> Iterator[str]:
    """What an undo has left other than it should be.

    `now` is the plan after it, `was` the plan right before it, and `before` as it stood before the checkpoint that was
    undone. Where nobody has edited the plan since, the two last must be the same bytes.
    """
    if not is_edited and now != before:
        yield "the plan has not the bytes that it had before"
    if people(now) != people(was):
        yield "what people wrote is not what it was"
    for name, mark in boxes(before).items():
        if boxes(now).get(name, mark) != mark:
            yield f"the box of {name} is `{boxes(now)[name]}`, and was `{mark}`"
    yield from _blocks_not_as(now, before)


def _blocks_not_as(now: str, before: str) -> Iterator[str]:
    teams = set(_TEAM.findall(now)) & set(_TEAM.findall(before))
    found, wanted = blocks(now), blocks(before)
    for key in ("status", *(f"next {team}" for team in sorted(teams))):
        if found.get(key) != wanted.get(key):
            yield f"the block {key} is not as it was" if key in wanted else f"the block {key} was not there"
