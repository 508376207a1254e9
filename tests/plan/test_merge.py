"""Merges of plans: what people wrote is git's to merge, and what checkpoints wrote never conflicts."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.merging import case, is_lost
from checkpoint.git.command import Git
from checkpoint.git.environment import clean
from checkpoint.git.merging import Merged, merge_file, merge_plan
from checkpoint.plan.derived import derived
from checkpoint.plan.edit import Key, apply
from checkpoint.plan.parse import parse
from tests.helpers.plan_merges import PLAN, Sides, by_chance, sides
from tests.helpers.plans import plans

STATUS: Key = ("status", "")
NEXT: Key = ("next", "backend")
BASE = PLAN.encode()
BOXES = ("B1", "B2", "B3", "F1")


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    return Git(("-C", str(tmp_path_factory.mktemp("nowhere"))), clean(os.environ))


def taken(text: bytes, said: str, *ticked: str) -> bytes:
    """After a checkpoint that found those tasks proven, and says so in every block."""
    keys: list[Key] = [STATUS, *(("next", team.name) for team in parse(text).teams)]
    return apply(text, {name: name in ticked for name in BOXES}, dict.fromkeys(keys, said))


def edited(text: bytes, old: str, new: str) -> bytes:
    assert old.encode() in text
    return text.replace(old.encode(), new.encode(), 1)


def ticked(text: bytes) -> set[str]:
    return {task.id for task in parse(text).tasks.values() if task.ticked}


@given(sides())
def test_it_conflicts_only_where_people_do_and_nowhere_where_git_does_not(git: Git, sides: Sides) -> None:
    found = case(git, sides)
    is_fine = not found.plain.conflicts and not parse(found.plain.text).errors
    assert found.ours.conflicts == (0 if is_fine else found.floor.conflicts)
    assert not is_lost(found.ours, found.floor)
    if not found.ours.conflicts:
        assert not parse(found.ours.text).problems


def test_the_checker_finds_a_side_taken_for_the_merge(git: Git) -> None:
    base = taken(BASE, "one")
    ours, theirs = edited(base, "Search (", "Find ("), edited(base, "Ask Emma", "Ask Ada")
    found = case(git, Sides(base, ours, theirs))
    assert not is_lost(found.ours, found.floor)
    assert is_lost(Merged(ours, 0), found.floor)
    assert is_lost(Merged(edited(found.ours.text, "## Notes", "## Team: Notes"), 0), found.floor)


def test_where_only_blocks_keep_people_apart_gits_own_merge_will_do(git: Git) -> None:
    sides = by_chance(36)
    found = case(git, sides)
    assert found.floor.conflicts
    assert (found.ours, found.plain.conflicts) == (found.plain, 0)


@given(plans(), plans(), plans())
def test_of_any_three_texts_the_outcome_is_a_text(git: Git, base: bytes, ours: bytes, theirs: bytes) -> None:
    merged = merge_plan(git, base, ours, theirs)
    assert merged == merge_plan(git, base, ours, theirs)
    assert merge_plan(git, base, ours, ours).conflicts == 0
    if parse(base).refusals or parse(ours).refusals or parse(theirs).refusals:
        assert merged == merge_file(git, base, ours, theirs)


@given(st.binary(max_size=30), st.binary(max_size=30))
def test_what_is_no_plan_is_merged_as_git_would(git: Git, one: bytes, other: bytes) -> None:
    plain = b"just\nsome\ntext\n"
    texts = (plain, plain + one.replace(b"\0", b""), other.replace(b"\0", b"") + plain)
    assert merge_plan(git, *texts) == merge_file(git, *texts)


def test_a_persons_line_beside_a_checkpoints(git: Git) -> None:
    """The case that git cannot merge: a title in the very line whose box a checkpoint has ticked."""
    ours, theirs = taken(BASE, "one", "B1"), edited(BASE, "Publish the API", "Publish the whole API")
    assert merge_file(git, BASE, ours, theirs).conflicts
    merged = merge_plan(git, BASE, ours, theirs)
    assert merged.conflicts == 0
    assert b"- [x] **B1** Publish the whole API\n" in merged.text
    assert merged.text == edited(ours, "Publish the API", "Publish the whole API")


def test_a_box_is_as_whoever_changed_it_has_left_it(git: Git) -> None:
    base = taken(BASE, "base", "B1", "B2")
    ours, theirs = taken(BASE, "ours", "B2", "B3"), taken(BASE, "theirs", "B1", "B2", "F1")
    assert (
        ticked(merge_plan(git, base, ours, theirs).text)
        == ticked(merge_plan(git, base, theirs, ours).text)
        == {"B2", "B3", "F1"}
    )


def test_blocks_are_ours(git: Git) -> None:
    base, ours, theirs = (taken(BASE, each) for each in ("base", "ours", "theirs"))
    assert merge_plan(git, base, ours, theirs).text == ours


def test_blocks_that_only_they_have_come_along(git: Git) -> None:
    team = "## Team: docs\n\n- folder: `out/docs`\n\n- [ ] **D1** Write\n  - `a.md` exists\n\n## Notes"
    theirs = taken(edited(BASE, "## Notes", team), "theirs", "B1")
    merged = merge_plan(git, BASE, BASE, theirs)
    assert (merged.text, merged.conflicts) == (theirs, 0)
    ours = taken(BASE, "ours")
    found = derived(merge_plan(git, BASE, ours, theirs).text)
    assert {key: text.strip() for key, text in found.blocks.items()} == {
        STATUS: "ours",
        NEXT: "ours",
        ("next", "frontend"): "ours",
        ("next", "docs"): "theirs",
    }


def test_a_task_that_a_person_ticks_is_that_persons(git: Git) -> None:
    theirs = edited(BASE, "[ ] **F2**", "[x] **F2**")
    assert "F2" in ticked(merge_plan(git, BASE, taken(BASE, "ours"), theirs).text)


def test_people_who_disagree_conflict_and_nothing_else_does(git: Git) -> None:
    base = taken(BASE, "base")
    ours = taken(edited(BASE, "Search (", "Find ("), "ours", "B1")
    theirs = taken(edited(BASE, "Search (", "Look up ("), "theirs", "B2")
    merged = merge_plan(git, base, ours, theirs)
    assert merged.conflicts == 1
    text = merged.text.decode()
    conflict = text[text.index("<<<<<<< ours\n") : text.index(">>>>>>> theirs\n")]
    assert conflict == ("<<<<<<< ours\n- [x] **B2** Find (after B1)\n=======\n- [x] **B2** Look up (after B1)\n")
    resolved = text.replace(conflict, "- [x] **B2** Find (after B1)\n").replace(">>>>>>> theirs\n", "")
    assert resolved.encode() == taken(edited(BASE, "Search (", "Find ("), "ours", "B1", "B2")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings_stay(git: Git, ending: str) -> None:
    base, ours, theirs = (
        text.replace(b"\n", ending.encode())
        for text in (BASE, taken(BASE, "one\ntwo", "B1"), taken(BASE, "three", "B3"))
    )
    merged = merge_plan(git, base, ours, theirs)
    expected = taken(BASE, "one\ntwo", "B1", "B3").replace(b"\n", ending.encode())
    assert (merged.text, merged.conflicts) == (expected, 0)


def test_both_began_the_plan(git: Git) -> None:
    ours, theirs = taken(BASE, "ours", "B1"), taken(BASE, "theirs", "B2")
    merged = merge_plan(git, b"", ours, theirs)
    assert (merged.text, merged.conflicts) == (taken(BASE, "ours", "B1", "B2"), 0)


def test_a_plan_that_cannot_be_read_is_merged_as_git_would(git: Git) -> None:
    broken = edited(BASE, "[ ] **B3**", "[~] **B3**")
    texts = (BASE, taken(BASE, "one", "B1"), broken)
    assert merge_plan(git, *texts) == merge_file(git, *texts)


def test_a_word_of_ours_in_the_plan_is_no_word_of_ours(git: Git) -> None:
    prose = edited(BASE, "Ask Emma", "Ask <0123456789abcdef:B1> and <0123456789abcdef status >")
    ours, theirs = taken(prose, "ours"), edited(prose, "Show the books", "Show all")
    assert merge_plan(git, prose, ours, theirs).text == edited(ours, "Show the books", "Show all")
