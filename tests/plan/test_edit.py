"""What an edit changes, what it leaves alone, and what it refuses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.parse import parse
from checkpoint.plan.restore import restore
from tests.helpers.plans import HEAD, MARKS, ODD, PLAIN, plans

STATUS: Key = ("status", "")
NEXT: Key = ("next", "a")
PLAN = (
    HEAD + "\n# P  \n\nprose\t\n\n## Team: a\n- folder: `x`\n"
    "- [ ] **A1** One\n  - `f` exists\n* [X] **A2** Two\n\n## Notes\n\n\n"
).encode()
FULL = apply(PLAN, {}, {STATUS: "old", NEXT: "old"})
TEXTS = st.one_of(
    st.lists(st.sampled_from(PLAIN + ODD), max_size=5).map("\n".join), st.text(alphabet=MARKS + "é\u2028")
)


def outside(data: bytes) -> bytes:
    """A plan without the insides of its managed blocks, and with every box of a task empty."""
    plan = parse(data)
    lines = data.splitlines(keepends=True)
    for task in plan.tasks.values():
        text = lines[task.line - 1].decode()
        lines[task.line - 1] = (text[: task.column - 1] + "." + text[task.column :]).encode()
    inside = {n for block in plan.blocks for n in range(block.first_line, block.last_line - 1)}
    return b"".join(line for number, line in enumerate(lines) if number not in inside)


@given(plans(), TEXTS, st.booleans())
def test_an_edit_changes_marks_and_insides_alone_or_is_refused(data: bytes, text: str, ticked: bool) -> None:
    blocks = {(block.kind, block.team): text for block in parse(data).blocks}
    try:
        result = apply(data, {"A1": ticked}, blocks)
    except ValueError:
        return
    assert outside(result) == outside(data)
    assert apply(result, {"A1": ticked}, blocks) == result


@given(plans(), TEXTS)
def test_added_blocks_take_no_line_away_and_are_not_added_twice(data: bytes, text: str) -> None:
    present = {(block.kind, block.team) for block in parse(data).blocks}
    blocks = {key: text for key in (STATUS, NEXT) if key not in present}
    try:
        result = apply(data, {}, blocks)
    except ValueError:
        return
    rest = iter(result.splitlines())
    assert all(line in rest for line in data.splitlines())
    assert apply(result, {}, blocks) == result


@given(TEXTS, TEXTS)
def test_no_text_changes_what_a_plan_says(status: str, action: str) -> None:
    try:
        result = parse(apply(FULL, {}, {STATUS: status, NEXT: action}))
    except ValueError:
        return
    assert [(task.id, task.ticked) for task in result.tasks.values()] == [("A1", False), ("A2", True)]
    assert [(block.kind, block.team) for block in result.blocks] == [STATUS, NEXT]
    assert not result.problems


@pytest.mark.parametrize(
    "text",
    [
        "<!-- /checkpoint:next -->",
        "<!-- checkpoint:next a -->",
        "<!-- checkpoint:status -->",
        "- [ ] **A9** more",
        "## Team: b\n- folder: `y`",
        "Notes\n---",
        "# Title",
        "```",
        "<!-- open",
        "<<<<<<< HEAD",
        "a\0b",
    ],
)
def test_a_text_that_would_reach_beyond_its_block_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="would change"):
        apply(FULL, {}, {NEXT: text})


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_follow_the_file(ending: str) -> None:
    data = PLAN.replace(b"\n", ending.encode())
    result = apply(data, {"A1": True}, {STATUS: "one\r\ntwo", NEXT: "three"})
    assert set(re.findall(rb"\r\n|\r|\n", result)) == {ending.encode()}


@pytest.mark.parametrize(("last", "rest"), [(b"words\r", b""), (b"\r", b""), (b"words\r\n", b"\n\n")])
@pytest.mark.parametrize("ending", [b"\n", b"\r"])
def test_no_two_ends_of_lines_become_one(last: bytes, rest: bytes, ending: bytes) -> None:
    text = HEAD.encode().replace(b"\n", ending) + b"## Team: a" + ending + b"- folder: `x`" + ending * 2 + last + rest
    added = apply(text, {}, {STATUS: "one", NEXT: "two"})
    assert len(added.splitlines()) == len(text.splitlines()) + 5 + 5 + 3
    assert restore(added, text, added) == text


def test_a_missing_final_newline_stays_missing() -> None:
    result = apply(b"---\ncheckpoint: 1\n---\n## Team: a\n- folder: `x`", {}, {NEXT: "do it"})
    assert result.endswith(b"- folder: `x`\n\n<!-- checkpoint:next a -->\n\ndo it\n\n<!-- /checkpoint:next -->")


def test_a_byte_order_mark_and_odd_spaces_stay() -> None:
    result = apply(b"\xef\xbb\xbf" + PLAN, {"A1": True}, {STATUS: "new"})
    assert result.startswith(b"\xef\xbb\xbf---\n")
    assert b"# P  \n\n<!-- checkpoint:status -->\n\nnew\n\n<!-- /checkpoint:status -->\n\nprose\t\n" in result


def test_ticks_set_and_clear_the_mark_and_leave_a_capital_x() -> None:
    result = apply(PLAN, {"A1": True, "A2": True}, {})
    assert b"- [x] **A1** One" in result
    assert b"* [X] **A2** Two" in result
    assert b"* [ ] **A2** Two" in apply(PLAN, {"A2": False}, {})


def test_the_status_block_goes_to_the_top_where_there_is_no_title() -> None:
    result = apply(b"---\ncheckpoint: 1\n---\nprose\n", {}, {STATUS: "new"})
    assert result == HEAD.encode() + b"\n<!-- checkpoint:status -->\n\nnew\n\n<!-- /checkpoint:status -->\n\nprose\n"


def test_tasks_and_teams_that_a_plan_does_not_have_are_passed_over() -> None:
    assert apply(PLAN, {"Z9": True}, {("next", "z"): "text"}) == PLAN


def test_a_block_in_disorder_is_left_alone_and_the_others_are_written() -> None:
    broken = FULL.replace(b"<!-- /checkpoint:next -->\n", b"")
    result = apply(broken, {}, {STATUS: "new", NEXT: "new"})
    assert result == broken.replace(b"\nold\n", b"\nnew\n", 1)


@pytest.mark.parametrize(
    "marker", ["<!-- checkpoint:status -->", "<!-- checkpoint:next b -->", "<!-- checkpoint:x -->"]
)
def test_no_block_is_added_behind_a_marker_in_disorder_and_the_others_are_written(marker: str) -> None:
    other = b"## Team: c\n- folder: `y`\n"
    odd = PLAN.replace(b"- folder: `x`\n", f"- folder: `x`\n\n{marker}\n".encode())
    assert apply(odd + other, {}, {NEXT: "new"}) == odd + other
    result = apply(odd + other, {"A1": True}, {NEXT: "new", ("next", "c"): "new"})
    assert result == apply(odd.replace(b"[ ] **A1**", b"[x] **A1**") + other, {}, {("next", "c"): "new"})
    assert result.endswith(b"<!-- checkpoint:next c -->\n\nnew\n\n<!-- /checkpoint:next -->\n")


def test_a_block_that_stands_twice_is_left_alone() -> None:
    twice = FULL + b"<!-- checkpoint:next a -->\n<!-- /checkpoint:next -->\n"
    assert apply(twice, {}, {NEXT: "new"}) == twice


def test_a_plan_with_errors_is_refused() -> None:
    with pytest.raises(ValueError, match="line 11"):
        apply(PLAN.replace(b"[ ]", b"[~]"), {}, {STATUS: "new"})


def test_an_empty_text_empties_the_block() -> None:
    assert b"<!-- checkpoint:status -->\n<!-- /checkpoint:status -->" in apply(FULL, {}, {STATUS: ""})
