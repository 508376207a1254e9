"""`checkpoint undo`: the plan's machine parts as they were, people's text as it is."""

import os
import sys
from pathlib import Path

import pytest

from checkpoint.documents import Undo
from tests.helpers.repositories import clone, commit, content_at, git, head, push_edit
from tests.helpers.scenes import ALL, API, PAGE, PLAN, SEARCH, Scene, killed_after_push, local, published


@pytest.fixture(params=[published, local], ids=["remote", "local"])
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    made: Scene = request.param(tmp_path)
    return made


def undo(scene: Scene, *words: str, status: int = 0) -> Undo:
    undone: Undo = scene.json("undo", *words, status=status)
    return undone


def take_three(scene: Scene) -> list[str]:
    """Three checkpoints; the plan before each of them, and after the last."""
    plans = [scene.plan]
    for files in ({}, API | PAGE, SEARCH):
        scene.deliver(files)
        assert scene.now().result == "published"
        plans.append(scene.plan)
    return plans


def test_one_by_one_the_first_bytes_are_back(scene: Scene) -> None:
    plans = take_three(scene)
    for before in reversed(plans[:-1]):
        undone = undo(scene)
        assert (undone.result, undone.commit) == ("published", scene.tip)
        assert scene.plan == before
    assert scene.plan == PLAN.removesuffix("\n")
    ran = scene.run("undo")
    assert (ran.status, "there is no checkpoint of plan.md left to undo" in ran.err) == (64, True)


def test_the_commit_says_what_it_undoes_and_touches_the_plan_alone(scene: Scene) -> None:
    scene.deliver(API)
    taken = scene.now()
    undo(scene)
    said = git(scene.where, "log", "-1", "--format=%s%n%(trailers:only)", "main").split("\n")
    assert said[0] == f"checkpoint: undo {taken.report.id} of Ada Lovelace"
    assert [line.partition(":")[0] for line in said[1:3]] == ["Checkpoint-Id", "Checkpoint-Slot"]
    assert said[3:5] == ["Checkpoint-Plan: plan.md", f"Checkpoint-Undo: {taken.report.id}"]
    assert git(scene.where, "diff", "--name-only", "main~1", "main") == "plan.md"


def test_the_checkout_has_the_plan_as_it_was(scene: Scene) -> None:
    scene.now()
    undo(scene)
    assert (scene.work / "plan.md").read_text() == PLAN
    assert (head(scene.work), git(scene.work, "status", "--porcelain")) == (scene.tip, "")


def test_what_people_wrote_since_stays(scene: Scene) -> None:
    take_three(scene)
    scene.edit("# Shop", "# Shop\n\nAn introduction.")
    scene.edit("Show the books", "Show all books")
    scene.tick("F2")
    for _ in range(3):
        undo(scene)
    edited = PLAN.replace("# Shop", "# Shop\n\nAn introduction.").replace("Show the books", "Show all books")
    assert scene.plan == edited.replace("[ ] **F2**", "[x] **F2**").removesuffix("\n")


def test_a_claim_made_since_stays_and_is_judged(scene: Scene) -> None:
    scene.now()
    scene.deliver(API)
    scene.now()
    scene.tick("F1")
    undo(scene)
    assert "- [ ] **B1**" in scene.plan
    assert "- [x] **F1**" in scene.plan
    scene.now()
    assert (scene.task("F1").false_claim, scene.task("B1").state) == (True, "verified")


def test_any_checkpoint_can_be_named_by_its_id_or_commit(scene: Scene) -> None:
    plans = take_three(scene)
    entries = scene.json("log").checkpoints
    assert undo(scene, entries[0].id[:12]).undone == entries[0].id
    assert scene.plan == plans[2]
    assert undo(scene, entries[1].commit[:10]).undone == entries[1].id
    assert scene.plan == plans[1]
    assert undo(scene).undone == entries[2].id


def test_what_lies_between_is_undone_with_it(scene: Scene) -> None:
    plans = take_three(scene)
    entries = scene.json("log").checkpoints
    undo(scene, entries[1].id)
    assert scene.plan == plans[1]
    undo(scene)
    assert scene.plan == plans[0]


def test_an_undo_that_is_undone_is_a_redo(scene: Scene) -> None:
    plans = take_three(scene)
    undo(scene)
    undo(scene)
    first = next(each for each in scene.json("log").checkpoints[1:] if each.trigger == "undo")
    assert undo(scene, first.id).result == "published"
    assert scene.plan == plans[3]
    undo(scene)
    assert scene.plan == plans[2]


def test_what_is_undone_already_is_left(scene: Scene) -> None:
    taken = scene.now()
    undo(scene)
    commits = scene.commits
    again = undo(scene, taken.report.id)
    assert (again.result, again.commit, again.told, scene.commits) == ("already-done", "", (), commits)
    assert "plan.md is already as it was before" in again.notes[0]


