"""What several processes find together is what one finds alone."""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from checkpoint.files import Folder
from checkpoint.plan.model import Expectation, Plan, Task, Team
from checkpoint.registry import Registry
from checkpoint.validation.engine import TeamFiles, jobs, validate
from checkpoint.validation.sharing import hands
from checkpoint.validator import Artifact, Finding, Validator, missing, validator
from checkpoint.verdicts import Verdict
from tests.helpers.artifacts import LocalServices

REGISTRY = Registry()
NAMES = ("a.txt", "b.txt", "c.json", "d/e.txt", "*.txt", "nothing", "d/", "../x", "big.txt")
LINES = (
    ("exists",),
    ("contains", "see"),
    ("size", "at-least", "10"),
    ("sha256", "0" * 64),
    ("absent",),
    ("fresh", "within", "1d"),
    ("nobody-knows",),
    ("contains",),
    ("same-as", "a.txt"),
    ("json-schema", "a.txt"),
    ("telling",),
    ("dying",),
)
CONTENTS = ("", "see", "x" * 100, "{}", "version https://git-lfs.github.com/spec/v1\noid x\n", "see\x1b[31m\udcff")


@validator("telling", on="artifact")
def telling(artifact: Artifact) -> Iterator[Finding]:
    """Keeps what it read."""
    if not artifact.entries:
        yield missing(artifact.path)
    artifact.keep("paths", "\n".join(entry.path for entry in artifact.entries))
    artifact.keep("kind", "".join(sorted({entry.kind for entry in artifact.entries})))


@validator("dying", on="artifact")
def dying(artifact: Artifact) -> None:
    """Takes its process with it, if that is a copy."""
    if os.getpid() != FIRST:
        os._exit(1)


@validator("where")
def where(artifact: Artifact) -> None:
    """Keeps which process it is in."""
    artifact.keep("pid", str(os.getpid()))


@validator("counting")
def counting(artifact: Artifact, log: str) -> None:
    """Leaves a mark in a file for each call, and keeps what is too long for one message."""
    with open(log, "ab", buffering=0) as file:
        file.write(b"x")
    artifact.keep("long", "x" * 50_000)


FIRST = os.getpid()


class Rules:
    def find(self, name: str) -> Validator:
        return {each.name: each for each in (telling, dying, where, counting)}.get(name) or REGISTRY.find(name)

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return True


class Found:
    """What a run came to: verdicts but for the time they took, what was kept, and what was told in which order."""

    def __init__(self, top: Path, plan: Plan, many: int, *, copies: bool) -> None:
        self.kept: list[tuple[str, str, dict[str, str]]] = []
        self.told: list[Verdict] = []
        self.progress: list[int] = []
        self._top = top
        verdicts = validate(
            jobs(plan),
            self._files,
            Rules(),
            self._keep,
            copies=copies,
            announce=self.told.append,
            progress=lambda done, total, what: self.progress.append(done),
            hands=lambda: many,
            patience=0.0,
        )
        self.verdicts = [replace(each, seconds=0.0) for each in verdicts]
        self.told = [replace(each, seconds=0.0) for each in self.told]

    def _files(self, team: Team) -> TeamFiles:
        tree = Folder(str(self._top), team.name, team.folder)
        references = Folder(str(self._top), "top")
        return TeamFiles(tree, references, LocalServices(self._top / team.folder), team.folder, forget=tree.close)

    def _keep(self, team: Team, task: Task, each: Expectation, evidence: dict[str, str]) -> tuple[str, ...]:
        self.kept.append((team.name, task.id, evidence))
        return tuple(evidence)


def plan_of(teams: list[list[Expectation]]) -> Plan:
    return Plan(
        teams=tuple(
            Team(
                f"t{number}",
                folder=f"t{number}",
                tasks=tuple(Task(f"T{number}-{k}", "", False, expectations=(each,)) for k, each in enumerate(wanted)),
            )
            for number, wanted in enumerate(teams)
        )
    )


expectations = st.builds(
    lambda name, line: Expectation(name, line[0], line[1:]), st.sampled_from(NAMES), st.sampled_from(LINES)
) | st.just(Expectation("cat a.txt", "command"))


@given(
    st.lists(st.lists(expectations, min_size=1, max_size=4), min_size=1, max_size=5),
    st.dictionaries(st.tuples(st.integers(0, 4), st.sampled_from(NAMES[:4])), st.sampled_from(CONTENTS), max_size=8),
    st.booleans(),
)
def test_several_processes_find_what_one_finds(
    wanted: list[list[Expectation]], files: dict[tuple[int, str], str], copies: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        for (number, name), text in files.items():
            path = top / f"t{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
        plan = plan_of(wanted)
        alone, together = (Found(top, plan, many, copies=copies) for many in (1, 3))
    assert together.verdicts == alone.verdicts
    assert together.told == alone.told
    assert together.kept == alone.kept


def pids(found: Found) -> set[int]:
    return {int(evidence["pid"]) for _, _, evidence in found.kept if "pid" in evidence}


def made(tmp_path: Path, number: int, *wanted: Expectation) -> Plan:
    for each in range(number):
        (tmp_path / f"t{each}").mkdir()
        (tmp_path / f"t{each}" / "a.txt").write_text(f"see {each}")
    return plan_of([list(wanted)] * number)


def test_what_is_shared_is_judged_by_others_too(tmp_path: Path) -> None:
    plan = made(tmp_path, 400, *[Expectation("a.txt", "where")] * 10)
    found = Found(tmp_path, plan, 3, copies=True)
    assert len(pids(found)) > 1
    assert len(found.verdicts) == 4000
    assert found.progress[-1] == 4000
    assert found.progress == sorted(found.progress)


def test_nothing_is_judged_twice(tmp_path: Path) -> None:
    plan = made(tmp_path, 300, *[Expectation("a.txt", "counting", (str(tmp_path / "log"),))] * 10)
    Found(tmp_path, plan, 3, copies=True)
    assert (tmp_path / "log").stat().st_size == 3000


def test_what_a_command_changes_is_judged_after_it(tmp_path: Path) -> None:
    made(tmp_path, 60)
    commands = ([Expectation(f"echo x > ../t{2 * number + 1}/new.txt", "command")] for number in range(30))
    plan = plan_of([wanted for each in commands for wanted in (each, [Expectation("new.txt", "exists")])])
    assert {each.outcome for each in Found(tmp_path, plan, 3, copies=True).verdicts} == {"passed"}


def test_a_process_with_another_thread_is_not_copied() -> None:
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    assert hands() == 1
    waiting.set()
    thread.join()


@pytest.mark.parametrize("name", ["same-as", "json-schema"])
def test_a_copy_leaves_to_this_process_what_it_must_not_touch(tmp_path: Path, name: str) -> None:
    plan = made(tmp_path, 60, Expectation("a.txt", name, ("t0/a.txt",)), Expectation("a.txt", "where"))
    assert pids(Found(tmp_path, plan, 3, copies=True)) == {os.getpid()}
