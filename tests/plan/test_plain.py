"""The fast reader answers only where it says what Markdown says."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given

from checkpoint.plan import markdown
from checkpoint.plan.edit import apply, fenced
from checkpoint.plan.plain import scan
from tests.helpers.plans import PLAIN, TEAM, texts

EXAMPLE = Path(__file__).parents[2] / "plan.example.md"


@given(texts())
def test_the_scanner_gives_up_or_agrees_with_markdown(text: str) -> None:
    lines = text.split("\n")
    assert scan(lines) in (None, markdown.nodes(lines))


@given(texts(PLAIN))
def test_the_scanner_gives_up_or_agrees_with_markdown_on_plain_lines(text: str) -> None:
    lines = text.split("\n")
    assert scan(lines) in (None, markdown.nodes(lines))


@pytest.mark.parametrize(
    "text",
    [
        "# Plan\n\ntext\nmore text\n\n## Team: a\n- folder: `x`",
        "- [ ] **A1** One\n  on two lines\n  - `a` exists\n    - deeper\n  - again\n\n  prose\n- [x] **A2** Two",
        "1. one\n2. two\n   - sub\n\n10. ten",
        "words\n* star\n+ plus\n<!-- c -->\n```x\n# no\n```\n~~~\n~~~\n| a |\n|---|\n| b |",
        "",
    ],
)
def test_the_scanner_answers_plain_text(text: str) -> None:
    assert scan(text.split("\n")) is not None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "- a\nlazy",
            "text\n---",
            "- a\n   - b",
            "<div>",
            "\tx",
            "> q",
            "# x #",
            "text\n2. two",
            "- - a",
            "| a |\n| b |",
        ),
        *("- a\n| b |\n|---|", "# x\u00a0", "text\t", "- x\u2003\n- y", "```\nnever closed"),
    ],
)
def test_the_scanner_gives_up_where_a_line_may_mean_two_things(text: str) -> None:
    assert scan(text.split("\n")) is None


def loaded(plan: Path) -> set[str]:
    """Which heavy modules reading this plan imports."""
    code = (
        "import sys; from checkpoint.plan.parse import parse; assert not parse(open(sys.argv[1], 'rb').read()).errors;"
        "print(*{'markdown_it', 'yaml', 'difflib', 'logging', 'pathlib', 'dataclasses'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code, str(plan)], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_the_example_is_read_without_markdown() -> None:
    assert loaded(EXAMPLE) == set()


def test_what_an_edit_writes_is_read_without_markdown(tmp_path: Path) -> None:
    table = "| team | done |\n|---|---|\n| a | 1 |\n\n- **a**: `x`\n  - more"
    evidence = "Do this:\n\n" + fenced("```\n<!-- /checkpoint:next -->\n## Team: b", "evidence", 300)
    plan = tmp_path / "plan.md"
    plan.write_bytes(apply(TEAM.encode(), {}, {("status", ""): table, ("next", "a"): evidence}))
    assert loaded(plan) == set()


def test_markdown_is_loaded_where_it_is_needed(tmp_path: Path) -> None:
    plan = tmp_path / "plan.md"
    plan.write_text(TEAM + "> a quote\n")
    assert "markdown_it" in loaded(plan)