def test_a_dry_run_shows_the_diff_and_changes_nothing(scene: Scene) -> None:
    taken = scene.now()
    before, log = scene.tip, scene.json("log")
    shown = undo(scene, "--dry-run")
    assert (shown.result, shown.undone, shown.told) == ("dry-run", taken.report.id, ())
    assert "-**backend 0/2, frontend 0/2, 2 missing, 1 blocked**\n" in shown.diff
    assert (scene.tip, scene.json("log"), scene.json("status").result) == (before, log, "published")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nothing",), "there is no checkpoint `nothing` to undo"),
        (("",), "the checkpoint's id is empty"),
        (("", "--json"), "the checkpoint's id is empty"),
    ],
)
def test_what_is_not_there_is_64(scene: Scene, words: tuple[str, ...], said: str) -> None:
    scene.now()
    before = scene.json("log")
    ran = scene.run("undo", *words)
    assert (ran.status, said in ran.err + ran.out) == (64, True)
    assert scene.json("log") == before


def test_a_forged_id_does_nothing_to_the_terminal(scene: Scene) -> None:
    scene.now()
    text = (scene.work / "plan.md").read_text()
    forged = "checkpoint: x\n\nCheckpoint-Id: ab\x1b[2J\u202ec\nCheckpoint-Slot: s\nCheckpoint-Plan: plan.md\n"
    told = scene.run("undo", "--dry-run", scene.commit({"plan.md": f"{text}\nMore.\n"}, forged))
    assert "ab[2Jc" in told.out + told.err
    assert not set("\x1b\u202e") & set(told.out + told.err)


def test_a_run_that_published_nothing_is_named_as_such(scene: Scene) -> None:
    scene.now()
    again = scene.now()
    assert "that run ended as unchanged" in scene.run("undo", again.report.id).err


def test_the_beginning_of_several_is_not_one(tmp_path: Path) -> None:
    scene = local(tmp_path)
    for name in ("abc1", "abc2"):
        text = (scene.work / "plan.md").read_text() + f"{name}\n"
        commit(scene.work, {"plan.md": text}, f"checkpoint: x\n\nCheckpoint-Id: {name}\n")
    ran = scene.run("undo", "abc")
    assert (ran.status, "several checkpoints begin with `abc`" in ran.err) == (64, True)


def test_each_plan_of_a_repository_has_checkpoints_of_its_own(scene: Scene) -> None:
    scene.commit({"other.md": PLAN.replace("Shop", "Other")}, "Add a plan")
    mine = scene.now()
    other = scene.json("now", "--plan", "other.md")
    assert "it is not one of plan.md" in scene.run("undo", other.report.id).err
    assert undo(scene).undone == mine.report.id
    assert "**backend" in content_at(scene.where, "other.md")


def test_another_plans_checkpoint_makes_no_claim_true(scene: Scene) -> None:
    scene.commit({"other.md": PLAN.replace("Shop", "Other")}, "Add a plan")
    scene.tick("F1")
    scene.json("now", "--plan", "other.md")
    scene.now()
    assert (scene.task("F1").false_claim, scene.task("F1").broken) == (True, False)


def test_what_another_machine_published_can_be_undone_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = published(tmp_path)
    plans = take_three(scene)
    other = Scene(clone(scene.where, tmp_path / "other"), scene.where)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    assert undo(other).result == "published"
    assert scene.plan == plans[2]
    assert other.run("status").status == 64


def test_a_plan_with_errors_is_left_alone(scene: Scene) -> None:
    scene.now()
    scene.edit("**B2**", "**B1**")
    before = scene.tip
    assert (scene.run("undo").status, scene.tip) == (3, before)


def test_before_a_plan_with_errors_nothing_can_be_put_back(scene: Scene) -> None:
    scene.edit("**B2**", "**B1**")
    scene.commit({"plan.md": PLAN}, "checkpoint: x\n\nCheckpoint-Id: forged\n")
    ran = scene.run("undo", "forged")
    assert (ran.status, "what was before forged cannot be put back" in ran.err) == (3, True)


def test_the_log_and_the_status_say_it(scene: Scene) -> None:
    scene.deliver(API)
    first = scene.now()
    scene.deliver(PAGE)
    second = scene.now()
    undone = undo(scene)
    entry = scene.json("log").checkpoints[0]
    assert (entry.result, entry.trigger, entry.commit) == ("undid", "undo", undone.commit)
    assert entry.headline == f"undid {second.report.id} of Ada Lovelace"
    status = scene.json("status")
    assert (status.result, status.report.id, status.commit) == ("undone", second.report.id, second.commit)
    assert undo(scene).undone == first.report.id
    assert scene.run("status").out.splitlines()[-1].endswith("(undone)")
    undo(scene, entry.id)
    assert scene.json("status").result == "published"
    assert scene.run("doctor").status == 0


def test_everybody_is_told_once(scene: Scene) -> None:
    taken = scene.now()
    undone = undo(scene)
    assert [(each.channel, each.sent) for each in undone.told] == [("terminal", 1), ("file", 1)]
    (notice,) = Path(os.environ["XDG_STATE_HOME"]).glob("checkpoint/*/plans/plan.md/notices/*.txt")
    text = notice.read_text()
    assert f"Shop: undone: checkpoint {taken.report.id} of Ada Lovelace, by Ada Lovelace" in text
    assert undo(scene, taken.report.id).told == ()


