"""Which way a proof has gone stale: the exact comparison, for artifacts that were touched."""

from __future__ import annotations

import hashlib
from typing import Any

from checkpoint.documents import Freshness
from checkpoint.files import Folder
from checkpoint.validation.content import looked_at
from checkpoint.validator import Entry, Tree, Unreadable


def changed(verdict: dict[str, Any], root: str) -> Freshness | None:
    """`missing`, `stale`, or None where the content is what the verdict saw after all."""
    with Folder(root, root) as tree:
        try:
            return _compare(verdict, tree)
        except Unreadable:
            return "stale"


def _compare(verdict: dict[str, Any], tree: Tree) -> Freshness | None:
    before = {each["path"]: each for each in verdict["seen"] if not each["path"].endswith("/")}
    now = [e for e in looked_at(tree, verdict["artifact"], tree.find(verdict["artifact"])) if e.kind != "folder"]
    if not now:
        return None if _was_nothing(before) else "missing"
    if _was_nothing(before) or len(now) != len(before):
        return "stale"
    return None if all(_is_same(before.get(entry.path), entry, tree) for entry in now) else "stale"


def _was_nothing(before: dict[str, dict[str, Any]]) -> bool:
    return all(each.get("size") == -1 for each in before.values())


def _is_same(before: dict[str, Any] | None, entry: Entry, tree: Tree) -> bool:
    if before is None or before.get("size", 0) != entry.size:
        return False
    if before.get("modified", 0) == entry.modified:
        return True
    digest = before.get("digest")
    return bool(digest) and digest == hashlib.sha256(tree.read(entry.path)).hexdigest()
