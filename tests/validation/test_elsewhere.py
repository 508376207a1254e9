"""A team judged by another process, in another clone, gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from checkpoint.validation.elsewhere import answer, units
from checkpoint.validation.unit import Answer, Timed, Unit, opened
from checkpoint.workspace import Workspace
from tests.helpers.repositories import clone, commit, git, head
from tests.helpers.scenes import Scene, published

TEXT = "see\n" * 20
PLAN = f"""---
checkpoint: 1
---

# Elsewhere

## Team: far

- folder: `out`
- ref: `work`

- [ ] **A1** What is there
  - `a.txt` exists
  - `*.txt` contains `see`
  - `d/` exists
  - `a.txt` sha256 {hashlib.sha256(TEXT.encode()).hexdigest()}
- [ ] **A2** What is not as it should be
  - `b.txt` contains `see`
  - `nothing.txt` exists
  - `b.txt` same-as `expected.txt`
  - `c.json` json-schema `schema.json`
- [ ] **A3** What is run
  - `$ cat a.txt; exit 3` passes
  - `$ true` passes
  - `a.txt` shouts
  - `a.txt` fresh within 1d
"""
PLUGIN = '''from checkpoint.validator import Artifact, Finding, validator

@validator("shouts")
def shouts(artifact: Artifact):
    """The text shouts."""
    artifact.keep("heard", artifact.text().upper())
    yield Finding("shouting", "no shouting", artifact.path, "shout")
'''
FILES = {"a.txt": TEXT, "b.txt": "b\n", "c.json": "[1]\n", "d/e.txt": "e\n"}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    made = published(tmp_path, PLAN)
    made.commit(
        {"expected.txt": "c\n", "schema.json": '{"type": "object"}', "validators/shouts.py": PLUGIN}, "References"
    )
    git(made.work, "switch", "-q", "-c", "work")
    commit(made.work, {f"out/{name}": text for name, text in FILES.items()})
    git(made.work, "push", "-q", "-u", "origin", "work")
    git(made.work, "switch", "-q", "main")
    return made


def unit_of(scene: Scene, fetched: str = "") -> Unit:
    with Workspace(str(scene.work), None) as workspace:
        unit = next(units(workspace, workspace.usable(workspace.read_plan())))
        return replace(unit, references=fetched)


def by_another_process(unit: Unit, folder: Path) -> Timed:
    done = subprocess.run(
        [sys.executable, "-m", "checkpoint.validation.elsewhere", str(folder)],
        input=msgspec.msgpack.encode(unit),
        capture_output=True,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return msgspec.msgpack.decode(done.stdout, type=Timed)


@pytest.mark.parametrize("fetched", [True, False])
def test_another_process_in_another_clone_gives_the_same_bytes(scene: Scene, tmp_path: Path, fetched: bool) -> None:
    scene.approve()
    unit = unit_of(scene, head(scene.work) if fetched else "")
    here, there = answer(unit, str(scene.work)), by_another_process(unit, clone(scene.where, tmp_path / "elsewhere"))
    assert there.answer == here.answer
    assert len(there.seconds) == 12
    found = msgspec.msgpack.decode(there.answer, type=Answer)
    assert {each.seconds for each in found.verdicts} == {0.0}
    assert all(hashlib.sha256(text.encode()).hexdigest() == digest for digest, text in found.blobs.items())


def test_what_is_found_there_is_what_check_finds_here(scene: Scene, tmp_path: Path) -> None:
    scene.approve()
    there = opened(by_another_process(unit_of(scene), clone(scene.where, tmp_path / "elsewhere")))
    here = [each for task in scene.json("check", status=1).report.teams[0].tasks for each in task.verdicts]
    assert [replace(each, seconds=0) for each in there.verdicts] == [replace(each, seconds=0) for each in here]
    outcomes = [each.outcome for each in there.verdicts]
    assert outcomes[:4] == ["passed", "failed", "passed", "passed"]
    assert outcomes[4:8] == ["failed", "missing", "failed", "failed"]
    assert outcomes[8:] == ["failed", "passed", "failed", "error"]
    assert TEXT in {texts.get("output") for texts in there.kept}
    assert TEXT.upper() in {texts.get("heard") for texts in there.kept}


def test_what_the_unit_does_not_approve_is_not_run_there(scene: Scene, tmp_path: Path) -> None:
    there = opened(by_another_process(unit_of(scene), clone(scene.where, tmp_path / "elsewhere")))
    assert [each.outcome for each in there.verdicts[8:11]] == ["untrusted"] * 3
    assert there.kept[8:11] == [{}, {}, {}]


def test_a_unit_goes_through_messagepack_as_it_is(scene: Scene) -> None:
    scene.approve()
    unit = unit_of(scene, head(scene.work))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(unit), type=Unit) == unit
    assert (len(unit.approved), list(unit.plugins), len(unit.commit)) == (2, ["validators/shouts.py"], 40)
