"""What every tree answers alike, whether it is a folder on disk or the tree of a commit."""

from __future__ import annotations

from collections.abc import Iterable

from checkpoint.globs import compile_glob, escapes, parts
from checkpoint.validator import NOTHING, Entry, Finding, Kind, Unreadable

ENTRIES_LIMIT = 200_000
"""The most files and folders that a glob, or a question about a whole folder, may look at."""
DEPTH_LIMIT = 100
"""The most folders within each other that these may look into."""

_NO_NAME = ("", ".", "..")
_WORDS: dict[Kind, str] = {
    "file": "a file",
    "folder": "a folder",
    "link": "a link",
    "submodule": "a submodule that is not checked out",
    "other": "a pipe, socket or device",
}


def is_name(path: str) -> bool:
    """Whether a path without a slash is the name of something."""
    return path not in _NO_NAME and "\0" not in path


def beneath(path: str) -> tuple[str, ...]:
    """The names in a path or glob. Raises Unreadable for one that leaves its tree."""
    if "/" not in path and is_name(path):
        return (path,)
    if escapes(path):
        shown = path.replace("\0", "\\0")
        raise Unreadable(
            Finding("a path inside the team's folder", f"`{shown}`", shown, "name a path below the folder")
        )
    return parts(path)


def select(pattern: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that a glob names, sorted by path: no folders for a `**` at its end, only folders for a `/`."""
    names = beneath(pattern)
    matches = compile_glob(pattern)
    found = [entry for entry in entries if matches(entry.path)]
    if pattern.endswith("/"):
        found = [entry for entry in found if entry.kind == "folder"]
    elif names[-1] == "**":
        found = [entry for entry in found if entry.kind != "folder"]
    return tuple(sorted(found, key=by_path))


def by_path(entry: Entry) -> str:
    return entry.path


def unreadable(path: str, kind: Kind) -> Unreadable:
    """The refusal to read what is no regular file."""
    return Unreadable(Finding("a regular file", _WORDS[kind], path, f"deliver `{path}` as a file"))


def absent(path: str) -> Unreadable:
    """The refusal to read what does not exist."""
    return Unreadable(Finding(f"`{path}`", NOTHING, path, f"deliver `{path}`"))


def too_large(path: str, size: int, limit: int) -> Unreadable:
    return Unreadable(Finding(f"at most {limit:,} bytes", f"{size:,} bytes", path, f"make `{path}` smaller"))


def too_many(path: str, limit: int) -> Unreadable:
    place = f"`{path}`" if path else "the team's folder"
    action = f"move what is generated out of {place}"
    return Unreadable(Finding(f"at most {limit:,} files and folders", "more", path, action))


def too_deep(path: str) -> Unreadable:
    action = f"flatten `{path.partition('/')[0]}`"
    return Unreadable(Finding(f"at most {DEPTH_LIMIT} folders within each other", "more", path[:200], action))
