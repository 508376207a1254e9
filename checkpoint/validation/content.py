"""What a verdict saw, as digests; and whether two teams deliver the same thing."""

from __future__ import annotations

import hashlib
import itertools
import os.path
import re
from collections.abc import Collection, Iterable, Iterator

import msgspec
from msgspec.structs import replace

from checkpoint.globs import is_glob, start
from checkpoint.lazy import load, pattern
from checkpoint.validator import NOTHING, TEXT_LIMIT, Entry, Finding, Tree
from checkpoint.verdicts import Seen, Verdict

HASH_LIMIT = 64 * 1024 * 1024
"""Larger files are bound to a verdict by size and time of change alone."""
COPY_LEAST = 64
"""Bytes below which two teams may deliver the same by accident (a licence line, an empty object)."""

_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_LIMIT = 1024
_WORD = pattern(r"[\w.-]+")
_SECRET = pattern(r"(?:secret|token|passw|pwd|passphrase|key|credential|authorization)[\w-]*", re.IGNORECASE)
_MOST_NAMES = 8
_LINE = pattern(r"(?::[0-9]+)+$")
_SAYS_THE_CONTENT = {"same-as", "sha256"}


def looked_at(tree: Tree, pattern: str, entries: Iterable[Entry]) -> list[Entry]:
    """All that decides what a path or glob names: its entries, what lies below folders, and the folders themselves.

    A folder's time of change tells when a name appears in it or goes.
    """
    found = list(entries)
    if not found and not is_glob(pattern):
        return found
    for entry in entries:
        if entry.kind == "folder":
            found += tree.below(entry.path)
    if not is_glob(pattern) and len(found) <= 1:
        return found
    known = {entry.path for entry in found}
    holders = {os.path.dirname(entry.path) for entry in found} | {"/".join(start(pattern))}
    return found + _folders(tree, holders - known)


def _folders(tree: Tree, paths: set[str]) -> list[Entry]:
    found = (tree.entry(path) for path in sorted(paths))
    return [entry for entry in found if entry and entry.kind == "folder"]


class Content:
    """Looks at files of one tree, each once. With `every`, each is read and bound to a verdict by its digest; without,
    only those are that a validator reads, and the others are bound by size and time of change.
    """

    def __init__(self, tree: Tree, *, every: bool = True) -> None:
        self._tree = tree
        self._every = every
        self._seen: dict[str, Seen] = {}
        self._read: dict[str, str] = {}
        self._last = ("", b"")
        self.has_read = False
        """Whether anything was read since `begin`."""

    def begin(self) -> None:
        """Begins with another artifact; what a file held a moment ago may be known still, but is not what it holds."""
        self._last = ("", b"")
        self._read = {}
        self.has_read = False

    def seen(self, entry: Entry, *, whole: bool = False) -> Seen:
        """The entry's signature, a folder's with a slash at its end; `whole` has its digest in any case.

        Raises Unreadable where a file cannot be read.
        """
        if entry.kind == "folder":
            return Seen(f"{entry.path.rstrip('/') or '.'}/", 0, entry.modified)
        known = self._seen.get(entry.path) if self._seen else None
        if known is not None and known.modified == entry.modified and known.size == entry.size:
            return known
        digest = self._digest(entry, read=self._every or whole)
        found = Seen(entry.path, entry.size, entry.modified, digest)
        if digest:
            self._seen[entry.path] = found
        return found

    def completed(self, seen: list[Seen]) -> list[Seen]:
        """The signatures with the digests of what has been read meanwhile."""
        return [each if each.digest else replace(each, digest=self._read.get(each.path, "")) for each in seen]

    def _digest(self, entry: Entry, *, read: bool) -> str:
        if entry.kind != "file" or entry.size > HASH_LIMIT:
            return ""
        if entry.blob or not read:
            return entry.blob
        return hashlib.sha256(self.read(entry.path, HASH_LIMIT)).hexdigest()

    def read(self, path: str, limit: int = TEXT_LIMIT) -> bytes:
        """The file as the tree has it; one that has just been read is not read again."""
        if self._last[0] == path and path and len(self._last[1]) <= limit:
            return self._last[1]
        content = self._tree.read(path, limit)
        self.has_read = True
        self._last = (path, content)
        if not self._every and len(content) <= HASH_LIMIT:
            self._read[path] = hashlib.sha256(content).hexdigest()
        return content

    def is_pointer(self, entry: Entry) -> bool:
        """Whether a file is a Git LFS pointer, that is, not the content itself."""
        return entry.size < _LFS_POINTER_LIMIT and self.read(entry.path, HASH_LIMIT).startswith(_LFS_POINTER)


