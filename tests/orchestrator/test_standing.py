"""What the last checkpoint has judged is judged again exactly where it may have another outcome."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.glance import UNSETTLED_NS
from checkpoint.place import Place
from checkpoint.rules import KEPT_FOR
from checkpoint.snapshot import Snapshot, open_snapshot, write_snapshot
from checkpoint.standing import is_touched
from tests.helpers.repositories import git, make_repository
from tests.helpers.scenes import Scene, published

PLAN = """\
---
checkpoint: 1
---

# Parts

## Team: a

- folder: `out/a`

- [ ] **A1** One file
  - `one.txt` contains `right`
- [ ] **A2** Some files
  - `docs/*.md` count at-least 1
  - `docs/*.md` contains `right`
- [ ] **A3** A folder
  - `docs` exists
  - `gone.txt` absent
- [ ] **A4** Its own (after B1)
  - `one.txt` size at-least 3

## Team: b

- folder: `out/b`

- [ ] **B1** A copy is none
  - `one.txt` contains `right`
- [ ] **B2** Like the reference
  - `two.txt` same-as `reference.txt`
"""
NAMES = ["one.txt", "two.txt", "gone.txt", "docs", "docs/x.md", "docs/y.md", "docs/deep/z.md"]
MARK = 12345.0
"""The seconds that a verdict took, where it is told by them."""
TEXTS = ["right\n", "wrong\n", "right " * 20, "", "reference\n"]
CHANGES = st.tuples(
    st.sampled_from(["a", "b"]),
    st.sampled_from(["write", "write", "rewrite", "delete", "folder", "link", "move", "reference"]),
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.sampled_from(TEXTS),
)


def outcomes(scene: Scene) -> dict[tuple[str, str], Any]:
    report = scene.json("check", status=scene.run("check").status).report
    found: dict[tuple[str, str], Any] = {}
    for team in report.teams:
        for task in team.tasks:
            for each in task.verdicts:
                # The times of folders tell nothing but how fresh a proof is.
                content = [(seen.path, seen.size, seen.digest) for seen in each.seen if not seen.path.endswith("/")]
                bare = msgspec.structs.replace(each, seconds=0, seen=(), digest="")
                found[task.id, each.expectation] = (task.state, task.broken, task.false_claim, bare, content)
    return found


def change(root: Path, reference: Path, kind: str, name: str, other: str, text: str) -> None:
    path = root / name
    if kind == "reference":
        reference.write_text(text)
        return
    if kind == "move" and path.exists() and (root / other).parent.is_dir() and other not in name:
        shutil.rmtree(root / other, ignore_errors=True) if (root / other).is_dir() else None
        if not (root / other).is_dir() and not name.startswith(f"{other}/"):
            os.replace(path, root / other) if path.is_file() else None
        return
    before = os.stat(path) if path.is_file() else None
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.is_symlink() or path.exists():
        path.unlink()
    if kind == "delete" or not _is_free(path.parent, root):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to("one.txt")
    else:
        path.write_text(text)
        if kind == "rewrite" and before:  # as it was, as far as anybody can set that
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _is_free(folder: Path, root: Path) -> bool:
    return folder == root or (not folder.is_symlink() and not folder.is_file() and _is_free(folder.parent, root))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(CHANGES, min_size=1, max_size=4), min_size=1, max_size=3))
def test_what_stands_is_what_judging_all_again_finds(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    scene = delivered(tmp_path_factory.mktemp("scene"))
    reference = scene.work / "reference.txt"
    for changes in steps:
        scene.now()
        settle(scene)
        for team, *what in changes:
            change(scene.work / "out" / team, reference, *what)
        remembered = outcomes(scene)
        rewritten(scene, lambda body: body["looked"].update(since=body["looked"]["since"] - KEPT_FOR))
        assert remembered == outcomes(scene)
        rewritten(scene, lambda body: body["looked"].update(since=body["looked"]["since"] + KEPT_FOR))


def settle(scene: Scene) -> None:
    """As if the last look had been later: what was changed shortly before one is never taken from memory."""

    def change(body: dict[str, Any]) -> None:
        looked = body["looked"]
        looked["began"] += 10 * UNSETTLED_NS
        for verdict in (verdict for task in body["tasks"] for verdict in task["verdicts"]):
            verdict["seconds"] = MARK

    rewritten(scene, change)


def unchanged(scene: Scene) -> set[str]:
    """The tasks whose verdicts are taken from memory."""
    report = scene.json("check", status=scene.run("check").status).report
    tasks = [task for team in report.teams for task in team.tasks]
    return {task.id for task in tasks if all(verdict.seconds == MARK for verdict in task.verdicts)}


@pytest.fixture
def parts(tmp_path: Path) -> Scene:
    return delivered(tmp_path)


def delivered(folder: Path) -> Scene:
    scene = published(folder, PLAN)
    (scene.work / "reference.txt").write_text("reference\n")
    for team in ("a", "b"):
        (scene.work / "out" / team / "docs").mkdir(parents=True, exist_ok=True)
        (scene.work / "out" / team / "one.txt").write_text(f"right, by {team}\n")
        (scene.work / "out" / team / "docs/x.md").write_text("right\n")
    (scene.work / "out/b/two.txt").write_text("reference\n")
    return scene


def test_what_nobody_has_touched_is_not_judged_again(parts: Scene) -> None:
    parts.now()
    parts.now()
    settle(parts)
    assert unchanged(parts) == {"A1", "A2", "A3", "A4", "B1"}  # B2 rests on a reference, and is judged each time
    (parts.work / "out/a/one.txt").write_text("right again\n")
    assert unchanged(parts) == {"A2", "A3", "B1"}
    (parts.work / "out/a/docs/new.md").write_text("right\n")
    assert unchanged(parts) == {"B1"}


def test_what_was_changed_shortly_before_a_look_is_judged_again(parts: Scene) -> None:
    parts.now()
    parts.now()
    assert unchanged(parts) == set()


def test_nothing_is_verified_by_memory(parts: Scene) -> None:
    """Whoever edits what is kept cannot make a task count that was not proven before."""
    (parts.work / "out/a/one.txt").write_text("wrong\n")
    parts.now()
    settle(parts)

    def change(body: dict[str, Any]) -> None:
        first, *others = body["tasks"]
        first["verdicts"][0].update(outcome="passed", findings=[])
        body["tasks"] = [first | {"state": "verified"}, *others]

    rewritten(parts, change)
    assert parts.now().report.teams[0].tasks[0].state == "failing"


@pytest.mark.parametrize("older", [KEPT_FOR + 1, -10.0])
def test_everything_is_judged_again_once_a_day_or_where_clocks_disagree(parts: Scene, older: float) -> None:
    parts.now()
    parts.now()
    settle(parts)
    rewritten(parts, lambda body: body["looked"].update(since=body["looked"]["since"] - older))
    assert unchanged(parts) == set()


def rewritten(
    scene: Scene, change: Callable[[dict[str, Any]], object], kept: Callable[[Snapshot], Any] | None = None
) -> None:
    """Changes what is kept of each team, and what is for the next one: without that it looks into all of them."""
    folder = Place(str(scene.work), None).store_folder
    snapshot = open_snapshot(folder)
    assert snapshot
    bodies = [snapshot.body(team["name"]) or {} for team in snapshot.teams]
    for body in bodies:
        change(body)
    write_snapshot(folder, snapshot.document, bodies, snapshot, kept and kept(snapshot))


@pytest.mark.parametrize(
    ("artifact", "paths", "touched"),
    [
        ("a.txt", {"a.txt"}, True),
        ("a.txt", {"b.txt"}, False),
        ("a.txt", {"a.txt.bak"}, False),
        ("docs/a.txt", {"docs"}, True),
        ("docs", {"docs/deep/a.txt"}, True),
        ("docs/*.md", {"docs/deep/a.txt"}, True),
        ("docs/*.md", {"other/a.md"}, False),
        ("**/*.md", {"other"}, True),
        ("./docs/", {"docs/a"}, True),
        ("a.txt", {""}, True),
        ("", {"a"}, True),
        ("a.txt", set(), False),
    ],
)
def test_an_artifact_is_touched_by_what_it_may_name(artifact: str, paths: set[str], touched: bool) -> None:
    assert is_touched(artifact, frozenset(paths)) is touched


def found_again(scene: Scene) -> set[str]:
    """The tasks that are verified, by a checkpoint that may remember and one that may not."""
    runs = [scene.now("--dry-run"), scene.now("--dry-run", "--fresh")]
    some, every = ([(task.id, task.state) for team in run.report.teams for task in team.tasks] for run in runs)
    assert some == every
    return {task for task, state in every if state == "verified"}


@pytest.mark.parametrize("ref", ["", "- ref: `main`\n"])
def test_a_folder_that_is_called_otherwise_is_another(tmp_path: Path, ref: str) -> None:
    scene = published(tmp_path, PLAN.replace("- folder: `out/a`\n", f"- folder: `out/a`\n{ref}"))
    scene.commit({"out/a/one.txt": "right\n"}, "Deliver")
    scene.now()
    scene.now()
    settle(scene)
    assert "A1" in found_again(scene)
    other = "out/c" if ref else f"../{scene.work.name}/out/a"  # which nobody approved
    scene.edit("- folder: `out/a`", f"- folder: `{other}`")
    assert found_again(scene) == set()


def test_a_folder_outside_that_cannot_be_entered_is_not_one_that_is_missing(tmp_path: Path) -> None:
    scene = published(tmp_path, PLAN.replace("`out/a`", "`../elsewhere`"))
    scene.approve()
    scene.now()
    scene.now()
    settle(scene)
    (scene.work.parent / "elsewhere").write_text("a file\n")
    found_again(scene)


def test_what_git_keeps_for_itself_is_looked_at_each_time(tmp_path: Path) -> None:
    scene = published(
        tmp_path, PLAN.replace("`gone.txt` absent", "`.git/x` absent").replace("`docs` exists", "`x` absent")
    )
    (scene.work / "out/a").mkdir(parents=True)
    scene.now()
    scene.now()
    settle(scene)
    assert "A3" in found_again(scene)
    (scene.work / "out/a/.git").mkdir()
    (scene.work / "out/a/.git/x").write_text("")
    assert "A3" not in found_again(scene)


def test_a_submodule_that_is_not_there_any_more_is_noticed(tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other", {"one.txt": "1\n"})
    scene = published(tmp_path / "scene", PLAN.replace("`out/a`", "`sub/a`"))
    git(scene.work, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
    git(scene.work, "commit", "-qam", "Add a submodule")
    git(scene.work, "push", "-q")
    scene.now()
    scene.now()
    settle(scene)
    git(scene.work, "submodule", "deinit", "--force", "sub")
    found_again(scene)
