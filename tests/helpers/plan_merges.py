"""Two people's branches of one plan, each with checkpoints of its own: texts to be merged."""

import random
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.parse import parse

PLAN = """\
---
checkpoint: 1
---

# Shop

What we sell, and how.

## Team: backend

- folder: `out/backend`

- [ ] **B1** Publish the API
  - `api.json` exists
- [ ] **B2** Search (after B1)
  - `search.py` defines search
- [ ] **B3** Pay
  - `pay.py` exists

## Team: frontend

- folder: `out/frontend`

- [ ] **F1** Show the books
  - `index.html` exists
- [ ] **F2** Agree on the colours

## Notes

- Ask Emma.
"""


class Sides(NamedTuple):
    """What both began from, and what each made of it."""

    base: bytes
    ours: bytes
    theirs: bytes


def taken(text: bytes, chance: random.Random) -> bytes:
    """The plan after a checkpoint that found something: boxes and blocks by chance."""
    plan = parse(text)
    ticks = {task.id: chance.random() < 0.5 for task in plan.tasks.values() if task.expectations}
    keys: list[Key] = [("status", ""), *(("next", team.name) for team in plan.teams)]
    return apply(text, ticks, {key: _said(chance) for key in keys})


def _said(chance: random.Random) -> str:
    return "\n".join(
        f"- {chance.choice(('do', 'mend', 'show'))} {chance.randrange(9)}" for _ in range(chance.randrange(5))
    )


def edited(text: bytes, chance: random.Random) -> bytes:
    """The plan after somebody has worked on it: between one and three edits that a person might make."""
    for _ in range(chance.randint(1, 3)):
        text = chance.choice(_EDITS)(text.decode().split("\n"), chance).encode()
    return text


def _title(lines: list[str], chance: random.Random) -> str:
    """Another title for a task, in the line whose box is a checkpoint's."""
    at = chance.choice([i for i, line in enumerate(lines) if line.startswith("- [")])
    lines[at] = lines[at].replace("** ", f"** {chance.choice(('Soon', 'Better', 'Again'))}: ")
    return "\n".join(lines)


def _task(lines: list[str], chance: random.Random) -> str:
    """Another task, above one that is there: or at the end of the list, right above a block."""
    at = chance.choice([i for i, line in enumerate(lines) if line.startswith("  - `")])
    name = f"N{chance.randrange(10_000)}"
    lines[at + 1 : at + 1] = [f"- [ ] **{name}** New", f"  - `{name}.txt` exists"]
    return "\n".join(lines)


def _expectation(lines: list[str], chance: random.Random) -> str:
    """Another expectation, right below the line whose box is a checkpoint's."""
    at = chance.choice([i for i, line in enumerate(lines) if line.startswith("- [")])
    lines.insert(at + 1, f"  - `more{chance.randrange(10_000)}.txt` exists")
    return "\n".join(lines)


def _prose(lines: list[str], chance: random.Random) -> str:
    at = chance.choice([i for i, line in enumerate(lines) if line.startswith(("What", "- Ask"))])
    lines.insert(at + 1, f"- Remember {chance.randrange(10_000)}.")
    return "\n".join(lines)


def _team(lines: list[str], chance: random.Random) -> str:
    name = f"team{chance.randrange(10_000)}"
    at = chance.choice([i for i, line in enumerate(lines) if line.startswith("## ")])
    task = [f"- [ ] **{name}** Begin", f"  - `{name}.txt` exists"]
    lines[at:at] = [f"## Team: {name}", "", f"- folder: `out/{name}`", "", *task, ""]
    return "\n".join(lines)


_EDITS: tuple[Callable[[list[str], random.Random], str], ...] = (_title, _task, _expectation, _prose, _team)


def by_chance(seed: int) -> Sides:
    """Two branches of the plan; each of the three texts may or may not have had its checkpoint."""
    chance = random.Random(seed)

    def maybe_taken(text: bytes) -> bytes:
        return taken(text, chance) if chance.random() < 0.8 else text

    base = maybe_taken(PLAN.encode())
    return Sides(base, *(maybe_taken(edited(base, chance)) for _ in range(2)))


def sides() -> st.SearchStrategy[Sides]:
    return st.integers(0, 2**32).map(by_chance)
