"""Checkpoints that cannot be taken: what is said, with which exit status, and that nothing has been written."""

import shutil
from pathlib import Path

import pytest

from checkpoint.documents import Error
from tests.helpers.repositories import git, make_remote, make_repository
from tests.helpers.scenes import PLAN, Scene, decoded, local, published

BROKEN = PLAN.replace("- [ ] **B2** Search (after B1)", "- [ ] **B1** Search (after B9)\n- [~] **B3** Hidden")


def failed(scene: Scene, *words: str) -> Error:
    """The error of a checkpoint that failed, after which the branch is where it was."""
    before = scene.commits
    ran = scene.run("now", "--json", *words)
    error = decoded(ran.out, Error)
    assert (ran.status, ran.err, scene.commits) == (error.exit, "", before)
    return error


def decline(scene: Scene) -> None:
    hook = scene.where / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_server_that_declines_needs_a_person(tmp_path: Path) -> None:
    scene = published(tmp_path)
    decline(scene)
    error = failed(scene)
    assert (error.exit, error.why.split(";")[0]) == (6, "main is protected")
    assert [each.result for each in scene.json("log").checkpoints] == ["stalled"]


def test_once_it_accepts_again_the_next_run_publishes(tmp_path: Path) -> None:
    scene = published(tmp_path)
    decline(scene)
    failed(scene)
    (scene.where / "hooks/pre-receive").unlink()
    assert scene.now().result == "published"
    assert scene.commits == 2


def test_a_remote_that_does_not_answer_may_work_later(tmp_path: Path) -> None:
    scene = published(tmp_path)
    git(scene.work, "remote", "set-url", "origin", "http://127.0.0.1:9/shop.git")
    error = failed(scene)
    assert (error.exit, error.error, error.mend) == (
        4,
        "origin/main cannot be fetched",
        "nothing is lost: try again later",
    )
    assert [each.result for each in scene.json("log").checkpoints] == ["retry"]


def test_a_remote_that_is_gone_needs_a_person(tmp_path: Path) -> None:
    scene = published(tmp_path)
    shutil.rmtree(scene.where)
    make_remote(scene.where)
    ran = scene.run("now")
    assert ran.status == 6
    assert "origin has no branch main" in ran.err


def test_a_plan_with_errors_is_refused_whole_and_every_error_named(tmp_path: Path) -> None:
    scene = published(tmp_path, BROKEN)
    error = failed(scene)
    assert error.exit == 3
    assert error.error == f"plan.md has {len(error.details)} errors; nothing was written"
    assert [line.split(":")[:2] for line in error.details] == [["plan.md", "13"], ["plan.md", "13"], ["plan.md", "14"]]
    assert (scene.work / "plan.md").read_text() == BROKEN


def test_conflict_marks_are_refused(tmp_path: Path) -> None:
    scene = local(tmp_path, PLAN + "\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n")
    assert failed(scene).exit == 3


def test_a_plan_that_somebody_removed_is_not_brought_back(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    git(scene.work, "rm", "-q", "plan.md")
    git(scene.work, "commit", "-qm", "Remove the plan")
    git(scene.work, "push", "-q")
    error = failed(scene)
    assert error.exit == 6
    assert error.why == f"Ada Lovelace removed or renamed it in {scene.tip[:12]}: Remove the plan"


def test_a_plan_that_was_never_there_was_removed_by_nobody(tmp_path: Path) -> None:
    error = failed(published(tmp_path), "--plan", "other.md")
    assert (error.exit, error.why) == (6, "it was never there")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [("## Team: backend", "<!-- checkpoint:status -->\n\n## Team: backend", 7)],
)
def test_a_block_that_is_not_written_is_noted_with_its_line(tmp_path: Path, old: str, new: str, line: int) -> None:
    taken = published(tmp_path, PLAN.replace(old, new)).now()
    (note,) = [each for each in taken.notes if "not written" in each]
    assert taken.result == "published"
    assert note.startswith(f"plan.md:{line}: ")


def test_a_history_that_was_rewritten_is_noted_once(tmp_path: Path) -> None:
    scene = published(tmp_path)
    scene.now()
    git(scene.work, "commit", "-q", "--amend", "-m", "Another history")
    git(scene.work, "push", "-q", "--force")
    notes = [note for note in scene.now().notes if "rewritten" in note]
    assert len(notes) == 1
    assert "the history of origin/main was rewritten" in notes[0]
    assert not any("rewritten" in note for note in scene.now().notes)


def test_where_nothing_is_committed_yet_it_says_what_to_do(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "work")
    scene.work.mkdir()
    git(scene.work, "init", "-q")
    ran = scene.run("now")
    assert (ran.status, ran.out) == (6, "")
    assert "mend:  git add plan.md && git commit" in ran.err


def test_a_detached_head_needs_a_branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = local(tmp_path)
    git(scene.work, "checkout", "-q", "--detach")
    assert failed(scene).exit == 6
    monkeypatch.setenv("CHECKPOINT_BRANCH", "main")
    assert scene.now().result == "published"


def test_without_a_name_git_is_told_how_to_learn_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(make_repository(tmp_path / "work", {"plan.md": PLAN}))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    ran = scene.run("now")
    assert ran.status == 6
    assert "git config user.name" in ran.err


@pytest.mark.parametrize("make", [published, local])
def test_a_checkpoint_stands_although_the_checkout_is_damaged(tmp_path: Path, make: type[Scene]) -> None:
    scene = make(tmp_path)
    (scene.work / ".git/index").write_bytes(b"garbage")
    taken = scene.now()
    assert (taken.result, scene.commits, bool(taken.told)) == ("published", 2, True)
    assert taken.notes[-1].startswith("your checkout could not be updated")
    assert (scene.work / ".git/index").read_bytes() == b"garbage"


def test_a_notifier_that_fails_is_noted_and_the_checkpoint_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = published(tmp_path)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CHECKPOINT_NOTICE_FOLDER", str(tmp_path / "file" / "notices"))
    taken = scene.now()
    assert (taken.result, scene.commits) == ("published", 2)
    (problem,) = [each.problem for each in taken.told if each.channel == "file"]
    assert "Not a directory" in problem


def test_a_notifier_that_is_not_installed_stops_nothing_halfway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = published(tmp_path)
    monkeypatch.setenv("CHECKPOINT_NOTIFY", "pigeon")
    assert failed(scene).exit == 3
    assert scene.run("status").status == 64
