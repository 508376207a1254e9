"""Objects read by their names, several with one process, and the raw form of trees."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from checkpoint.errors import InternalError, PublishError
from checkpoint.git import loose
from checkpoint.git.batch import Object, parse_batch
from checkpoint.git.command import Git
from checkpoint.lazy import load
from checkpoint.location import is_commit_id
from checkpoint.process import LIMIT

_SHA256 = 64


class TreeEntry(msgspec.Struct, frozen=True):
    """One line of a raw tree. `mode` as git stores it: `100644`, `100755`, `40000`, `120000`, `160000`."""

    mode: str
    name: bytes
    id: str

    @property
    def is_folder(self) -> bool:
        return self.mode == "40000"


def read_objects(git: Git, names: Sequence[str], limit: int = LIMIT) -> list[Object | None]:
    """The objects of these names (`main`, `main^{tree}`, `main:docs/plan.md`), None where there is none.

    A name with a line end cannot be asked for and gives None. Those that lie by themselves in a folder that is known
    are read there, all others by one process. Raises PublishError where git fails, or they are larger together than
    `limit` bytes.
    """
    found: dict[str, Object | None] = {}
    if git.objects:
        found.update(_read_loose(git.objects, names, limit))
    asked = [name for name in dict.fromkeys(names) if name not in found and "\n" not in name]
    if asked:
        found.update(zip(asked, _ask(git, asked, limit), strict=True))
    return [found.get(name) for name in names]


def read_all(git: Git, names: Sequence[str], limit: int = LIMIT) -> list[Object]:
    """The same, where all must be there. Raises PublishError where one is not, too."""
    found = [each for each in read_objects(git, names, limit) if each is not None]
    if len(found) < len(names):
        why = "the repository is damaged, or somebody has tidied it up too well"
        raise PublishError(f"objects are missing: {len(names) - len(found)} of {len(names)}", why=why, mend="git fsck")
    return found


def _ask(git: Git, names: Sequence[str], limit: int) -> Iterable[Object | None]:
    if git.reader is not None:
        return git.reader.read(names, limit)
    lines = os.fsencode("".join(f"{name}\n" for name in names))
    return parse_batch(git.run("cat-file", "--batch", data=lines, limit=limit))


def _read_loose(folder: str, names: Iterable[str], limit: int) -> dict[str, Object]:
    """Those of the objects that are to be had without git."""
    seen: dict[str, Object | None] = {}

    def look(name: str) -> Object | None:
        if name not in seen:
            read = loose.read(folder, name, limit)
            seen[name] = Object(name, *read) if read else None
        return seen[name]

    found = {name: each for name in names if (each := _find_loose(name, look)) is not None}
    return found if sum(len(each.content) for each in found.values()) <= limit else {}


def _find_loose(name: str, look: Callable[[str], Object | None]) -> Object | None:
    """The object of an id, or at a path of a commit of that id."""
    start, has_path, path = name.partition(":")
    found = look(start) if is_commit_id(start) else None
    if not has_path or found is None:
        return found
    found = look(tree_of(found.content)) if found.type == "commit" else None
    for part in path.split("/") if path else ():
        is_tree = found is not None and found.type == "tree"
        entry = find_entry(found.content, os.fsencode(part), len(start) // 2) if found and is_tree else None
        found = look(entry.id) if entry else None
    return found


def tree_of(commit: bytes) -> str:
    """The id of a commit's tree."""
    return commit[len(b"tree ") : commit.index(b"\n")].decode()


def parse_tree(raw: bytes, id_bytes: int = 20) -> Iterator[TreeEntry]:
    """The entries of a raw tree, in its order. `id_bytes` is 32 in a repository of SHA-256."""
    return (_entry(raw, each, id_bytes) for each in _entries(raw, id_bytes))


def find_entry(raw: bytes, name: bytes, id_bytes: int = 20) -> TreeEntry | None:
    """The entry of that name."""
    for each in _entries(raw, id_bytes):
        if each[2] - each[1] - 1 == len(name) and raw.startswith(name, each[1] + 1):
            return _entry(raw, each, id_bytes)
    return None


def lines_of(raw: bytes, id_bytes: int = 20) -> Iterator[bytes]:
    """The entries of a raw tree, each as it stands there."""
    return (raw[start : end + 1 + id_bytes] for start, _, end in _entries(raw, id_bytes))


def _entries(raw: bytes, id_bytes: int) -> Iterator[tuple[int, int, int]]:
    """Where each entry begins, has the blank before its name, and the end of that."""
    at, find = 0, raw.index
    while at < len(raw):
        space = find(b" ", at)
        end = find(b"\0", space)
        yield at, space, end
        at = end + 1 + id_bytes


def _entry(raw: bytes, at: tuple[int, int, int], id_bytes: int) -> TreeEntry:
    start, space, end = at
    return TreeEntry(raw[start:space].decode(), raw[space + 1 : end], raw[end + 1 : end + 1 + id_bytes].hex())


def replace_entry(raw: bytes, name: bytes, new_id: str) -> bytes:
    """The raw tree with another object under a name that it has; mode and order stay."""
    return build_tree(
        TreeEntry(entry.mode, entry.name, new_id) if entry.name == name else entry
        for entry in _required(raw, name, len(new_id) // 2)
    )


def build_tree(entries: Iterable[TreeEntry]) -> bytes:
    """The raw tree of entries that are in git's order."""
    return b"".join(b"%s %s\0%s" % (e.mode.encode(), e.name, bytes.fromhex(e.id)) for e in entries)


def _required(raw: bytes, name: bytes, id_bytes: int) -> list[TreeEntry]:
    entries = list(parse_tree(raw, id_bytes))
    if not any(entry.name == name for entry in entries):
        raise InternalError(f"a tree holds no {os.fsdecode(name)!r}")
    return entries


def blob_id(content: bytes, like: str) -> str:
    """The id of that content in a repository whose ids are as long as this one."""
    algorithm = "sha256" if len(like) == _SHA256 else "sha1"
    made = load("hashlib").new(algorithm, b"blob %d\0" % len(content), usedforsecurity=False)
    made.update(content)
    found: str = made.hexdigest()
    return found
