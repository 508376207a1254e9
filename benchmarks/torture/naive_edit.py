"""How a plan is brought up to date by the code that people write first: regular expressions on its newest text."""

import re
import time

from benchmarks.torture.states import TASKS


def rewritten(plan: str, done: set[str]) -> str:
    """The plan with these tasks ticked, all others not, and a status that says when and how many of each team's."""
    for task in TASKS:
        plan = re.sub(rf"- \[.\] \*\*{task}\*\*", f"- [{'x' if task in done else ' '}] **{task}**", plan)
    status = "\n".join((f"checked at {time.strftime('%H:%M:%S')}", "", *(_row(team, done) for team in _teams())))
    opens, closes = "<!-- checkpoint:status -->\n", "<!-- /checkpoint:status -->"
    return re.sub(f"{opens}.*?{closes}", lambda found: f"{opens}{status}\n{closes}", plan, flags=re.DOTALL)


def _teams() -> list[str]:
    return list(dict.fromkeys(file.split("/")[1] for file in TASKS.values()))


def _row(team: str, done: set[str]) -> str:
    every = [task for task, file in TASKS.items() if file.split("/")[1] == team]
    count = sum(task in done for task in every)
    return f"| {team} | {count}/{len(every)} | {count} |"
