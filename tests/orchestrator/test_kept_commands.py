"""Commands that declare what they read, and are not run again as long as that is the same."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.repositories import commit, git
from tests.helpers.sandboxes import needs_layers
from tests.helpers.scenes import PLAN, Scene, local, published

SRC = {"out/frontend/src/a.py": "1\n", "out/frontend/src/b.py": "2\n", "out/frontend/other": "3\n"}


def scene_of(folder: Path, *expectations: str, plan: str = PLAN) -> Scene:
    """A repository whose task F1 expects these, approved."""
    scene = local(folder, plan.replace("`index.html` contains `<ul`", "\n  - ".join(expectations)))
    scene.deliver(SRC)
    scene.approve()
    return scene


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """A line for each time that a command was run."""
    return tmp_path / "log"


@pytest.fixture
def runs(log: Path) -> Callable[[], int]:
    return lambda: log.read_text().count("\n") if log.exists() else 0


@pytest.fixture
def scene(tmp_path: Path, log: Path) -> Scene:
    return scene_of(tmp_path, f"`$ echo run >> {log}; cat src/a.py` passes within 30s (reads `src/**`)")


def test_it_runs_once_and_its_output_stays(scene: Scene, runs: Callable[[], int]) -> None:
    assert [scene.now().report.count.verified, scene.now().report.count.verified] == [1, 1]
    assert runs() == 1
    shown = scene.json("show", "F1").evidence[0].output
    assert shown["output"] == "1\n"
    assert shown["sandbox"].startswith("not run again: what it reads is as it was at 20")


def test_a_checkpoint_and_a_check_have_one_memory(scene: Scene, runs: Callable[[], int]) -> None:
    scene.run("check")
    scene.now()
    scene.run("check", "F1")
    assert runs() == 1


@pytest.mark.parametrize(
    "files",
    [
        {"out/frontend/src/a.py": "changed\n"},
        {"out/frontend/src/c.py": "new\n"},
        {"out/frontend/src/deep/c.py": ""},
    ],
)
def test_it_runs_again_where_what_it_reads_has_changed(
    scene: Scene, runs: Callable[[], int], files: dict[str, str]
) -> None:
    scene.now()
    scene.deliver(files)
    scene.now()
    assert runs() == 2


def test_it_runs_again_where_a_file_is_gone_or_has_another_name(scene: Scene, runs: Callable[[], int]) -> None:
    src = scene.work / "out/frontend/src"
    scene.now()
    (src / "b.py").rename(src / "c.py")
    scene.now()
    (src / "c.py").unlink()
    scene.now()
    assert runs() == 3


def test_what_it_read_before_it_need_not_run_for(scene: Scene, runs: Callable[[], int]) -> None:
    scene.now()
    scene.deliver({"out/frontend/src/a.py": "changed\n"})
    scene.now()
    scene.deliver({**SRC, "out/frontend/other": "changed"})
    os.utime(scene.work / "out/frontend/src/b.py", (1, 1))
    scene.now()
    assert runs() == 2


@pytest.mark.parametrize("command", ["now", "check"])
def test_everything_runs_again_when_asked_to(scene: Scene, runs: Callable[[], int], command: str) -> None:
    scene.now()
    scene.run(command, "--fresh")
    assert runs() == 2
    scene.now()
    assert runs() == 2


@pytest.mark.parametrize(
    ("name", "value", "again"),
    [
        ("COLOUR", "red", 2),
        ("CHECKPOINT_COMMAND_TIMEOUT", "7s", 1),
        ("TERM", "other", 1),
        ("CHECKPOINT_SANDBOX_READABLE", "/nowhere", 1),
    ],
)
def test_its_environment_decides_and_its_terminal_does_not(
    scene: Scene, runs: Callable[[], int], monkeypatch: pytest.MonkeyPatch, name: str, value: str, again: int
) -> None:
    scene.now()
    monkeypatch.setenv(name, value)
    scene.now()
    assert runs() == again


def test_another_time_limit_is_another_command(
    tmp_path: Path, log: Path, runs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}` passes (reads `src/**`)")
    scene.now()
    monkeypatch.setenv("CHECKPOINT_COMMAND_TIMEOUT", "7s")
    scene.now()
    assert runs() == 2


@pytest.mark.parametrize(
    ("ends", "again"),
    [
        ("exit 3", 1),
        ("exit 126", 2),
        ("/nowhere/to/be/found", 2),
        ("kill -9 $$", 2),
    ],
)
def test_a_failure_is_kept_if_it_ended_by_itself(
    tmp_path: Path, log: Path, runs: Callable[[], int], ends: str, again: int
) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}; {ends}` passes (reads `src/**`)")
    found = [scene.now().report.teams[1].tasks[0].verdicts[0] for _ in range(2)]
    assert runs() == again
    assert found[0].outcome == found[1].outcome == "failed"
    assert found[0].findings == found[1].findings


def test_what_took_too_long_is_run_again(tmp_path: Path, log: Path, runs: Callable[[], int]) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}; exec sleep 60` passes within 0.3s (reads `src/**`)")
    scene.now()
    scene.now()
    assert runs() == 2


@pytest.mark.parametrize("reads", ["", " (reads `nothing`)", " (reads `src/**` `nothing`)", " (reads `linked`)"])
def test_what_does_not_say_what_it_reads_is_run_each_time(
    tmp_path: Path, log: Path, runs: Callable[[], int], reads: str
) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}` passes{reads}")
    (scene.work / "out/frontend/linked").symlink_to("src/a.py")
    scene.now()
    scene.now()
    assert runs() == 2


def test_what_changed_what_it_reads_is_run_again(tmp_path: Path, log: Path, runs: Callable[[], int]) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}; echo more >> src/a.py` passes (reads `src/**`)")
    scene.now()
    scene.now()
    assert runs() == 2


def test_a_damaged_outcome_is_none(scene: Scene, runs: Callable[[], int], home: Path) -> None:
    scene.now()
    (kept,) = home.rglob("outcomes/*")
    kept.write_bytes(kept.read_bytes()[:-1])
    scene.now()
    assert runs() == 2


def test_a_team_on_a_branch_is_held_to_the_files_of_its_branch(
    tmp_path: Path, log: Path, runs: Callable[[], int]
) -> None:
    plan = PLAN.replace("- folder: `out/frontend`", "- folder: `out/frontend`\n- ref: `pages`")
    command = f"`$ echo run >> {log}; cat src/a.py` passes (reads `src/**`)"
    scene = published(tmp_path, plan.replace("`index.html` contains `<ul`", command))
    scene.approve()
    git(scene.work, "switch", "-q", "-c", "pages")
    for files in (SRC, {"out/frontend/other": "changed"}, {"out/frontend/src/a.py": "changed"}):
        commit(scene.work, files, "Deliver")
        git(scene.work, "push", "-q", "origin", "pages")
        git(scene.work, "switch", "-q", "main")
        scene.now()
        assert scene.task("F1").state == "verified"
        git(scene.work, "switch", "-q", "pages")
    assert runs() == 2


@needs_layers
def test_what_a_later_command_may_need_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", "on")
    reads = "(reads `src/**`)"
    scene = scene_of(tmp_path, f"`$ echo x > made; date +%s.%N` passes {reads}", "`$ cat made` passes")
    for _ in range(2):
        scene.now()
        assert [each.outcome for each in scene.task("F1").verdicts] == ["passed", "passed"]
    assert "not run again" not in scene.json("show", "F1").evidence[0].output["sandbox"]


@needs_layers
def test_what_is_not_run_again_is_still_named_as_thrown_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", "on")
    scene = scene_of(tmp_path, "`$ echo x > made` passes (reads `src/**`)", "`made` exists")
    actions = []
    for _ in range(2):
        scene.now()
        actions.append(scene.task("F1").verdicts[1].findings[0].action)
    assert "not run again" in scene.json("show", "F1").evidence[0].output["sandbox"]
    assert actions == ["deliver `made`: a command wrote it in its sandbox, where nothing is kept"] * 2


def test_an_input_that_names_nothing_is_a_warning(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ true` passes (reads `src/**` `nothing/*.py`)")
    found = [each for each in scene.json("lint").problems if each.rule == "reads"]
    assert [(each.severity, each.found) for each in found] == [("warning", "`nothing/*.py`, which names no file")]


def test_other_inputs_have_to_be_approved(tmp_path: Path, log: Path, runs: Callable[[], int]) -> None:
    scene = scene_of(tmp_path, f"`$ echo run >> {log}` passes (reads `src/**`)")
    scene.now()
    scene.edit("(reads `src/**`)", "(reads `other`)")
    scene.now()
    assert runs() == 1
    assert scene.task("F1").verdicts[0].outcome == "untrusted"
    assert [each.how for each in scene.now().report.weakened] == ["changed"]


def test_it_runs_again_where_what_it_reads_may_not_be_run_any_more(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, "`$ ./src/run` passes (reads `src/**`)")
    scene.deliver({"out/frontend/src/run": "#!/bin/sh\n"})
    (scene.work / "out/frontend/src/run").chmod(0o755)
    assert scene.now().report.count.verified == 1
    (scene.work / "out/frontend/src/run").chmod(0o644)
    assert scene.now().report.count.broken == 1
