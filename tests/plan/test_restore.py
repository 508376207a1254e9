"""Machine parts put back as they were: byte for byte, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.parse import parse
from checkpoint.plan.restore import restore
from tests.helpers.plans import HEAD, plans
from tests.plan.test_edit import TEXTS, outside

STATUS: Key = ("status", "")
NEXT: Key = ("next", "a")
PLAN = (
    HEAD + "\n# P  \n\nprose\t\n\n## Team: a\n- folder: `x`\n"
    "- [ ] **A1** One\n  - `f` exists\n* [X] **A2** Two\n\n## Notes\n\n\n"
).encode()
TICKED = b"- [x] **A1** One"


def taken(data: bytes, text: str = "text", *, ticked: bool = True) -> bytes:
    """The plan as a checkpoint leaves it: boxes of tasks that expect something, and all its blocks."""
    plan = parse(data)
    ticks = {task.id: ticked for task in plan.tasks.values() if task.expectations}
    return apply(data, ticks, {("status", ""): text, **{("next", team.name): text for team in plan.teams}})


def of_people(data: bytes) -> list[bytes]:
    """The lines that are not blank, without managed blocks and without marks in boxes."""
    inside = {n for each in parse(data).blocks for n in range(each.first_line - 1, each.last_line)}
    lines = [line for number, line in enumerate(data.splitlines()) if number not in inside and line.strip()]
    return [line.replace(b"[x]", b"[ ]").replace(b"[X]", b"[ ]") for line in lines]


@given(plans(), TEXTS, TEXTS, st.booleans(), st.booleans())
def test_what_checkpoints_wrote_goes_one_by_one_and_the_first_bytes_are_back(
    data: bytes, one: str, two: str, ticked: bool, then: bool
) -> None:
    try:
        first = taken(data, one, ticked=ticked)
        second = taken(first, two, ticked=then)
    except ValueError:
        return
    assert restore(second, first, second) == first
    assert restore(first, data, first) == data
    assert restore(second, data, second) == data


@given(plans(), plans(), TEXTS)
def test_whatever_was_there_before_only_machine_parts_change(data: bytes, was: bytes, text: str) -> None:
    try:
        now = taken(data, text)
        result = restore(now, was, now)
    except ValueError:
        return
    if {(each.kind, each.team) for each in parse(now).blocks} == {(b.kind, b.team) for b in parse(result).blocks}:
        assert outside(result) == outside(now)
    assert restore(result, was, result) == result
    assert restore(now, now, now) == now


@given(plans(), TEXTS, st.integers(0, 40), st.sampled_from(["words", "## Notes", "", "- item"]))
def test_what_people_wrote_meanwhile_stays(data: bytes, text: str, line: int, words: str) -> None:
    try:
        now = taken(data, text)
        ending = b"\r\n" if b"\r\n" in data else b"\r" if b"\r" in data else b"\n"
        lines = now.splitlines(keepends=True)
        lines.insert(min(line, len(lines)), words.encode() + ending)
        edited = b"".join(lines)
        result = restore(edited, data, now)
    except ValueError:
        return
    assert of_people(result) == of_people(edited)


def test_a_mark_comes_back_as_it_was_written() -> None:
    claimed = PLAN.replace(b"[ ] **A1**", b"[X] **A1**")
    assert restore(taken(claimed, ticked=False), claimed, taken(claimed, ticked=False)) == claimed


def test_a_box_that_somebody_has_changed_since_is_theirs() -> None:
    written = taken(PLAN, ticked=False)
    claimed = written.replace(b"[ ] **A1**", b"[x] **A1**")
    assert TICKED in restore(claimed, PLAN, written)
    assert TICKED not in restore(claimed, PLAN, claimed)


def test_a_box_of_a_task_that_expects_nothing_is_a_persons() -> None:
    now = taken(PLAN).replace(b"[X] **A2**", b"[ ] **A2**")
    assert b"* [ ] **A2** Two" in restore(now, PLAN, now)


def test_what_stood_in_a_block_comes_back_as_it_was() -> None:
    odd = PLAN.replace(b"prose\t\n", b"<!-- checkpoint:status -->\nby  hand\t\n<!-- /checkpoint:status -->\nprose\t\n")
    assert restore(taken(odd), odd, taken(odd)) == odd


def test_a_block_that_was_moved_is_restored_where_it_is_now() -> None:
    block = b"<!-- checkpoint:status -->\n\n%s\n\n<!-- /checkpoint:status -->\n"
    old, now = PLAN + block % b"old", PLAN.replace(b"prose\t\n", block % b"new" + b"prose\t\n")
    assert restore(now, old, now) == now.replace(b"new", b"old")


def test_a_block_that_was_taken_out_since_is_put_back() -> None:
    old = taken(PLAN, "old")
    assert restore(PLAN, old, PLAN.replace(b"[ ]", b"[x]")) == taken(PLAN, "old", ticked=False)


def test_the_blocks_of_teams_that_came_or_went_stay_as_they_are() -> None:
    more = PLAN + b"## Team: b\n- folder: `y`\n"
    now = taken(more, "new")
    assert restore(now, PLAN, now) == taken(PLAN, "new").replace(b"[x]", b"[ ]").replace(
        b"\n<!-- checkpoint:status -->\n\nnew\n\n<!-- /checkpoint:status -->\n", b""
    ).replace(b"\n<!-- checkpoint:next a -->\n\nnew\n\n<!-- /checkpoint:next -->\n", b"") + (
        b"## Team: b\n- folder: `y`\n\n<!-- checkpoint:next b -->\n\nnew\n\n<!-- /checkpoint:next -->\n"
    )
    assert restore(taken(PLAN, "new"), taken(more, "old"), taken(PLAN, "new")) == taken(PLAN, "old")


def test_a_block_in_disorder_then_or_now_stays_as_it_is() -> None:
    whole, old = taken(PLAN, "new"), taken(PLAN, "old")
    broken = whole.replace(b"<!-- /checkpoint:next -->\n", b"")
    assert restore(broken, old, broken) == broken.replace(b"\nnew\n", b"\nold\n", 1)
    assert restore(whole, old.replace(b"<!-- /checkpoint:next -->\n", b""), whole) == whole.replace(
        b"\nnew\n", b"\nold\n", 1
    )


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"])
def test_line_endings_follow_the_file_as_it_is_now(ending: bytes) -> None:
    now = taken(PLAN, "new").replace(b"\n", ending)
    assert restore(now, taken(PLAN, "old\nlines"), now) == taken(PLAN, "old\nlines").replace(b"\n", ending)


@pytest.mark.parametrize(
    ("was", "written", "expected"),
    [
        (b"# P\n\nprose\n", b"# P\n\nwords\n\n<!--", b"# P\n\nwords\n\nprose\n"),
        (b"# P\nprose\n", b"# P\n\nwords\n\n<!--", b"# P\n\nwords\n\nprose\n"),
        (b"# P\nprose\n", b"# P\n\n<!--", b"# P\nprose\n"),
        (b"# P\n", b"# P\n\nwords\n\n<!--", b"# P\n\nwords\n"),
    ],
)
def test_blank_lines_that_separate_what_people_wrote_since_stay(was: bytes, written: bytes, expected: bytes) -> None:
    old = HEAD.encode() + was
    now = taken(old, "new")
    edited = now.replace(b"# P\n\n<!--", written)
    assert restore(edited, old, now) == HEAD.encode() + expected


@pytest.mark.parametrize("which", ["now", "was"])
def test_a_plan_with_errors_is_refused(which: str) -> None:
    wrong = PLAN.replace(b"[ ]", b"[~]")
    with pytest.raises(ValueError, match="line 11"):
        restore(wrong if which == "now" else PLAN, wrong if which == "was" else PLAN, PLAN)
