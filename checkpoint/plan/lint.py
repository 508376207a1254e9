"""What is allowed in a plan but proves less than it seems to, or will not work."""

from __future__ import annotations

import os.path
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from checkpoint.lazy import pattern
from checkpoint.plan.model import Expectation, Plan, Problem, Task, Team

_TRIVIAL = pattern(r"(?:true|:|exit(?: +0)?|/(?:usr/)?bin/true|(?:echo|printf)(?: [^;&|<>`$()]*)?)")
_EXCUSED = pattern(r"(?:\|\||;) *(?:true|:|exit +0) *$")
_DEFINITION = pattern(r"(?:async +)?(?:def|class) +[A-Za-z_]\w*")
_REFERENCES = ("json-schema", "same-as")


def lint(plan: Plan, tracked: Collection[str], path: str) -> tuple[Problem, ...]:
    """Warnings, and errors for what leads elsewhere: paths out of their folder, files that are one on other machines.

    `tracked` holds the repository's paths that git has, `path` is the plan's.
    """
    known = frozenset(tracked).union(*map(_around, tracked))
    found = [*_twins(plan), *_folders(plan.teams), *_collisions(plan.teams, known, path)]
    for team in plan.teams:
        for task in team.tasks:
            found += _task(task)
            for expectation in task.expectations:
                found += _expectation(team, expectation, known)
    return tuple(sorted(found, key=lambda problem: (problem.line, problem.column, problem.rule)))


def _task(task: Task) -> Iterator[Problem]:
    if task.ticked and not task.expectations:
        mend = "say what must be there, or take the tick as a person's word"
        yield _warning(
            task, f"`{task.id}` ticked, and expecting nothing", "something that can be proven", mend, "vacuous"
        )


def _expectation(team: Team, wanted: Expectation, tracked: frozenset[str]) -> Iterator[Problem]:
    if wanted.validator == "command":
        yield from _command(wanted)
        return
    yield from _artifact(wanted)
    if wanted.validator == "exists":
        yield from _exists(team, wanted, tracked)
    elif wanted.validator == "contains" and wanted.artifact.endswith(".py") and wanted.arguments:
        yield from _contains(wanted)
    elif wanted.validator in _REFERENCES and wanted.arguments:
        yield from _reference(team, wanted)


def _command(wanted: Expectation) -> Iterator[Problem]:
    command = wanted.artifact.strip()
    if _TRIVIAL.fullmatch(command) or _EXCUSED.search(command):
        mend = "write a command that fails where the work is not done"
        yield _warning(wanted, f"`$ {command}`, which always passes", "a command that can fail", mend, "vacuous")


def _artifact(wanted: Expectation) -> Iterator[Problem]:
    parts = wanted.artifact.replace("\\", "/").split("/")
    if ".." in parts or wanted.artifact.startswith(("/", "~")):
        mend = "write a path below the team's folder"
        found = f"`{wanted.artifact}`, which leaves the team's folder"
        yield Problem(wanted.line, wanted.column, found, "a path within the folder", mend, "error", "artifact-outside")


def _exists(team: Team, wanted: Expectation, tracked: frozenset[str]) -> Iterator[Problem]:
    if not wanted.artifact.replace("/", "").strip("*"):
        mend = "name the file or folder"
        yield _warning(wanted, f"`{wanted.artifact}` exists, which any file proves", "a name", mend, "vacuous")
    elif not team.ref and _folder(f"{team.folder}/{wanted.artifact}") in tracked:
        mend = "say what it must hold: `contains`, `lines`, `same-as`"
        found = f"`{wanted.artifact}` exists, and it is in the repository already"
        yield _warning(wanted, found, "something that is not there yet", mend, "vacuous")


