"""Real repositories for tests: pinned author and date, no configuration but the test's own.

The environment comes from the fixtures of conftest.py, which set HOME, GIT_CONFIG_GLOBAL and the person; where a
program runs without them, the values below are the same.
"""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

Content: TypeAlias = str | bytes

PLAN = "# Plan\n\n<!-- checkpoint:status -->\n<!-- /checkpoint:status -->\n"
_DATE = "2026-01-02T03:04:05+00:00"
_PERSON = {"NAME": "Ada Lovelace", "EMAIL": "ada@example.org", "DATE": _DATE}
_PINNED = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in _PERSON.items()}
_SETTINGS = ("-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false", "-c", "gc.auto=0")


class GitError(AssertionError):
    """A git command of a test failed."""


def git(folder: Path, *arguments: str, content: Content = b"", env: Mapping[str, str] | None = None) -> str:
    """What git prints, without the last line end. Raises GitError, with git's words, where it fails."""
    done = subprocess.run(
        ["git", *_SETTINGS, *arguments],
        cwd=folder,
        env={**os.environ, **_PINNED, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C", **(env or {})},
        input=content.encode() if isinstance(content, str) else content,
        capture_output=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise GitError(f"git {' '.join(arguments)}: {os.fsdecode(done.stderr).strip()}")
    return os.fsdecode(done.stdout).removesuffix("\n")


def write(folder: Path, files: Mapping[str, Content]) -> None:
    """Writes files, and the folders that they need."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)


def commit(folder: Path, files: Mapping[str, Content], message: str = "Change files") -> str:
    """Writes the files and commits them, and only them; the commit's id."""
    write(folder, files)
    git(folder, "add", "--", *files)
    git(folder, "commit", "-q", "--no-verify", "--allow-empty", "-m", message)
    return head(folder)


def head(folder: Path, ref: str = "HEAD") -> str:
    """The commit that a ref names."""
    return git(folder, "rev-parse", "--verify", f"{ref}^{{commit}}")


def content_at(folder: Path, path: str, ref: str = "main") -> str:
    """A file's text in the tree of a ref."""
    return git(folder, "cat-file", "blob", f"{ref}:{path}")


def make_repository(folder: Path, files: Mapping[str, Content] | None = None) -> Path:
    """A repository with one commit on main, holding the files; a small plan unless told otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    commit(folder, {"plan.md": PLAN} if files is None else files, "Begin")
    return folder


def make_remote(folder: Path) -> Path:
    """An empty bare repository."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare")
    return folder


def make_published(folder: Path, files: Mapping[str, Content] | None = None) -> tuple[Path, Path]:
    """A repository and its bare remote `origin`, with one commit that both have on main, as upstream."""
    remote = make_remote(folder / "remote.git")
    work = make_repository(folder / "work", files)
    git(work, "remote", "add", "origin", str(remote))
    git(work, "push", "-q", "-u", "origin", "main")
    return work, remote


def clone(remote: Path | str, folder: Path) -> Path:
    """Another clone of the remote, which may be an address."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    git(folder.parent, "clone", "-q", str(remote), str(folder))
    return folder


def push_edit(clone_folder: Path, files: Mapping[str, Content], message: str = "Edit elsewhere") -> str:
    """What a colleague does: pulls, commits the files, pushes; the commit's id."""
    git(clone_folder, "pull", "-q", "--ff-only")
    made = commit(clone_folder, files, message)
    git(clone_folder, "push", "-q")
    return made
