"""Validators at work on real folders, by the words of a plan.

    say("contains", tmp_path, "login.py", "def login(")     # the findings; none where the expectation holds

It does what a run does around a validator: converts the words, opens the folder, hands each file in.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from checkpoint.arguments import bind
from checkpoint.files import Folder
from checkpoint.registry import Registry
from checkpoint.validator import (
    Artifact,
    Finding,
    Outcome,
    Repository,
    Services,
    Unreadable,
    Validator,
    missing,
)

REGISTRY = Registry()
NOW = 1_700_000_000.0
"""The time of every run, unless a test says otherwise."""


class GitRepository:
    """`Repository` by the git command line, for a team's folder that is, or lies in, a real work tree."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _git(self, *arguments: str, content: bytes = b"") -> str:
        done = subprocess.run(["git", *arguments], cwd=self._folder, input=content, capture_output=True, check=False)
        return done.stdout.decode("utf-8", "surrogateescape")

    def committed(self, path: str, ref: str = "HEAD") -> dict[str, str]:
        listed = self._git("ls-tree", "-r", "-z", ref, "--", path or ".").split("\0")
        rows = (row.split("\t", 1) for row in listed if row)
        return {name: about.split()[2] for about, name in rows}

    def blob_id(self, content: bytes) -> str:
        return self._git("hash-object", "--stdin", content=content).strip()

    def superseded(self, path: str, blob: str) -> str:
        commits = self._git("log", "--format=%H", "--", path).split()
        had = [self.committed(path, commit).get(path) for commit in commits]
        first = max((number for number, content in enumerate(had) if content == blob), default=0)
        return commits[first] if any(content != blob for content in had[:first]) else ""

    def is_pushed(self, ref: str = "HEAD") -> bool:
        return bool(self._git("branch", "-r", "--contains", ref))


class LocalServices:
    """`Services` with real processes and a real repository."""

    def __init__(self, folder: Path, now: float = NOW) -> None:
        self.repository: Repository = GitRepository(folder)
        self.now = now
        self._folder = folder

    def run(
        self,
        command: str,
        seconds: float | None,
        *,
        network: bool = False,
        outside: bool = False,
        reads: tuple[str, ...] = (),
    ) -> Outcome:
        try:
            done = subprocess.run(
                command,
                shell=True,
                cwd=self._folder,
                timeout=seconds,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            return Outcome(-9, (error.output or b"").decode(errors="replace"), timed_out=True)
        return Outcome(done.returncode, done.stdout.decode(errors="replace"))


class Trial(msgspec.Struct, frozen=True):
    """What a validator said of one expectation, and the evidence that it kept."""

    findings: list[Finding]
    evidence: dict[str, str]


def judge(
    name: str,
    folder: Path,
    path: str,
    *words: str,
    references: Path | None = None,
    now: float = NOW,
    registry: Registry = REGISTRY,
) -> Trial:
    """One expectation as a plan words it. Raises ValueError for words that its validator does not take."""
    validator = registry.find(name)
    positional, keywords = bind(validator.check, words)
    services: Services = LocalServices(folder, now)
    findings: list[Finding] = []
    evidence: dict[str, str] = {}
    with Folder(str(folder), folder.name) as tree, Folder(str(references or folder), "the repository") as others:
        try:
            for artifact in _artifacts(validator, path, tree, others, services):
                artifact.evidence = evidence
                findings += validator.check(artifact, *positional, **keywords) or ()
        except Unreadable as error:
            findings.append(error.finding)
    return Trial(findings, evidence)


def _artifacts(validator: Validator, path: str, tree: Folder, others: Folder, services: Services) -> Iterator[Artifact]:
    entries = () if validator.name == "command" else tree.find(path)
    if validator.on == "artifact":
        yield Artifact(path, entries, tree, others, services)
    elif not entries:
        raise Unreadable(missing(path))
    for entry in entries if validator.on == "file" else ():
        yield Artifact(entry.path, (entry,), tree, others, services)


def say(name: str, folder: Path, path: str, *words: str, references: Path | None = None) -> list[Finding]:
    """The findings of one expectation; none where it holds."""
    return judge(name, folder, path, *words, references=references).findings


def the(findings: list[Finding]) -> Finding:
    """The only finding."""
    assert len(findings) == 1, findings
    return findings[0]