def _contains(wanted: Expectation) -> Iterator[Problem]:
    match = _DEFINITION.match(wanted.arguments[0].strip())
    if match is not None:
        name = match[0].split()[-1]
        mend = f"write `{wanted.artifact}` defines `{name}`"
        found = f"contains `{wanted.arguments[0]}`, which a comment holds as well"
        yield _warning(wanted, found, "the definition itself", mend, "weak")


def _reference(team: Team, wanted: Expectation) -> Iterator[Problem]:
    folder, path = _folder(team.folder), _folder(wanted.arguments[0])
    if _is_within(path, folder):
        mend = "keep it outside the folder"
        found = f"`{wanted.arguments[0]}` in the team's own folder"
        yield _warning(wanted, found, "a reference that the team does not write", mend, "reference")


def _folders(teams: Collection[Team]) -> Iterator[Problem]:
    for team in teams:
        if team.folder.startswith(("/", "~")) or _folder(team.folder).split("/")[0] == "..":
            mend = "write a folder of the repository; one outside has to be approved"
            yield _warning(team, f"the folder `{team.folder}`", "a folder in the repository", mend, "folder-outside")
    live = [team for team in teams if not team.ref]
    first = {_folder(team.folder): team for team in reversed(live)}
    for team in live:
        folder = _folder(team.folder)
        owners = [first[each] for each in (folder, *_around(folder)) if each in first and first[each] is not team]
        for owner in owners:
            mend = "give each team a folder of its own"
            found = f"`{team.folder}` of `{team.name}` within `{owner.folder}` of `{owner.name}`"
            yield _warning(team, found, "folders that share no file", mend, "folder-shared")


def _around(path: str) -> Iterator[str]:
    """The folders that a path lies in, the repository's own (`.`) last."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path
    if path != ".":
        yield "."


def _twins(plan: Plan) -> Iterator[Problem]:
    """Names that differ, but not on every file system or to every eye."""
    tasks = [task for team in plan.teams for task in team.tasks]
    for kind, names in (
        ("team", [(team.name, team) for team in plan.teams]),
        ("task", [(task.id, task) for task in tasks]),
        ("folder", [(team.folder, team) for team in plan.teams]),
    ):
        yield from _pairs(kind, names)


def _collisions(teams: Iterable[Team], known: Collection[str], path: str) -> Iterator[Problem]:
    """Files of the plan's or a team's that git keeps apart, and other file systems do not."""
    lines = {_alike(path): 1}
    lines |= {_alike(_folder(team.folder)): team.line for team in teams if not team.ref}
    first: dict[str, str] = {}
    for name in sorted(known):
        alike = _alike(name)
        line = next((lines[each] for each in (alike, *_around(alike)) if each in lines), 0)
        other = first.setdefault(alike, name) if line else name
        if other != name:
            found = f"`{_spelt(name)}` beside `{_spelt(other)}` in the repository"
            expected = "names that differ in more than case or accents' encoding"
            yield Problem(line, 1, found, expected, "rename one with `git mv`", "error", "collision")


def _spelt(name: str) -> str:
    """The name with all that could look like something else written as an escape."""
    return name if name.isascii() and name.isprintable() else ascii(name)[1:-1]


def _alike(name: str) -> str:
    """The same for two names that are one on some file systems."""
    return unicodedata.normalize("NFC", name).casefold()


def _pairs(kind: str, names: Iterable[tuple[str, Team | Task]]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for name, owner in names:
        other = first.setdefault(_alike(name), name)
        if other != name:
            found = f"the {kind} `{name}` beside `{other}`"
            yield _warning(
                owner, found, "names that differ in more than case or accents' encoding", "rename one", "twin"
            )


def _folder(path: str) -> str:
    return os.path.normpath(path)


def _is_within(path: str, folder: str) -> bool:
    return folder in (".", path) or path.startswith(folder + "/")


def _warning(at: Expectation | Task | Team, found: str, expected: str, mend: str, rule: str) -> Problem:
    column = 1 if isinstance(at, Team) else at.column
    return Problem(at.line, column, found, expected, mend, "warning", rule)
