"""A checkpoint that looks into some teams only finds and writes what one that looks into all of them does."""

import glob
import json
import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.documents import Check, Now
from checkpoint.kept import read_kept
from checkpoint.location import data_folder
from checkpoint.place import Place
from checkpoint.report import Report
from checkpoint.snapshot import Snapshot, open_snapshot, write_snapshot
from checkpoint.untouched import untouched
from tests.helpers.kept import keep
from tests.helpers.repositories import commit, git
from tests.helpers.scenes import Scene, published
from tests.orchestrator.test_standing import CHANGES, change

PLAN = """\
---
checkpoint: 1
---

# Parts

## Team: a — the first

- folder: `out/a`

- [ ] **A1** One file
  - `one.txt` contains `right`
- [ ] **A2** Waits (after B1)
  - `docs/*.md` count at-least 1
- [ ] **A3** A person's

## Team: b

- folder: `out/b`

Words.

- [ ] **B1** One file
  - `one.txt` contains `right`
- [ ] **B2** Like the reference
  - `two.txt` same-as `reference.txt`

## Team: c

- folder: `out/c`

- [ ] **C1** One file (after A1)
  - `one.txt` exists
- [ ] **C2** None
  - `gone.txt` absent

## Team: d

- folder: `out/d`

- [ ] **D1** Something of its own
  - `one.txt` contains `right`
"""


def delivered(folder: Any, plan: str = PLAN) -> Scene:
    scene = published(folder, plan)
    (scene.work / "reference.txt").write_text("reference\n")
    for team in "abcd":
        (scene.work / "out" / team / "docs").mkdir(parents=True)
        (scene.work / "out" / team / "one.txt").write_text(f"right, by {team}\n")
    return scene


def bare(taken: Now) -> Any:
    """What a checkpoint has found and would write, without what tells of its own run."""
    return bare_report(taken.report), taken.diff


def bare_report(found: Report) -> Any:
    report = msgspec.to_builtins(found)
    for key in ("id", "slot", "at"):
        del report[key]
    for team in report["teams"]:
        del team["kept"]
        for verdict in (verdict for task in team["tasks"] for verdict in task["verdicts"]):
            verdict.pop("seconds", None)
            verdict.pop("digest", None)
            seen = verdict.pop("seen", ())
            verdict["saw"] = [each for each in seen if not each["path"].endswith("/")]
    return report


