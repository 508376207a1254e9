"""Whatever the bytes, a plan comes back that says what is wrong."""

from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.parse import parse
from checkpoint.plan.reading import READINGS
from tests.helpers.plans import HEAD, plans, texts


def check_problems(data: bytes) -> None:
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for problem in parse(data).problems:
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert problem.found
        assert problem.expected
        assert problem.mend
        assert problem.rule


@given(st.binary(max_size=60))
def test_any_bytes_parse_or_are_explained(data: bytes) -> None:
    check_problems(data)


@given(texts())
def test_any_text_parses_or_is_explained(text: str) -> None:
    check_problems((HEAD + text).encode())
    check_problems(f"---\n{text}\n---\n".encode())


@given(st.text(alphabet="ab: -[]{}&*!|>'\"#\n,1.?\t%@", max_size=40))
def test_any_front_matter_parses_or_is_explained(text: str) -> None:
    check_problems(f"---\n{text}\n---\n".encode())


@given(plans(), st.data())
def test_a_damaged_plan_parses_or_is_explained(plan: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(plan)))
    check_problems(plan[:at] + data.draw(st.binary(max_size=2)) + plan[at + data.draw(st.integers(0, 3)) :])


def test_line_endings_do_not_change_what_a_plan_says() -> None:
    text = HEAD + "# P\n\n## Team: a\n\n- folder: `x`\n- [x] **A1** One\n  - `a` exists\n"
    plan = parse(text.encode())
    assert parse(text.replace("\n", "\r\n").encode()) == parse(text.replace("\n", "\r").encode()) == plan


def test_an_edit_to_one_team_reads_one_team_again() -> None:
    teams = [f"## Team: t{i}\n\n- folder: `out/{i}`\n- [ ] **T{i}** One\n\n" for i in range(20)]
    parse((HEAD + "".join(teams)).encode())
    before = READINGS.count
    teams[7] = teams[7].replace("One", "One\n  - `new` exists")
    plan = parse((HEAD + "".join(teams)).encode())
    assert READINGS.count == before + 1
    assert [task.line for task in plan.tasks.values()][7:9] == [4 + 7 * 5 + 3, 4 + 8 * 5 + 4]


def test_problems_come_all_at_once_in_the_order_of_their_lines() -> None:
    problems = parse(b"---\nchekpoint: 1\n---\n## Team: a\n- [~] x\n- [ ] y\n<<<<<<< a\n").problems
    rules = ["version", "key-unknown", "folder", "box-mark", "task-id", "conflict"]
    assert [problem.rule for problem in problems] == rules
