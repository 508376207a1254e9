"""What a verdict saw, as digests; and whether two teams deliver the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from checkpoint.validator import Entry, Finding, Tree, Unreadable
from checkpoint.verdicts import Seen, Verdict

HASH_LIMIT = 64 * 1024 * 1024
"""Larger files are bound to a verdict by size and time of change alone."""
COPY_LEAST = 64
"""Bytes below which two teams may deliver the same by accident (a licence line, an empty object)."""

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_LIMIT = 1024
_SAYS_THE_CONTENT = {"same-as", "sha256"}


class Content:
    """Looks at files of one tree, each once."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._seen: dict[str, Seen] = {}

    def seen(self, entry: Entry) -> Seen:
        """The entry's signature. Raises Unreadable where a file cannot be read."""
        if entry.path not in self._seen:
            self._seen[entry.path] = Seen(entry.path, entry.size, entry.modified, self._digest(entry))
        return self._seen[entry.path]

    def _digest(self, entry: Entry) -> str:
        if entry.kind != "file" or entry.size > HASH_LIMIT:
            return ""
        return entry.blob or hashlib.sha256(self._tree.read(entry.path, HASH_LIMIT)).hexdigest()

    def is_pointer(self, entry: Entry) -> bool:
        """Whether a file is a Git LFS pointer, that is, not the content itself."""
        return entry.size < _LFS_POINTER_LIMIT and self._tree.read(entry.path, HASH_LIMIT).startswith(_LFS_POINTER)


def digest(seen: Iterable[Seen]) -> str:
    """One digest over everything that a verdict looked at."""
    total = hashlib.sha256()
    for each in seen:
        total.update(f"{each.path}\0{each.size}\0{each.digest or each.modified}\0".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def refuse_copies(verdicts: list[Verdict]) -> list[Verdict]:
    """Fails what passed although another team delivered the very same content first.

    The later one by time of change is the copy; where times say nothing, the later one in the plan.
    """
    owners: dict[str, tuple[int, str, str]] = {}
    for verdict in verdicts:
        for seen in _own(verdict):
            owner = (seen.modified, verdict.team, seen.path)
            first = owners.get(seen.digest)
            if first is None or (first[1] != verdict.team and owner[0] < first[0]):
                owners[seen.digest] = owner
    return [_judge(verdict, owners) for verdict in verdicts]


def _own(verdict: Verdict) -> list[Seen]:
    if verdict.outcome != "passed" or verdict.validator in _SAYS_THE_CONTENT:
        return []
    return [seen for seen in verdict.seen if seen.digest and seen.size >= COPY_LEAST]


def _judge(verdict: Verdict, owners: dict[str, tuple[int, str, str]]) -> Verdict:
    findings = tuple(
        Finding(
            "work of this team's own",
            f"the same content as {owners[seen.digest][1]}'s `{owners[seen.digest][2]}`",
            seen.path,
            f"deliver this team's own `{seen.path}`",
        )
        for seen in _own(verdict)
        if owners[seen.digest][1] != verdict.team
    )
    return msgspec.structs.replace(verdict, outcome="failed", findings=findings) if findings else verdict

