"""The page on the plan format says what the code does."""

import re
from pathlib import Path

from checkpoint.plan.model import Settings, Team
from checkpoint.plan.parse import parse
from checkpoint.plan.team import SETTINGS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/plan-format.md").read_text()
CODE = "\n".join(path.read_text() for path in sorted((ROOT / "checkpoint/plan").glob("*.py")))


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> set[str]:
    """The code spans in the first column of a section's tables."""
    cells = re.findall(r"^\| (`[^|]*`) \|", section(title), re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_example_has_no_problem() -> None:
    example = re.search(r"```markdown\n(---.*?)```", PAGE, re.DOTALL)
    assert example is not None
    plan = parse(example[1].encode())
    assert plan.problems == ()
    assert [len(task.expectations) for task in plan.tasks.values()] == [2, 2, 0]


def test_every_key_is_on_the_page() -> None:
    assert rows("Front matter") == set(Settings.__struct_fields__)
    assert rows("Settings of a team") == set(SETTINGS)
    assert set(SETTINGS) <= set(Team.__struct_fields__)


def test_every_rule_is_on_the_page() -> None:
    literals = set(re.findall(r'"([a-z]+(?:-[a-z]+)*)"', CODE))
    listed = rows("Mistakes, and their names")
    assert listed <= literals
    reported = {
        rule
        for case in (ROOT / "tests/plan/cases").glob("*.json")
        for rule in re.findall(r'"rule": "(.*?)"', case.read_text())
    }
    assert reported <= listed


def test_every_rule_of_the_page_has_a_case() -> None:
    texts = "".join(path.read_text() for path in (ROOT / "tests/plan").rglob("*") if path.suffix in (".json", ".py"))
    assert {rule for rule in rows("Mistakes, and their names") if f'"{rule}"' not in texts} == set()
