"""What is a checkpoint's own, changed by somebody else: blocks of the plan, and the journal."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.torture.forgeries import journal
from checkpoint.baseline import expected
from checkpoint.plan.parse import parse
from checkpoint.report import Foreign
from checkpoint.store.journal import plan_digest
from tests.helpers.repositories import clone, git, push_edit
from tests.helpers.scenes import PAGE, PLAN, Scene, local, published

CLOSING = "<!-- /checkpoint:status -->\n"


def pulled(scene: Scene) -> str:
    git(scene.work, "pull", "-q", "--ff-only")
    return (scene.work / "plan.md").read_text()


def changed(scene: Scene, change: Callable[[str], str]) -> tuple[Foreign, ...]:
    """What the next checkpoint says where somebody has changed the plan so."""
    scene.now()
    scene.commit({"plan.md": change(pulled(scene))}, "Change the plan")
    return scene.now().report.foreign


def test_a_block_that_somebody_changed_is_written_anew_and_named(tmp_path: Path) -> None:
    scene = published(tmp_path)
    (found,) = changed(scene, lambda text: text.replace("| frontend | 0/2 | 0 |", "| frontend | 2/2 | 2 |"))
    assert found == Foreign("status", "", "changed", "Ada Lovelace", git(scene.where, "rev-parse", "main~1"))
    assert "| frontend | 0/2 | 0 |" in scene.plan
    assert f"the status block was changed by Ada Lovelace in {found.commit[:10]}; it is written anew" in scene.plan


def test_a_block_that_is_gone_is_named(tmp_path: Path) -> None:
    def without(text: str) -> str:
        head, _, rest = text.partition("<!-- checkpoint:next frontend -->")
        return head + rest.partition("<!-- /checkpoint:next -->\n")[2]

    scene = published(tmp_path)
    assert [(each.kind, each.team, each.how) for each in changed(scene, without)] == [("next", "frontend", "removed")]
    assert "<!-- checkpoint:next frontend -->" in scene.plan


def test_a_block_in_disorder_is_left_alone_and_named_until_it_is_mended(tmp_path: Path) -> None:
    scene = published(tmp_path)
    forged = f"\n<!-- checkpoint:status -->\n\nall done\n\n{CLOSING}"
    (first,) = changed(scene, lambda text: text + forged)
    assert (first.kind, first.how, first.author) == ("status", "in disorder", "Ada Lovelace")
    again = scene.now()
    assert (again.report.foreign, again.result) == ((first,), "unchanged")
    scene.commit({"plan.md": pulled(scene).replace(forged, "")}, "Take it out")
    assert scene.now().report.foreign == ()


def test_what_was_set_right_stays_named_until_there_is_something_new(tmp_path: Path) -> None:
    scene = published(tmp_path)
    first = changed(scene, lambda text: text.replace("2 missing", "0 missing"))
    again = scene.now()
    assert (again.report.foreign, again.result) == (first, "unchanged")
    scene.deliver(PAGE)
    assert scene.now().report.foreign == ()
    assert "written anew" not in scene.plan


def test_what_people_write_is_not_named(tmp_path: Path) -> None:
    scene = published(tmp_path)
    assert changed(scene, lambda text: text.replace("# Shop\n", "# Shop\n\nA word.\n") + "\n## Notes\n\nx\n") == ()
    scene.tick("F1")
    assert scene.now().report.foreign == ()


def test_a_team_that_goes_takes_its_block_along(tmp_path: Path) -> None:
    scene = published(tmp_path)
    assert changed(scene, lambda text: text.partition("## Team: frontend")[0]) == ()


def test_where_nothing_was_published_yet_nothing_is_foreign(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN.replace("# Shop\n", f"# Shop\n\n<!-- checkpoint:status -->\nold\n{CLOSING}"))
    assert scene.now().report.foreign == ()


def test_who_has_no_journal_knows_a_weaker_plan_by_the_branch(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    other = Scene(clone(scene.where, tmp_path / "elsewhere" / "work"), scene.where)
    blame = push_edit(other.work, {"plan.md": (other.work / "plan.md").read_text().replace("contains `<ul`", "exists")})
    (found,) = other.now().report.weakened
    assert (found.task, found.how, found.commit) == ("F1", "removed", blame) or found.how == "changed"
    assert other.now().result == "unchanged"


def edit(scene: Scene, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(journal(scene))) as connection, connection:
        connection.execute(statement, values)


def test_a_journal_that_says_anything_else_than_the_branch_is_named(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    edit(scene, 'UPDATE runs SET document = replace(CAST(document AS TEXT), \'"id":\', \'"verified":["F1"],"id":\')')
    scene.tick("F1")
    taken = scene.now()
    assert taken.report.foreign == (Foreign("journal", "", "edited"),)
    assert (scene.task("F1").false_claim, scene.task("F1").broken) == (True, False)
    assert "the journal of this machine was edited" in scene.plan
    scene.deliver(PAGE)
    assert scene.now().report.foreign == ()


@pytest.mark.parametrize("statement", ["UPDATE plans SET text = '{}'", "DELETE FROM plans", "DELETE FROM runs"])
def test_without_the_plan_that_the_journal_kept_the_branch_still_has_it(tmp_path: Path, statement: str) -> None:
    scene = published(tmp_path, PLAN.replace("checkpoint: 1\n", "checkpoint: 1\napproval: strict\n"))
    scene.now()
    scene.edit("contains `<ul`", "exists")
    assert [each.counts for each in scene.now().report.weakened] == [False]
    edit(scene, statement)
    scene.deliver({"out/frontend/index.html": "no list\n"})
    assert [each.counts for each in scene.now().report.weakened] == [False]
    assert scene.task("F1").state == "failing"


def test_the_trailer_names_what_counted(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    digest = git(scene.where, "log", "-1", "--format=%(trailers:key=Checkpoint-Expects,valueonly)", "main").strip()
    assert digest == plan_digest(expected(parse(scene.plan.encode())))
