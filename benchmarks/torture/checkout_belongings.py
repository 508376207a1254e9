"""What is a person's in a checkout, and what a checkpoint has changed of it."""

import os
import stat
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, TypeAlias

File: TypeAlias = tuple[int, int, bytes]
"""Its mode, the time of its last change in nanoseconds, and its content or where it leads to."""

_DELIVERED = "out"
_ASKED = {
    "status": ("status", "--porcelain=v2", "--untracked-files=all"),
    "stashes": ("stash", "list", "--format=%H %gs"),
    "staged": ("ls-files", "--stage", "-v", "--debug"),
}
_FETCHED = ("objects", "refs/remotes", "logs/refs/remotes", "FETCH_HEAD")
"""Of the git folder: what fetching adds to."""
_FOLLOWED = {"index", "COMMIT_EDITMSG", "logs/HEAD", "logs/refs/heads/main", "refs/heads/main"}
"""Of the git folder: what a fast-forward writes, or a commit; `sharedindex.*` besides."""


class Belongings(NamedTuple):
    """A checkout and its linked work tree: files by path, and what git says of it."""

    files: Mapping[str, File]
    kept: Mapping[str, File]
    """Of the git folder, without what fetching adds to."""
    objects: frozenset[str]
    said: Mapping[str, str]
    head: str


def belongings(work: Path) -> Belongings:
    """Nothing is changed by looking: git is not allowed to refresh its index."""
    linked = work.parent / "linked"
    files = dict(_files(work, {".git", _DELIVERED})) | (dict(_files(linked, set())) if linked.exists() else {})
    git_folder = work / ".git"
    kept = {str(Path(path).relative_to(git_folder)): file for path, file in _files(git_folder, set())}
    objects = frozenset(path for path in kept if path.startswith("objects/"))
    kept = {path: file for path, file in kept.items() if not path.startswith(_FETCHED)}
    said = {name: asked(work, *words) for name, words in _ASKED.items()}
    return Belongings(files, kept, objects, said, asked(work, "rev-parse", "HEAD").strip())


def asked(work: Path, *words: str) -> str:
    """What git answers, errors included."""
    env = os.environ | {"GIT_OPTIONAL_LOCKS": "0"}
    done = subprocess.run(["git", *words], cwd=work, env=env, capture_output=True, timeout=60, check=False)
    return os.fsdecode(done.stdout + done.stderr)


def _files(top: Path, besides: set[str]) -> Iterator[tuple[str, File]]:
    for folder, names, files in os.walk(top):
        names[:] = [name for name in names if folder != str(top) or name not in besides]
        links = [name for name in names if Path(folder, name).is_symlink()]
        for path in (Path(folder, name) for name in files + links):
            found = path.lstat()
            content = os.fsencode(path.readlink()) if stat.S_ISLNK(found.st_mode) else path.read_bytes()
            yield str(path), (found.st_mode, found.st_mtime_ns, content)


def changes(before: Belongings, after: Belongings, work: Path, published: str, *, follows: bool) -> Iterator[str]:
    """What is not as it was: nothing may be else, or, where HEAD is at `published` now, what a fast-forward writes.

    `follows` says whether that is allowed.
    """
    if before.objects - after.objects:
        yield "objects are gone"
    followed = follows and after.head == published != before.head
    yield from _differing(before.files, after.files, {str(work / "plan.md")} if followed else set())
    yield from _differing(before.kept, after.kept, _FOLLOWED if followed else set())
    for name, text in before.said.items():
        if followed and name != "stashes":
            yield from (f"git says `{line}`" for line in _new_lines(text, after.said[name]))
        elif text != after.said[name]:
            yield f"{name}: {after.said[name]!r}, and was {text!r}"[:300]
    if not followed and before.head != after.head:
        yield f"HEAD is at {after.head}"


def _new_lines(before: str, after: str) -> list[str]:
    """What git says of other files than the plan, and did not before; without what it notes of times and inodes."""
    told = (line for line in after.splitlines() if not line.startswith("  ") and not line.endswith("plan.md"))
    return [line for line in told if line not in before.splitlines()]


def _differing(before: Mapping[str, File], after: Mapping[str, File], besides: set[str]) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) == after.get(path) or path in besides or (besides and path.startswith("sharedindex.")):
            continue
        if path not in after:
            yield f"{path} is gone"
        elif path not in before:
            yield f"{path} has come"
        else:
            same = before[path][2] == after[path][2]
            yield f"{path} was {'touched' if same else 'changed'}"
