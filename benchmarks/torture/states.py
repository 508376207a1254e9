"""A plan whose boxes spell a number: what each machine finds in each round is unlike what any other ever finds.

`human` takes out of a plan what is the checkpoint's to write. It knows nothing of the product's own editor, which it is
held against: lines between two markers, and the mark in the box of each task of `TASKS`.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

TASKS: Final[Mapping[str, str]] = {
    **{f"B{number}": f"out/backend/b{number}.txt" for number in range(1, 5)},
    **{f"F{number}": f"out/frontend/f{number}.txt" for number in range(1, 4)},
}
"""Each task that a checkpoint ticks, with the file that proves it; the last one counts most in the number."""
STATES = 2 ** len(TASKS)
"""0 is the plan as it begins."""
NOTES = "## Notes"
HUMAN_TASK = "F4"
"""It expects nothing, so its box is a person's."""

_OPENS, _CLOSES = re.compile(r"<!-- checkpoint:[a-z]+.*-->"), re.compile(r"<!-- /checkpoint:[a-z]+ -->")
_BOX = re.compile(rf"- \[([ xX])\] \*\*({'|'.join(TASKS)})\*\*")
_VERIFIED = re.compile(r"\| (\w+) \| \d+/\d+ \| (\d+) \|")
_CONFLICT = re.compile(r"(<{7}|={7}|>{7})( |$)")

_HEAD = """\
---
checkpoint: 1
---

# Shop

<!-- checkpoint:status -->
<!-- /checkpoint:status -->

## Notes

- 0
"""
_TEAM = """
## Team: {0}

- folder: `out/{0}`

### Tasks

{1}
<!-- checkpoint:next {0} -->
<!-- /checkpoint:next -->
"""


def plan_text() -> str:
    """The plan in state 0."""
    teams: dict[str, str] = {}
    for task, file in TASKS.items():
        _, team, name = file.split("/")
        teams[team] = teams.get(team, "") + f"- [ ] **{task}** Deliver {name}\n  - `{name}` exists\n"
    teams["frontend"] += f"- [ ] **{HUMAN_TASK}** Agree on the colours\n"
    return _HEAD + "".join(_TEAM.format(*each) for each in teams.items())


def deliver(folder: Path, state: int) -> None:
    """Makes a checkout's folders what a checkpoint finds as that state."""
    for task, is_there in _bits(state):
        target = folder / TASKS[task]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(f"{task}\n") if is_there else target.unlink(missing_ok=True)


def delivered(folder: Path) -> set[str]:
    """The tasks whose files are there."""
    return {task for task, file in TASKS.items() if (folder / file).exists()}


def spelt(plan: str) -> int:
    """The state that the boxes of a plan spell."""
    ticked = {found[2]: found[1] != " " for line in plan.splitlines() if (found := _BOX.match(line))}
    return sum(1 << place for place, task in enumerate(TASKS) if ticked.get(task))


def is_whole(plan: str) -> bool:
    """Whether the status block counts what the boxes show, team by team."""
    counted = {found[1]: int(found[2]) for line in plan.splitlines() if (found := _VERIFIED.match(line))}
    shown: dict[str, int] = {}
    for task, is_ticked in _bits(spelt(plan)):
        team = TASKS[task].split("/")[1]
        shown[team] = shown.get(team, 0) + is_ticked
    return counted == shown


def human(plan: str) -> str:
    """The plan without what is the checkpoint's: what a checkpoint has to leave as it is, to the byte."""
    return "".join(_human_lines(plan))


def conflicts(plan: str) -> list[str]:
    """The lines that a merge has left which could not be finished."""
    return [line for line in plan.splitlines() if _CONFLICT.match(line)]


def _human_lines(plan: str) -> Iterator[str]:
    is_ours = False
    for line in plan.splitlines(keepends=True):
        is_ours = is_ours and not _CLOSES.match(line)
        if not is_ours:
            yield _BOX.sub(r"- [ ] **\2**", line)
        is_ours = is_ours or bool(_OPENS.match(line))


def _bits(state: int) -> list[tuple[str, bool]]:
    return [(task, bool(state >> place & 1)) for place, task in enumerate(TASKS)]
