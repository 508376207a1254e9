"""What a person has read and approved: the commands and plug-ins that a plan may run, and the like.

One file a repository, private, outside the repository, in JSON that a person can read.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from checkpoint import private
from checkpoint.errors import Stalled

Kind: TypeAlias = Literal["command", "plugin", "template", "folder", "baseline"]


class Item(msgspec.Struct, frozen=True):
    """One thing to approve: `name` says which, `digest` is the sha256 of all of its content, `text` is for reading."""

    kind: Kind
    name: str
    digest: str
    text: str


def item(kind: Kind, name: str, content: bytes) -> Item:
    """The item with that content: a command line, a file, a whole plan. What is no UTF-8 is shown escaped."""
    return Item(kind, name, hashlib.sha256(content).hexdigest(), content.decode(errors="backslashreplace"))


class Approval(msgspec.Struct, frozen=True):
    """An item as somebody approved it. `key` binds it to the repository's path; `at` is UTC (ISO 8601)."""

    item: Item
    key: str
    by: str
    at: str


class Change(msgspec.Struct, frozen=True):
    """How an item differs from what is approved: `before` is None for a new one, `after` None for one that is gone."""

    kind: Kind
    name: str
    before: str | None
    after: str | None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    repository: str
    approvals: tuple[Approval, ...]
    version: Literal[1] = 1


class Approvals:
    """The approvals of one repository, whose real path is part of each: a copy elsewhere is not approved.

    Raises Stalled, here and in `approve`, where the file or its folder is not the user's alone or cannot be read.
    """

    def __init__(self, path: str, repository: str) -> None:
        self.path = path
        self._repository = os.path.realpath(repository)
        self._approvals = {(each.item.kind, each.item.name): each for each in _load(path)}

    def is_approved(self, item: Item) -> bool:
        """Whether exactly this was approved for this repository."""
        approval = self._approvals.get((item.kind, item.name))
        return approval is not None and approval.key == self._key(item)

    def text(self, kind: Kind, name: str) -> str | None:
        """What was approved under that name; None where nothing was."""
        approval = self._approvals.get((kind, name))
        return approval.item.text if approval and self.is_approved(approval.item) else None

    def changes(self, items: Iterable[Item]) -> tuple[Change, ...]:
        """What would change if exactly these items were approved, sorted by kind and name."""
        wanted = {(item.kind, item.name): item for item in items}
        unapproved = {name for name, item in wanted.items() if not self.is_approved(item)}
        return tuple(
            Change(*name, self.text(*name), wanted[name].text if name in wanted else None)
            for name in sorted(unapproved | (self._approvals.keys() - wanted.keys()))
        )

    def approve(self, items: Iterable[Item], by: str, now: float) -> None:
        """Approves exactly these items, and nothing else any more. What was approved before keeps its who and when.
        The file is left alone where nothing changes: `serve` takes a change of it for a reason to look again.

        `by` says who approves, `now` is in seconds since the epoch.
        """
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        new = {
            (item.kind, item.name): self._approvals[item.kind, item.name]
            if self.is_approved(item)
            else Approval(item, self._key(item), by, at)
            for item in items
        }
        if new == self._approvals:
            return
        file = _File(self._repository, tuple(new[name] for name in sorted(new)))
        private.make_folder(os.path.dirname(self.path))
        private.write(self.path, msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n")
        self._approvals = new

    def _key(self, item: Item) -> str:
        return hashlib.sha256(msgspec.json.encode((self._repository, item.kind, item.name, item.digest))).hexdigest()


def _load(path: str) -> tuple[Approval, ...]:
    content = private.read(path)
    if content is None:
        return ()
    try:
        return msgspec.json.decode(content, type=_File).approvals
    except msgspec.DecodeError as error:
        mend = f"look into it, remove it, and approve again: rm '{path}'"
        raise Stalled(f"the approvals in {path} cannot be read", why=str(error), mend=mend) from error
