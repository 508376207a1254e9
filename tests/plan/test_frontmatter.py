"""The plain reader of front matter answers only where it says what YAML says."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.frontmatter import entries
from checkpoint.plan.parse import parse
from checkpoint.plan.settings import simple

KEYS = ["checkpoint", "schedule", "timezone", "notify", "x", "on", "No", "1", "<<", "~", "a b"]
VALUES = [
    *("1", "0", "007", "0x1f", "1_000", "1:30", "-1", "+1", "1.5", ".5", "1e3", "12e03", "yes", "Off", "null", "~", ""),
    *("words", "two words", "Europe/Berlin", "a: b", "a #b", "a#b", "[a, b]", "[a,b]", "[a, yes]", "[a, ]", "[]", "{}"),
    *('"*/30 9-18 * * mon-fri"', '"a\\n"', "'it''s'", "'x'", '"x" # c', "x # c", "& a", "&a x", "*a", "!x y", "|", ">"),
    *("2026-01-01", "=", "'é'", "é", "x:", "-", "- a", "%a", "@a", "`a`", "a,b", "Infinity", "nan", ".inf", "'a", "a]"),
]
LINES = st.one_of(
    st.builds("{}: {}".format, st.sampled_from(KEYS), st.sampled_from(VALUES)),
    st.sampled_from(["", "  ", "# comment", "key", "  nested: 1", "- item", "a:b", "? a", "...", "---", "\ta: 1"]),
)


@given(st.lists(LINES, max_size=4), st.integers(0, 60), st.sampled_from(["", " ", "'", '"', "#", ":", ",", "\\", "-"]))
def test_the_plain_reader_gives_up_or_agrees_with_yaml(lines: list[str], at: int, mark: str) -> None:
    text = "\n".join(lines)
    text = text[:at] + mark + text[at:]
    found = simple(text.split("\n"))
    if found is not None:
        assert {entry.key: entry.value for entry in found} == (yaml.safe_load(text) or {})
        assert (found, ()) == entries(text)


@pytest.mark.parametrize("value", ["1", "words", "Europe/Berlin", "[a, b]", '"* * *"', "'x'", '"x" # c', "x # c"])
def test_usual_values_need_no_yaml(value: str) -> None:
    assert simple([f"key: {value}"]) is not None


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * 2000 + "]" * 2000,
        "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: !!python/object/apply:os.getcwd []",
        "a: 2026-13-45",
        "a: " + "9" * 5000,
        "? [a]\n: b",
        "a: >-\n" + "  b\n" * 9000,
    ],
    ids=["deep", "aliases", "tag", "date", "number", "key", "long"],
)
def test_hostile_yaml_is_refused(text: str) -> None:
    rules = {problem.rule for problem in parse(f"---\ncheckpoint: 1\n{text}\n---\n".encode()).problems}
    assert "front-matter" in rules


@pytest.mark.parametrize("blank", ["\u2028", "\u2029"])
def test_what_ends_a_line_for_yaml_alone_moves_no_problem(blank: str) -> None:
    problems = parse(f'---\ncheckpoint: 1\nschedule: "{blank}{blank}"\nnotify: [\n---\n'.encode()).problems
    assert [problem.line for problem in problems] == [5]


def test_a_value_of_the_wrong_type_is_named_with_its_line() -> None:
    (problem,) = parse(b"---\ncheckpoint: 1\n\nnotify:\n  - a\n  - 1\n---\n").problems
    assert (problem.line, problem.column, problem.rule) == (4, 1, "value")
