"""Whether nothing has happened since the last checkpoint that `checkpoint check` could find: then that has said it all.

As `checkpoint.sequel`, for the case that there is nothing to look into, and light enough for the fastest commands.
"""

from __future__ import annotations

import hashlib
import os
import time

from checkpoint import glance, marshalled
from checkpoint.lazy import load
from checkpoint.location import data_folder, keeps_refs_in_files, read_ref
from checkpoint.place import Place
from checkpoint.rules import KEPT_FOR, rules_of
from checkpoint.snapshot import Snapshot, open_snapshot

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_HERE = "here.marshal"
_MUCH = 5000
"""Tasks from which on folders are looked at by two processes."""
_SHA256 = 64


def untouched(place: Place) -> Snapshot | None:
    """The last checkpoint's snapshot, where all that it says still holds; None where somebody has to look."""
    snapshot = open_snapshot(place.store_folder)
    kept = snapshot.kept if snapshot else None
    if snapshot is None or kept is None or "headline" not in kept or kept["run"] != snapshot.document["report"]["id"]:
        return None
    approvals = os.path.join(data_folder(place.location.common_folder, os.environ), "approvals.json")
    if not 0 <= time.time() - kept["since"] < KEPT_FOR or any(row["restless"] for row in kept["rows"]):
        return None
    if kept["rules"] != rules_of(place.top, approvals, kept["settings"]) or not _is_plan_here(place, kept["blob"]):
        return None
    many = sum(team["count"]["tasks"] for team in snapshot.teams) > _MUCH
    return snapshot if _are_as_they_were(place, kept["rows"], many=many) else None


def note_plan(store_folder: str, plan_file: str, blob: str) -> None:
    """Keeps that the file in the work tree is that blob, for as long as it looks as it does. Raises Stalled."""
    marshalled.write(f"{store_folder}/{_HERE}", {"blob": blob, "stamp": _stamp(plan_file), "at": time.time_ns()})


def _is_plan_here(place: Place, blob: str) -> bool:
    known = marshalled.read(f"{place.store_folder}/{_HERE}")
    stamp = _stamp(place.plan_file)
    is_same = known and stamp and (known["blob"], known["stamp"]) == (blob, stamp)
    if is_same and max(known["stamp"][2:]) <= known["at"] - glance.UNSETTLED_NS:
        return True
    try:
        with open(place.plan_file, "rb") as file:
            content = file.read()
    except OSError:
        return False
    made = hashlib.new("sha256" if len(blob) == _SHA256 else "sha1", b"blob %d\0" % len(content), usedforsecurity=False)
    made.update(content)
    return made.hexdigest() == blob


def _stamp(path: str) -> tuple[int, ...] | None:
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _are_as_they_were(place: Place, rows: list[dict[str, Any]], *, many: bool) -> bool:
    """Whether every team's files look as they did."""
    on_disk = [row for row in rows if not row["team"]["ref"]]
    if not all(row["state"] for row in on_disk):
        return False
    refs = {row["team"]["ref"] for row in rows} - {""}
    if refs and not keeps_refs_in_files(place.location):
        return False
    common = place.location.common_folder
    commits = {ref: read_ref(common, f"refs/heads/{ref}") for ref in refs if _is_plain(ref)}
    if any(not row["commit"] or commits.get(row["team"]["ref"]) != row["commit"] for row in rows if row["team"]["ref"]):
        return False
    if not many or not on_disk:
        return all(_state(place.top, row) == row["state"] for row in on_disk)
    return _looked_at_by_two(lambda row: _state(place.top, row), on_disk)


def _looked_at_by_two(state: Callable[[dict[str, Any]], bytes], rows: list[dict[str, Any]]) -> bool:
    half = len(rows) // 2

    def work(say: Callable[[bytes], None]) -> None:
        say(b"=" if all(state(row) == row["state"] for row in rows[half:]) else b"!")

    copy = load("checkpoint.process").copied(work)
    try:
        mine = all(state(row) == row["state"] for row in rows[:half])
        return mine and copy.said(60.0) == b"="
    finally:
        copy.end()


def _state(top: str, row: dict[str, Any]) -> bytes:
    folder = row["team"]["folder"]
    is_outside = folder.startswith(("/", "~")) or ".." in folder.split("/")
    if is_outside:
        return b""  # whether it may be looked at is for the approvals to say
    found = glance.glance(top, folder)
    return b"" if found is None else glance.state_of(glance.packed(found))


def _is_plain(ref: str) -> bool:
    """Whether this is the name of a branch and nothing that leads elsewhere."""
    return ".." not in ref and not ref.startswith(("/", ".", "-", "refs/"))