def test_the_next_checkpoint_says_again_what_is_true(scene: Scene) -> None:
    scene.deliver(ALL)
    scene.now()
    was = scene.plan
    undo(scene)
    taken = scene.now()
    assert (taken.result, scene.plan) == ("published", was)


def test_what_an_undone_checkpoint_found_is_no_measure_for_the_next(scene: Scene) -> None:
    """A checkpoint of the wrong folder proved F1 and called B1 broken."""
    scene.deliver(API)
    scene.now()
    (scene.work / "out/backend/api.json").unlink()
    scene.deliver(PAGE)
    scene.now()
    assert scene.task("B1").broken
    undo(scene)
    scene.deliver(API)
    (scene.work / "out/frontend/index.html").unlink()
    taken = scene.now()
    assert (scene.task("F1").state, scene.task("F1").broken, scene.task("F1").false_claim) == ("missing", False, False)
    assert taken.report.count.broken == 0


def test_a_false_claim_that_an_undo_brings_back_is_none_of_broken(scene: Scene) -> None:
    scene.now()
    scene.tick("F1")
    scene.now()
    undo(scene)
    assert "- [x] **F1**" in scene.plan
    scene.now()
    assert (scene.task("F1").false_claim, scene.task("F1").broken) == (True, False)


def test_a_tick_that_an_undo_brings_back_is_nobodys_claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = published(tmp_path)
    scene.deliver(PAGE)
    scene.now()
    (scene.work / "out/frontend/index.html").unlink()
    scene.now()
    undo(scene)
    other = Scene(clone(scene.where, tmp_path / "other"), scene.where)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    other.now()
    assert (other.task("F1").broken, other.task("F1").false_claim) == (True, False)


def test_a_weaker_plan_is_noticed_after_an_undo(scene: Scene) -> None:
    scene.now()
    scene.edit("contains `paths`", "exists")
    assert scene.now().report.weakened
    undo(scene)
    assert [each.how for each in scene.now().report.weakened]


def test_who_pushes_meanwhile_keeps_the_edit(tmp_path: Path) -> None:
    scene = published(tmp_path)
    plans = take_three(scene)
    other = clone(scene.where, tmp_path / "other")
    push_edit(other, {"plan.md": scene.plan + "\nwords\n"})
    hook = scene.where / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    script = f"cd {other} && echo more >> plan.md && git commit -qam more && git push -q --no-verify"
    clean = "unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH"
    hook.write_text(f"#!/bin/sh\ntest -e {tmp_path}/done && exit 0\ntouch {tmp_path}/done; {clean}\n{script}\n")
    hook.chmod(0o755)
    assert undo(scene).result == "published"
    assert scene.plan == plans[2] + "\nwords\nmore"


def test_two_who_undo_the_same_at_the_same_time_undo_one(tmp_path: Path) -> None:
    scene = published(tmp_path)
    plans = take_three(scene)
    other = clone(scene.where, tmp_path / "other")
    hook = scene.where / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    state = f"XDG_STATE_HOME={tmp_path}/state PYTHONPATH={Path.cwd()}"
    script = f"{state} {sys.executable} -m checkpoint undo -q -C {other}"
    clean = "unset $(git rev-parse --local-env-vars) GIT_QUARANTINE_PATH"
    hook.write_text(f"#!/bin/sh\ntest -e {tmp_path}/done && exit 0\ntouch {tmp_path}/done; {clean}\n{script}\n")
    hook.chmod(0o755)
    last = scene.json("log").checkpoints[0].id
    undone = undo(scene)
    assert (undone.result, undone.undone, scene.commits) == ("already-done", last, 5)
    assert scene.plan == plans[2]


@pytest.mark.parametrize("named", [False, True])
def test_an_undo_that_was_killed_after_its_push_is_made_up_for_once(tmp_path: Path, named: bool) -> None:
    scene = published(tmp_path)
    plans = take_three(scene)
    entries = scene.json("log").checkpoints
    killed_after_push(scene, "undo")
    assert scene.plan == plans[2]
    again = undo(scene, *([entries[0].id] if named else []))
    assert (again.result, again.commit, again.undone) == ("published", scene.tip, entries[0].id)
    assert (scene.plan, [each.channel for each in again.told]) == (plans[2], ["terminal", "file"])
    assert head(scene.work) == scene.tip
    assert undo(scene).undone == entries[1].id
    assert scene.plan == plans[1]
    assert scene.now().result == "published"
    assert scene.now().told == ()


def test_where_checkpoints_have_a_branch_of_their_own_so_have_undos(tmp_path: Path) -> None:
    scene = published(tmp_path)
    for files in (API, PAGE):
        scene.deliver(files)
        scene.now("--branch", "proofs")
    before = content_at(scene.where, "plan.md", "proofs~1")
    undo(scene, "--branch", "proofs")
    assert content_at(scene.where, "plan.md", "proofs") == before
    assert scene.plan == PLAN.removesuffix("\n")
