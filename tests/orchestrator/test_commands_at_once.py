"""Commands of several teams at the same time: what they find is as if one after the other."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from checkpoint.report import Report
from tests.helpers.process_trees import Tree, until
from tests.helpers.processes import running
from tests.helpers.repositories import write
from tests.helpers.sandboxes import needs_layers
from tests.helpers.scenes import Scene, local

PLUGIN = '''
from checkpoint.validator import Finding, validator

@validator("says", on="artifact")
def says(artifact, text):
    """Runs a command of its own."""
    found = artifact.services.run("cat made 2>&1", 60.0).output.strip()
    if found != text:
        yield Finding(text, found)
'''
TEAM = """
## Team: {name}

- folder: `out/{name}`

- [ ] **{name}1** Look first
  - `made` absent
  - `$ echo {name} > made; touch ../../{name}.ran; sleep 0.05` passes
  - `made` contains `{name}`
  - `$ echo more >> made; cat made` passes
- [ ] **{name}2** Then run
  - `$ test "$(cat made | wc -l)" = 2` passes within 30s
  - `$ exit 3` passes
  - `$ exit 3` passes
  - `$ sleep 60` passes within 0.2s
  - `also` absent
  - `$ rm -f made; touch also` passes {word}
  - `$ test ! -e made` passes
"""


def plan(words: dict[str, str]) -> str:
    teams = "".join(TEAM.format(name=name, word=word) for name, word in words.items())
    return f"---\ncheckpoint: 1\n---\n\n# Much to run\n{teams}"


def scene_of(folder: Path, text: str, *teams: str) -> Scene:
    scene = local(folder, text)
    write(scene.work, {f"out/{name}/README": "A folder.\n" for name in teams})
    scene.approve()
    return scene


def found(report: Report) -> Any:
    """The report without what time decides."""
    document = msgspec.to_builtins(report)
    for team in document["teams"]:
        for task in team["tasks"]:
            for verdict in task["verdicts"]:
                verdict["seconds"] = 0
                verdict["seen"] = [{**each, "modified": 0} for each in verdict.get("seen", [])]
    return {key: document[key] for key in ("teams", "actions")}


@pytest.mark.parametrize("sandbox", ["off", pytest.param("on", marks=needs_layers)])
def test_what_they_find_is_as_if_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str
) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", sandbox)
    reports = []
    words = {"a": "", "b": "with-network", "c": "without-sandbox", "d": ""}
    for jobs in ("1", "6"):
        scene = scene_of(tmp_path / jobs, plan(words), *words)
        monkeypatch.setenv("CHECKPOINT_COMMAND_JOBS", jobs)
        reports.append(found(scene.json("check", status=1).report))
    assert reports[0] == reports[1]


def test_two_teams_commands_run_at_the_same_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKPOINT_COMMAND_JOBS", "2")
    meet = "`$ touch {0}; until [ -e ../{1}/{1} ]; do sleep 0.01; done` passes within 60s"
    text = plan({})
    for name, other in (("a", "b"), ("b", "a")):
        expected = meet.format(name, other)
        text += f"\n## Team: {name}\n\n- folder: `out/{name}`\n\n- [ ] **{name}1** Meet\n  - {expected}\n"
    scene = scene_of(tmp_path, text, "a", "b")
    assert scene.json("check").report.count.verified == 2


@pytest.mark.parametrize("sandbox", ["off", pytest.param("on", marks=needs_layers)])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupt_ends_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: str, number: signal.Signals
) -> None:
    monkeypatch.setenv("CHECKPOINT_SANDBOX", sandbox)
    word = f"6{time.monotonic_ns()}"
    text = plan({})
    for name in ("a", "b"):
        command = f"`$ setsid sleep {word} & trap '' TERM; sleep {word}; sleep {word}` passes"
        text += f"\n## Team: {name}\n\n- folder: `out/{name}`\n\n- [ ] **{name}1** Stay\n  - {command}\n"
    scene = scene_of(tmp_path, text, "a", "b")
    tree = Tree([sys.executable, "-m", "checkpoint", "check"], scene.work, os.environ, tmp_path / "log")
    until(lambda: len(running(word)) >= 4, "both commands have begun")
    os.kill(tree.pid, number)
    assert tree.status() != 0
    until(lambda: not running(word), "all that they started has ended")


@pytest.mark.parametrize("asked", [["a"], ["a1"], ["a1", "a2"]])
def test_only_what_is_asked_for_is_run(tmp_path: Path, asked: list[str]) -> None:
    scene = scene_of(tmp_path, plan({"a": "", "b": ""}), "a", "b")
    scene.run("check", *asked)
    assert (scene.work / "a.ran").exists()
    assert not (scene.work / "b.ran").exists()


def test_only_what_was_approved_is_run(tmp_path: Path) -> None:
    scene = scene_of(tmp_path, plan({"a": "", "b": ""}), "a", "b")
    scene.edit("touch ../../b.ran", "touch ../../b.ran ../../forged")
    scene.run("check")
    assert (scene.work / "a.ran").exists()
    assert not (scene.work / "b.ran").exists()


def test_what_was_not_approved_is_not_run_ahead_of_anything(tmp_path: Path) -> None:
    text = plan({})
    for name in ("a", "b"):
        expected = f"`$ touch ../../{name}.ran` passes"
        text += f"\n## Team: {name}\n\n- folder: `out/{name}`\n\n- [ ] **{name}1** Run\n  - {expected}\n"
    scene = scene_of(tmp_path, text, "a", "b")
    scene.edit("touch ../../b.ran", "touch ../../b.ran ../../forged")
    assert scene.json("check", status=5).report.teams[1].tasks[0].verdicts[0].outcome == "untrusted"
    assert sorted(path.name for path in scene.work.glob("*.ran")) == ["a.ran"]


def test_a_plug_ins_own_command_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (
        "---\ncheckpoint: 1\n---\n\n# One\n\n## Team: a\n\n- folder: `out/a`\n\n- [ ] **A1** Keep the order\n"
        "  - `$ echo first > made` passes\n  - `.` says `first`\n"
        "  - `$ echo second > made` passes\n  - `.` says `second`\n"
    )
    scene = local(tmp_path, text)
    write(scene.work, {"out/a/README": "A folder.\n", "validators/says.py": PLUGIN})
    scene.approve()
    assert [each.outcome for each in scene.json("check").report.teams[0].tasks[0].verdicts] == ["passed"] * 4
