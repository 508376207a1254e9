"""Plans that ask for less than they did."""

from pathlib import Path

import pytest

from tests.helpers.repositories import clone, push_edit
from tests.helpers.scenes import API, PAGE, PLAN, local, published

STRICT = PLAN.replace("checkpoint: 1\n", "checkpoint: 1\napproval: strict\n")
WEAK = ("contains `<ul`", "exists")


def test_a_weaker_expectation_is_reported_with_who_made_it_so(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    blame = scene.edit(*WEAK)
    (found,) = scene.now().report.weakened
    assert (found.task, found.was, found.now) == ("F1", "`index.html` contains <ul", "`index.html` exists")
    assert (found.author, found.commit, found.counts) == ("Ada Lovelace", blame, True)
    assert f"**F1** asks for less ({found.how})" in scene.plan
    assert f"by Ada Lovelace in {blame[:10]}" in scene.plan


def test_it_stays_named_until_the_plan_changes_and_makes_no_second_commit(tmp_path: Path) -> None:
    scene = local(tmp_path)
    scene.now()
    scene.edit(*WEAK)
    first = scene.now()
    again = scene.now()
    assert (again.result, again.report.weakened) == ("unchanged", first.report.weakened)
    scene.edit("contains `paths`", "contains `paths`\n  - `api.json` contains `openapi`")
    assert scene.now().report.weakened == ()


def test_the_first_of_several_commits_is_named(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    blame = scene.edit(*WEAK)
    other = clone(scene.where, tmp_path / "other")
    push_edit(other, {"plan.md": (other / "plan.md").read_text() + "\nwords\n"})
    assert scene.now().report.weakened[0].commit == blame


def test_under_strict_the_old_expectation_counts_until_the_new_one_is_approved(tmp_path: Path) -> None:
    scene = local(tmp_path, STRICT)
    scene.now()
    scene.edit(*WEAK)
    scene.deliver({"out/frontend/index.html": "nothing of it\n"})
    for result in ("published", "unchanged"):
        taken = scene.now()
        assert (taken.result, scene.task("F1").state, taken.report.weakened[0].counts) == (result, "failing", False)
    assert "does not count until approved" in scene.plan
    scene.approve()
    taken = scene.now()
    assert (scene.task("F1").state, taken.report.weakened[0].counts) == ("verified", True)
    assert scene.now().result == "unchanged"


@pytest.mark.parametrize(
    "change", [("approval: strict\n", ""), ("- [ ] **F1** Show the books\n  - `index.html` contains `<ul`\n", "")]
)
def test_under_strict_neither_the_setting_nor_a_task_can_be_taken_away(tmp_path: Path, change: tuple[str, str]) -> None:
    scene = local(tmp_path, STRICT)
    scene.now()
    scene.edit(*change)
    taken = scene.now()
    assert [each.counts for each in taken.report.weakened] == [False]
    assert "F1" in {task.id for team in taken.report.teams for task in team.tasks}


def test_a_stronger_plan_counts_at_once(tmp_path: Path) -> None:
    scene = local(tmp_path, STRICT)
    scene.deliver(API | PAGE)
    scene.now()
    scene.edit("contains `<ul`", "contains `<ul`\n  - `index.html` contains `<table`")
    assert (scene.now().report.weakened, scene.task("F1").state) == ((), "failing")