def looked_into(taken: Now | Check) -> set[str]:
    return {team.name for team in taken.report.teams if not team.kept}


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.tuples(st.sampled_from("abcd"), CHANGES), min_size=1, max_size=4), min_size=1, max_size=3))
def test_it_says_what_looking_into_all_teams_says(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    scene = delivered(tmp_path_factory.mktemp("scene"))
    scene.now()
    for changes in steps:
        scene.now()
        for team, (_, *what) in changes:
            change(scene.work / "out" / team, scene.work / "reference.txt", *what)
        keep(scene)
        some = scene.now("--dry-run")
        kept = open_snapshot(Place(str(scene.work), None).store_folder)
        keep(scene, sequel=False)
        every = scene.now("--dry-run")
        assert looked_into(every) == set("abcd")
        assert bare(some) == bare(every)
        put_back(scene, kept)


def put_back(scene: Scene, kept: Snapshot | None) -> None:
    assert kept
    bodies = [kept.body(team["name"]) for team in kept.teams]
    write_snapshot(Place(str(scene.work), None).store_folder, kept.document, bodies, kept, kept.kept)


@pytest.fixture
def settled(tmp_path: Any) -> Scene:
    """Everything judged twice, the second time nothing was new."""
    scene = delivered(tmp_path)
    scene.now()
    scene.now()
    keep(scene)
    return scene


def checked(scene: Scene) -> Any:
    return scene.json("check", status=scene.run("check").status)


def test_check_looks_into_the_teams_that_were_touched(settled: Scene) -> None:
    assert looked_into(checked(settled)) == {"b"}
    (settled.work / "out/d/one.txt").write_text("wrong\n")
    found = checked(settled)
    assert looked_into(found) == {"b", "d"}
    assert found.report.teams[3].tasks[0].broken
    keep(settled, sequel=False)
    every = checked(settled)
    assert looked_into(every) == set("abcd")
    assert bare_report(found.report) == bare_report(every.report)


def test_check_looks_into_all_where_the_plan_here_is_another(settled: Scene) -> None:
    (settled.work / "plan.md").write_text(settled.plan.replace("Words.", "Other words."))
    assert looked_into(checked(settled)) == set("abcd")


def test_it_looks_into_the_teams_that_were_touched(settled: Scene) -> None:
    assert looked_into(settled.now("--dry-run")) == {"b"}  # which is held against a reference
    (settled.work / "out/d/one.txt").write_text("wrong\n")
    taken = settled.now()
    assert (taken.result, looked_into(taken)) == ("published", {"b", "d"})
    assert settled.task("D1").broken
    assert "**D1** broke" in settled.plan
    assert "- [ ] **D1**" in settled.plan
    assert "- [x] **C1**" in settled.plan
    assert settled.now().result == "unchanged"


def test_teams_that_wait_for_what_has_changed_are_looked_into_as_well(settled: Scene) -> None:
    (settled.work / "out/a/one.txt").write_text("wrong\n")
    taken = settled.now()
    assert looked_into(taken) == {"a", "b", "c"}
    assert settled.task("C1").waits_for == ("A1",)


def test_all_are_looked_into_where_a_person_has_changed_the_plan(settled: Scene) -> None:
    settled.edit("One file", "Another file")
    assert looked_into(settled.now()) == set("abcd")


def test_all_are_looked_into_where_two_teams_deliver_the_same(settled: Scene) -> None:
    for team in "cd":
        (settled.work / "out" / team / "one.txt").write_text("right " * 50)
    settled.now()
    keep(settled)
    (settled.work / "out/a/one.txt").write_text("right " * 50)
    assert looked_into(settled.now()) == set("abcd")


@pytest.mark.parametrize("part", ["run", "made", "blob", "rules", "branch"])
def test_all_are_looked_into_where_something_else_has_happened(settled: Scene, part: str) -> None:
    folder = Place(str(settled.work), None).store_folder
    snapshot = open_snapshot(folder)
    assert snapshot
    assert snapshot.kept
    put_back(settled, Snapshot(folder, snapshot.document, snapshot.file, snapshot.spans, snapshot.kept | {part: "x"}))
    assert looked_into(settled.now()) == set("abcd")


def test_counts_that_are_not_the_branches_are_not_believed(settled: Scene) -> None:
    folder = Place(str(settled.work), None).store_folder
    snapshot = open_snapshot(folder)
    assert snapshot
    snapshot.teams[3]["count"]["verified"] += 1
    put_back(settled, snapshot)
    assert looked_into(settled.now()) == set("abcd")


def test_a_large_plan_is_looked_at_by_two_processes(tmp_path: Any) -> None:
    teams = {name: [f"{name.upper()}{number}" for number in range(1300)] for name in "abcd"}
    sections = [
        f"## Team: {name}\n\n- folder: `out/{name}`\n\n"
        + "".join(f"- [ ] **{t}** T\n  - `{t}` exists\n" for t in tasks)
        for name, tasks in teams.items()
    ]
    scene = published(tmp_path, "---\ncheckpoint: 1\ncopies: allow\n---\n\n# Large\n\n" + "\n".join(sections))
    for name, tasks in teams.items():
        (scene.work / "out" / name).mkdir(parents=True)
        for task in tasks:
            (scene.work / "out" / name / task).write_text(task)
    scene.now()
    keep(scene)
    assert looked_into(scene.now("--dry-run")) == set()
    for name in "ad":
        (scene.work / "out" / name / f"{name.upper()}7").unlink()
    taken = scene.now()
    assert looked_into(taken) == {"a", "d"}
    assert [team.count.missing for team in taken.report.teams] == [1, 0, 0, 1]


def test_what_is_kept_of_a_team_is_held_against_the_journal(settled: Scene) -> None:
    folder = Place(str(settled.work), None).store_folder
    (settled.work / "out/d/one.txt").write_text("wrong\n")
    snapshot = open_snapshot(folder)
    assert snapshot
    body = snapshot.body("d")
    assert body
    body["tasks"] = [body["tasks"][0] | {"state": "failing"}]
    bodies = [body if team["name"] == "d" else None for team in snapshot.teams]
    write_snapshot(folder, snapshot.document, bodies, snapshot, snapshot.kept)
    taken = settled.now()
    assert looked_into(taken) == set("abcd")
    assert settled.task("D1").broken


def test_teams_of_a_ref_are_looked_into_where_their_folder_has_changed_in_it(tmp_path: Any) -> None:
    scene = delivered(tmp_path, PLAN.replace("- folder: `out/c`", "- folder: `out/c`\n- ref: `main`"))
    git(scene.work, "add", "-A")
    git(scene.work, "commit", "-qm", "Deliver")
    git(scene.work, "push", "-q")
    scene.now()
    scene.now()
    keep(scene)
    assert looked_into(scene.now()) == {"b"}
    keep(scene)
    commit(scene.work, {"out/c/gone.txt": "there\n"}, "Deliver")
    git(scene.work, "push", "-q")
    taken = scene.now()
    assert looked_into(taken) == {"b", "c"}
    assert taken.report.teams[2].place.endswith(f"at {taken.report.base[:10]}")
    assert scene.task("C2").broken


def test_evidence_of_teams_that_were_not_looked_into_is_still_shown(settled: Scene) -> None:
    settled.now()
    shown = settled.json("show")
    assert {each.verdict.task for each in shown.evidence} == {"A1", "A2", "B1", "B2", "C1", "C2", "D1"}


def test_where_what_is_kept_stands_in_the_plan_is_true_after_each(settled: Scene) -> None:
    for number in range(3):
        (settled.work / "out/a/one.txt").write_text("wrong\n" if number % 2 else "right again\n")
        settled.now()
        keep(settled)
        kept = read_kept(open_snapshot(Place(str(settled.work), None).store_folder))
        assert kept
        text = settled.plan.encode()
        for row in kept.rows:
            assert text[row.start : row.stop].startswith(f"## Team: {row.team.name}".encode())
            assert text[: row.start].count(b"\n") == row.first - 1


NOTHING_TO_SAY_TWICE = PLAN.replace("  - `two.txt` same-as `reference.txt`\n", "  - `two.txt` absent\n")


@pytest.fixture
def at_rest(tmp_path: Any) -> Scene:
    """A plan of which nothing is to be judged each time."""
    scene = delivered(tmp_path, NOTHING_TO_SAY_TWICE)
    scene.now()
    scene.now()
    keep(scene)
    return scene


def is_untouched(scene: Scene) -> bool:
    return untouched(Place(str(scene.work), None)) is not None


def test_a_check_says_at_once_what_it_would_find_by_looking(at_rest: Scene) -> None:
    assert is_untouched(at_rest)
    assert at_rest.run("check") == at_rest.run("check", "--fresh")
    (at_rest.work / "out/d/one.txt").write_text("wrong\n")
    assert not is_untouched(at_rest)
    at_rest.now()
    at_rest.now()
    keep(at_rest)
    assert is_untouched(at_rest)
    assert at_rest.run("check") == at_rest.run("check", "--fresh")


def test_nothing_is_untouched_that_is_judged_each_time(settled: Scene) -> None:
    assert not is_untouched(settled)


@pytest.mark.parametrize("what", ["file", "folder", "plan", "approvals", "undo", "validators"])
def test_a_check_looks_where_anything_has_happened(at_rest: Scene, what: str) -> None:
    if what == "file":
        (at_rest.work / "out/a/more.txt").write_text("")
    elif what == "folder":
        (at_rest.work / "out/b").rename(at_rest.work / "out/was-b")
    elif what == "plan":
        (at_rest.work / "plan.md").write_text(at_rest.plan.replace("Words.", "Other words."))
    elif what == "approvals":
        at_rest.run("approve", "--all")
        folder = Path(data_folder(str(at_rest.work / ".git"), os.environ))
        (folder / "approvals.json").write_text('{"version": 1, "approvals": []}')
    elif what == "undo":
        at_rest.run("undo")
    else:
        (at_rest.work / "validators").mkdir()
        (at_rest.work / "validators/contains.py").write_text("")
    assert not is_untouched(at_rest)


def in_full(scene: Scene) -> Any:
    """What a checkpoint that judges everything finds and would write, after one that need not has found the same."""
    some, every = scene.now("--dry-run"), scene.now("--dry-run", "--fresh")
    assert bare(some) == bare(every)
    return every


def test_what_is_next_is_written_as_the_templates_are_now(tmp_path: Any) -> None:
    scene = delivered(tmp_path)
    template = scene.work / "templates/next.md.j2"
    template.parent.mkdir()
    template.write_text("Own words.\n")
    scene.approve()
    scene.now()
    scene.now()
    keep(scene)
    template.unlink()
    in_full(scene)


def test_lines_are_those_of_the_plan_where_a_block_stands_above_the_tasks(settled: Scene) -> None:
    block = r"<!-- checkpoint:next (.) -->.*?<!-- /checkpoint:next -->\n"
    blocks = {found[1]: found[0] for found in re.finditer(block, settled.plan, re.DOTALL)}
    text = re.sub(block, "", settled.plan, flags=re.DOTALL)
    above = re.sub(r"- folder: `out/(.)`\n", lambda found: f"{found[0]}\n{blocks.get(found[1], '')}", text)
    git(settled.work, "pull", "-q")
    settled.commit({"plan.md": above}, "Blocks first")
    settled.now()
    keep(settled)
    for words in ("wrong\n", "right again\n"):
        for team in "ad":
            (settled.work / "out" / team / "one.txt").write_text(f"{words} by {team}")
        settled.now()
        keep(settled)
        in_full(settled)


def test_a_status_in_another_place_is_not_written_twice(settled: Scene) -> None:
    block = r"<!-- checkpoint:status -->.*?<!-- /checkpoint:status -->\n"
    found = re.search(block, settled.plan, re.DOTALL)
    assert found
    git(settled.work, "pull", "-q")
    moved = settled.plan.replace(found[0], "") + f"\n## Status\n\n{found[0]}"
    settled.commit({"plan.md": moved}, "Status last")
    for text in ("wrong\n", "right\n"):
        settled.now()
        keep(settled)
        (settled.work / "out/d/one.txt").write_text(text)
        in_full(settled)


@pytest.mark.parametrize("words", [("check", "--json"), ("check",), ("now", "--dry-run", "--json"), ("now",)])
@pytest.mark.parametrize("size", [None, 50])
def test_what_is_kept_of_teams_may_be_gone_or_cut_off(tmp_path: Any, words: tuple[str, ...], size: int | None) -> None:
    scene = delivered(tmp_path, PLAN.replace("`two.txt` same-as `reference.txt`", "`two.txt` absent"))
    scene.now()
    scene.now()
    keep(scene)
    assert looked_into(scene.now("--dry-run")) == set()
    [path] = glob.glob(f"{Place(str(scene.work), None).store_folder}/teams-*")
    os.unlink(path) if size is None else os.truncate(path, size)
    assert scene.run(*words).status in (0, 1)
    in_full(scene)


@pytest.mark.parametrize("verified", [["A1", "B1", "C1", "C2"], ["A1", "B1", "C1", "C2", "D1", "A2"], []])
def test_a_journal_that_was_edited_is_named_whoever_was_touched(settled: Scene, verified: list[str]) -> None:
    path = f"{Place(str(settled.work), None).store_folder}/journal.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        for number, document in connection.execute("SELECT number, document FROM runs").fetchall():
            run = json.loads(document) | {"verified": verified}
            connection.execute("UPDATE runs SET document = ? WHERE number = ?", (json.dumps(run), number))
    assert [each.kind for each in in_full(settled).report.foreign] == ["journal"]


def test_a_damaged_piece_of_what_is_kept_is_said_with_its_mend(at_rest: Scene) -> None:
    folder = Path(Place(str(at_rest.work), None).store_folder)
    snapshot = open_snapshot(str(folder))
    assert snapshot
    span = snapshot.span("c")
    assert span
    with (folder / snapshot.file).open("r+b") as file:
        file.seek(span[0] + 5)
        file.write(b"damaged")
    ran = at_rest.run("now", "--json")
    assert ran.status == 6
    assert "checkpoint now --fresh" in ran.out
    at_rest.now("--fresh")
    assert at_rest.run("now", "--json").status == 0
