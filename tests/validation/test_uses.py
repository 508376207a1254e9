"""What a verdict says that it depends on, besides its artifact."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkpoint.files import Folder
from checkpoint.plan.model import Expectation, Task, Team
from checkpoint.registry import Registry
from checkpoint.validation.engine import Job, TeamFiles, validate
from checkpoint.validator import Artifact, Finding, Validator, validator
from checkpoint.verdicts import Verdict
from tests.helpers.artifacts import NOW, LocalServices
from tests.helpers.repositories import make_repository, write

TEAM = Team("t", folder="out")
REGISTRY = Registry()


@validator("nosy", on="artifact")
def nosy(artifact: Artifact, how: str) -> Iterator[Finding]:
    """Asks for what the words say."""
    questions: dict[str, Callable[[], object]] = {
        "itself": lambda: (artifact.read(), artifact.tree.entry("a.txt"), artifact.tree.find("a.txt")),
        "another": lambda: artifact.tree.read("b.txt"),
        "whether-there": lambda: artifact.tree.entry("c.txt"),
        "all": lambda: artifact.tree.below(""),
        "others": lambda: artifact.tree.find("*.txt"),
        "everything": lambda: (
            artifact.services.now,
            artifact.services.run("true", 1.0),
            artifact.services.repository.is_pushed(),
            artifact.references.read("out/a.txt"),
            artifact.references.entry("x"),
            artifact.tree.entry("c.txt"),
        ),
    }
    questions[how]()
    yield from ()


@validator("nosy-apart", on="artifact", apart=True)
def nosy_apart(artifact: Artifact, how: str) -> Iterator[Finding]:
    """The same, from a process of its own."""
    yield from nosy.check(artifact, how) or ()


@validator("endless", on="artifact")
def endless(artifact: Artifact) -> None:
    """Never answers."""
    while True:
        pass


class Rules:
    def find(self, name: str) -> Validator:
        return {each.name: each for each in (nosy, nosy_apart, endless)}.get(name) or REGISTRY.find(name)

    def is_approved(self, team: Team, expectation: Expectation) -> bool:
        return True


@pytest.fixture
def top(tmp_path: Path) -> Path:
    files = {
        "a.txt": "see [b](b.txt)\n",
        "b.txt": "b\n",
        "a.md": "see [b](b.txt)\n",
        "d/e.txt": "e\n",
        "a.json": "{}\n",
    }
    repository = make_repository(tmp_path / "work", {f"out/{name}": text for name, text in files.items()})
    for name, seconds in (("a.txt", NOW - 200), ("b.txt", NOW - 100)):
        os.utime(repository / "out" / name, (seconds, seconds))
    write(repository, {"expected.txt": "b\n", "schema.json": "{}"})
    return repository


def judged(top: Path, artifact: str, name: str, *words: str, seconds: float = 20.0) -> Verdict:
    job = Job(TEAM, Task("A", "a", ticked=False), Expectation(artifact, name, words))
    with Folder(str(top), "out", "out") as tree, Folder(str(top), "top") as references:
        files = TeamFiles(tree, references, LocalServices(top / "out"), "out")
        return validate([job], lambda team: files, Rules(), lambda *_: (), seconds=seconds)[0]


@pytest.mark.parametrize(
    ("line", "uses"),
    [
        ("a.txt exists", ()),
        ("d/ exists", ()),
        ("*.txt exists", ()),
        ("nothing.txt exists", ()),
        ("a.txt contains see", ()),
        ("d/ count at-least 1", ()),
        ("c.txt absent", ()),
        ("a.json json-schema schema.json", ("references",)),
        ("b.txt same-as expected.txt", ("references",)),
        ("a.txt committed", ("repository",)),
        ("a.txt fresh within 1d", ("clock",)),
        ("b.txt fresh than a.txt", ("clock", "repository", "tree")),
        ("a.md links", ("tree",)),
        ("true command", ("command",)),
        ("a.txt nosy itself", ()),
        ("a.txt nosy another", ("tree",)),
        ("a.txt nosy whether-there", ("tree",)),
        ("a.txt nosy all", ("tree",)),
        ("a.txt nosy others", ("tree",)),
        ("a.txt nosy everything", ("clock", "command", "references", "repository", "tree")),
        ("a.txt nosy-apart everything", ("clock", "command", "references", "repository", "tree")),
    ],
)
def test_a_verdict_says_what_its_validator_asked_for(top: Path, line: str, uses: tuple[str, ...]) -> None:
    artifact, name, *words = line.split()
    assert judged(top, artifact, name, *words).uses == uses


def test_the_next_verdict_uses_nothing_of_the_last(top: Path) -> None:
    task = Task("A", "a", ticked=False)
    work = [Job(TEAM, task, Expectation("a.txt", "nosy", (how,))) for how in ("everything", "itself")]
    with Folder(str(top), "out", "out") as tree, Folder(str(top), "top") as references:
        files = TeamFiles(tree, references, LocalServices(top / "out"), "out")
        found = validate(work, lambda team: files, Rules(), lambda *_: ())
    assert [len(each.uses) for each in found] == [5, 0]


def test_an_answer_that_came_too_late_depends_on_the_clock(top: Path) -> None:
    assert judged(top, "a.txt", "endless", seconds=0.1).uses == ("clock",)
