"""The checker of the last promise: what it calls broken, shown on plans that are, and on `git revert`."""

import random
from pathlib import Path

import pytest

from benchmarks.torture.undo import Undone, broken, figure, reverted, undone_one_by_one
from benchmarks.torture.undo_checks import blocks, boxes, damage, people
from benchmarks.torture.undo_story import Story, told
from tests.helpers.repositories import clone, git
from tests.helpers.scenes import PLAN

BEFORE = PLAN.replace("# Shop\n", "# Shop\n\n<!-- checkpoint:status -->\n\nold\n\n<!-- /checkpoint:status -->\n")
DAMAGED = {
    "another block": BEFORE.replace("\nold\n", "\nnew\n"),
    "a block that lacks a byte": BEFORE.replace("\nold\n\n", "\nold\n"),
    "no block": PLAN,
    "a block too many": BEFORE + "<!-- checkpoint:next backend -->\n<!-- /checkpoint:next -->\n",
    "another box": BEFORE.replace("[ ] **B1**", "[x] **B1**"),
    "a persons box": BEFORE.replace("[ ] **F2**", "[x] **F2**"),
    "words lost": BEFORE.replace("Show the books", "Show"),
    "words added": BEFORE + "word\n",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_plan_that_is_not_as_it_was_is_broken(name: str) -> None:
    for is_edited in (False, True):
        assert list(damage(DAMAGED[name], BEFORE, BEFORE, is_edited=is_edited))


def test_a_plan_that_is_as_it_was_is_not() -> None:
    later = DAMAGED["another block"].replace("[ ] **B1**", "[x] **B1**")
    assert not list(damage(BEFORE, BEFORE, later, is_edited=False))
    edited = BEFORE.replace("Show the books", "Show all")
    assert not list(damage(edited, BEFORE, edited, is_edited=True))


def test_blank_lines_count_where_nobody_edited() -> None:
    assert list(damage(BEFORE + "\n", BEFORE, BEFORE, is_edited=False))


def test_the_parts_of_a_plan_are_known() -> None:
    assert blocks(BEFORE) == {"status": "\nold\n\n"}
    assert boxes(BEFORE) == {"B1": " ", "B2": " ", "F1": " "}
    assert people(BEFORE) == people(PLAN)


def test_an_undo_of_another_checkpoint_is_broken(tmp_path: Path) -> None:
    story = told(tmp_path, seed=1, number=1, runs=2)
    story.ids.reverse()
    steps = tuple(undone_one_by_one(story, random.Random(1)))
    assert broken([Undone(steps)])


def test_an_undo_that_fails_is_broken(tmp_path: Path) -> None:
    story = told(tmp_path, seed=1, number=1, runs=2)
    story.scene.edit("**B2**", "**B1**")
    found = Undone(tuple(undone_one_by_one(story, random.Random(1))))
    assert (found.right, found.is_back, len(broken([found]))) == (0, False, 2)


def test_git_revert_is_broken_where_people_wrote_beside_a_box(tmp_path: Path) -> None:
    story = told(tmp_path / "story", seed=1, number=0, runs=1)
    story.scene.edit("Show the books", "Show all books")
    story.scene.edit("Publish the API", "Publish all of the API")
    copy = clone(story.scene.where, tmp_path / "copy")
    edited = Story(story.scene, is_edited=True)
    edited.commits, edited.before = story.commits, story.before
    steps, conflicts = reverted(copy, edited)
    assert (conflicts, figure([Undone(steps, conflicts)]).count("0/1")) == (1, 2)
    assert git(copy, "status", "--porcelain") == ""
