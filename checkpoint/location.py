"""Where a repository is, and where its private files go: found without starting git."""

from __future__ import annotations

import os
from collections.abc import Mapping

from checkpoint import lazy, private
from checkpoint.errors import UsageError

_NAME_LIMIT = 200
"""Bytes of a folder's name; file systems allow 255."""
_SYMBOLIC_DEPTH = 5


class _Value:
    """Equal to another of its kind with equal fields. No msgspec here: `checkpoint status` would take twice as long."""

    __slots__: tuple[str, ...] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and all(getattr(self, n) == getattr(other, n) for n in self.__slots__)

    __hash__ = None  # type: ignore[assignment]


class Location(_Value):
    """A repository's work tree, its git folder, and the folder that linked work trees share; all real paths."""

    __slots__ = ("common_folder", "git_folder", "top")

    def __init__(self, top: str, git_folder: str, common_folder: str) -> None:
        self.top = top
        self.git_folder = git_folder
        self.common_folder = common_folder


class Head(_Value):
    """What is checked out. `branch` is empty where HEAD is detached, `commit` where nothing is committed yet."""

    __slots__ = ("branch", "commit")

    def __init__(self, branch: str, commit: str) -> None:
        self.branch = branch
        self.commit = commit


def find(start: str) -> Location:
    """The repository that holds this folder. Raises UsageError where there is none with a work tree."""
    folder = os.path.realpath(start)
    while True:
        git_folder = _git_folder(os.path.join(folder, ".git"))
        if git_folder:
            return Location(folder, git_folder, _common_folder(git_folder))
        if _is_git_folder(folder):
            why = f"{folder} is a bare repository or a .git folder"
            raise UsageError("there is no work tree here", why=why, mend="run it in a clone with files")
        parent = os.path.dirname(folder)
        if parent == folder:
            why = f"neither {os.path.realpath(start)} nor a folder above it has a .git"
            raise UsageError("this is not a git repository", why=why, mend="go to one, or make one: git init")
        folder = parent


def read_head(location: Location) -> Head:
    """What HEAD names, read from files. Raises Stalled where it cannot be read: that is not what detached means."""
    path = os.path.join(location.git_folder, "HEAD")
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read().strip()
    except FileNotFoundError:
        text = ""
    except OSError as error:
        raise private.unusable(path, error) from error
    if not text.startswith("ref:"):
        return Head("", text)
    ref = text[4:].strip()
    return Head(ref.removeprefix("refs/heads/"), read_ref(location.common_folder, ref))


def read_ref(common_folder: str, ref: str) -> str:
    """The commit that a full ref names, loose or packed; empty where there is none."""
    for _ in range(_SYMBOLIC_DEPTH):
        text = _read(os.path.join(common_folder, ref)).strip()
        if not text.startswith("ref:"):
            return text if is_commit_id(text) else _packed(common_folder, ref)
        ref = text[4:].strip()
    return ""


def is_commit_id(text: str) -> bool:
    """Whether the text is a whole object id, of either of git's lengths."""
    return len(text) in (40, 64) and not text.strip("0123456789abcdef")


def keeps_refs_in_files(location: Location) -> bool:
    """Whether refs can be read from files; git can also keep them in tables."""
    return not os.path.isdir(os.path.join(location.common_folder, "reftable"))


def state_folder(common_folder: str, environ: Mapping[str, str]) -> str:
    """The repository's private state: evidence, caches, locks. Created with mode 0700."""
    return _private_folder(common_folder, environ, "XDG_STATE_HOME", ".local/state")


def data_folder(common_folder: str, environ: Mapping[str, str]) -> str:
    """The repository's private data that must outlive a cleaned cache: approvals. Created with mode 0700."""
    return _private_folder(common_folder, environ, "XDG_DATA_HOME", ".local/share")


def _private_folder(common_folder: str, environ: Mapping[str, str], variable: str, default: str) -> str:
    root = environ.get(variable, "")
    if not os.path.isabs(root):
        root = os.path.join(environ.get("HOME") or os.path.expanduser("~"), default)
    folder = os.path.join(root, "checkpoint", name_of(common_folder))
    private.make_folder(folder)
    return folder


def name_of(common_folder: str) -> str:
    """The path as one readable file name, a different one for each path: `/home/me/api/.git` is `home+me+api`."""
    path = common_folder.removesuffix("/.git").strip("/")
    name = path.replace("%", "%25").replace("+", "%2B").replace("/", "+") or "+"
    if len(os.fsencode(name)) <= _NAME_LIMIT:
        return name
    digest = lazy.load("hashlib").sha256(os.fsencode(name)).hexdigest()
    return f"{os.fsdecode(os.fsencode(name)[-_NAME_LIMIT // 2 :])}%{digest}"


def _git_folder(path: str) -> str:
    """The git folder that `.git` is, or names; empty where it is no such thing."""
    if _is_git_folder(path):
        return path
    text = _read(path)
    if not text.startswith("gitdir:"):
        return ""
    target = os.path.realpath(os.path.join(os.path.dirname(path), text[7:].strip()))
    return target if os.path.isfile(os.path.join(target, "HEAD")) else ""


def _is_git_folder(path: str) -> bool:
    # HEAD may be a dangling link in old repositories: lexists.
    return os.path.lexists(os.path.join(path, "HEAD")) and os.path.isdir(os.path.join(path, "objects"))


def _common_folder(git_folder: str) -> str:
    text = _read(os.path.join(git_folder, "commondir")).strip()
    return os.path.realpath(os.path.join(git_folder, text)) if text else git_folder


def _packed(common_folder: str, ref: str) -> str:
    for line in _read(os.path.join(common_folder, "packed-refs")).splitlines():
        if line.endswith(f" {ref}") and line[0] not in "#^":
            return line.partition(" ")[0]
    return ""


def _read(path: str) -> str:
    """The text of a small file; empty where there is none."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return file.read()
    except OSError:
        return ""