def visible(text: str) -> str:
    """The text with what cannot be shown or stored escaped: names of files may hold any bytes but two."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shown(finding: Finding) -> Finding:
    """The finding, each part of it on one line that does nothing to a terminal, and without secrets.

    It may quote an artifact, and goes into the plan, notices and `--json`.
    """
    finding = _with_quotable_name(finding)
    if finding.found == NOTHING:
        return Finding(*map(visible, msgspec.structs.astuple(finding)))
    found = _named_secret(finding)
    return Finding(*map(_without_secrets, (finding.expected, found, finding.where, finding.action)))


def _with_quotable_name(finding: Finding) -> Finding:
    """The finding, in which the artifact's name cannot end the quotes that it stands in."""
    name = _LINE.sub("", finding.where)
    if "`" not in name:
        return finding
    return Finding(*(each.replace(name, name.replace("`", "'")) for each in msgspec.structs.astuple(finding)))


def _named_secret(finding: Finding) -> str:
    """What was found, without what is a secret only by the name that `expected` or `where` has for it."""
    found = finding.found
    for name in itertools.islice(_secret_names(f"{finding.expected} {finding.where}"), _MOST_NAMES):
        said = load("checkpoint.redaction").redact(f"{name}: {found}")
        if "[redacted: " in said and "[redacted: " not in found:
            found = said.removeprefix(f"{name}: ")
    return found


def _secret_names(text: str) -> Iterator[str]:
    """Words that could be a secret's name, up to their last part that says so. One pattern for both is quadratic."""
    for word in _WORD.findall(text):
        ends = [found.end() for found in _SECRET.finditer(word)]
        if ends:
            yield word[: ends[-1]]


def _without_secrets(text: str) -> str:
    redaction = load("checkpoint.redaction")
    plain = redaction.strip_controls(text)
    redacted = redaction.redact(plain)
    return visible(text if redacted == plain else redacted)


def digest_of(seen: Seen) -> str:
    """The digest of a verdict that looked at nothing else."""
    text = f"{seen.path}\0{seen.size}\0{seen.digest or seen.modified}\0"
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def digest(seen: Iterable[Seen]) -> str:
    """One digest over everything that a verdict looked at."""
    text = "".join([f"{each.path}\0{each.size}\0{each.digest or each.modified}\0" for each in seen])
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


class _Owner(msgspec.Struct, frozen=True):
    """Who delivered a content first; `rank` orders the claims to it."""

    rank: tuple[bool, int]
    team: str
    path: str


def refuse_copies(verdicts: list[Verdict], proven: Collection[str] = ()) -> list[Verdict]:
    """Fails what passed although another team delivered the very same content first.

    First is who was `proven` by the last checkpoint, since a time of change can be set at will; then the earlier time,
    then the plan's order.
    """
    owners: dict[str, _Owner] = {}
    proven = frozenset(proven)
    for verdict in verdicts:
        for seen in own_content(verdict):
            owner = _Owner((verdict.task not in proven, seen.modified), verdict.team, seen.path)
            first = owners.get(seen.digest)
            if first is None or (first.team != verdict.team and owner.rank < first.rank):
                owners[seen.digest] = owner
    return [_fail_if_copied(verdict, owners) for verdict in verdicts]


def own_content(verdict: Verdict) -> list[Seen]:
    """The files behind a passed verdict that nobody else may deliver."""
    if verdict.outcome != "passed" or verdict.validator in _SAYS_THE_CONTENT:
        return []
    return [seen for seen in verdict.seen if seen.digest and seen.size >= COPY_LEAST]


def _fail_if_copied(verdict: Verdict, owners: dict[str, _Owner]) -> Verdict:
    findings = tuple(
        Finding(
            "work of this team's own",
            f"the same content as {owners[seen.digest].team}'s `{owners[seen.digest].path}`",
            seen.path,
            f"deliver this team's own `{seen.path}`",
        )
        for seen in own_content(verdict)
        if owners[seen.digest].team != verdict.team
    )
    if not findings:
        return verdict
    return replace(verdict, outcome="failed", findings=findings, uses=tuple(sorted({*verdict.uses, "teams"})))
