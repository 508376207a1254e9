"""What `checkpoint status` and `checkpoint next` read at once: the last report, ready as plain data.

The document of all teams, with what there is to say of each team's tasks beside it, to be read by itself: so what was
found of teams that nobody has touched is neither read nor written again. Kept by `checkpoint.marshalled`: reading JSON
would take a tenth of the whole command.
"""

from __future__ import annotations

import os

from checkpoint import marshalled, pack, private

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    Body = dict[str, Any]
    """What is kept of a team beside the document: its `tasks` and its `actions` as a report has them, and more."""

_NAME = "status.marshal"
_PACK = "teams-"
_TRIES = 3
"""A snapshot can be replaced while it is read."""


class Snapshot:
    """The document as it was written, teams without their tasks and actions; `body` has those.

    `kept` is what the checkpoint has left for the next one (`checkpoint.kept`).
    """

    def __init__(
        self, folder: str, document: dict[str, Any], file: str, spans: list[pack.Span], kept: dict[str, Any] | None
    ) -> None:
        self.document = document
        self.kept = kept
        self.file = file
        self.spans = spans
        self.path = os.path.join(folder, file)
        self._pack = pack.Pack(self.path)
        self._names = {team["name"]: at for at, team in enumerate(self.teams)}

    @property
    def teams(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.document["report"]["teams"]
        return found

    def team(self, name: str) -> dict[str, Any]:
        """What the document says of a team that it has."""
        return self.teams[self._names[name]]

    @property
    def is_whole(self) -> bool:
        """Whether what is kept beside the document is all there; it stays so for whoever has asked."""
        return self._pack.holds(self.spans)

    def span(self, team: str) -> pack.Span | None:
        at = self._names.get(team)
        return None if at is None else self.spans[at]

    def body(self, team: str) -> Body | None:
        """None for a team that was not there, or where it cannot be read: then there is a newer snapshot."""
        span = self.span(team)
        found: Body | None = None if span is None else self._pack.read(span)
        return found


def write_snapshot(
    folder: str,
    document: dict[str, Any],
    bodies: Iterable[Body | None],
    old: Snapshot | None,
    kept: dict[str, Any] | None = None,
) -> None:
    """Replaces the snapshot in the store's folder. Raises Stalled where that is impossible.

    There is a body for each of the document's teams, in their order; None where it is as it was in the `old` snapshot.
    """
    private.make_folder(folder)
    begins = old is None or pack.is_crowded(old.path, old.spans)
    file = f"{_PACK}{os.urandom(8).hex()}" if old is None or begins else old.file
    spans: list[pack.Span | None] = []

    def written() -> Iterable[Body]:
        for team, body in zip(document["report"]["teams"], bodies, strict=True):
            if body is None and old is not None and not begins:
                spans.append(old.span(team["name"]))
            else:
                spans.append(None)
                yield (body or (old.body(team["name"]) if old else None)) or {}

    added = iter(pack.add(f"{folder}/{file}", written()))
    packed = {"file": file, "spans": [span or next(added) for span in spans]}
    marshalled.write(f"{folder}/{_NAME}", {"document": document, "packed": packed, "kept": kept})
    if begins:
        _forget_others(folder, file)


def _forget_others(folder: str, file: str) -> None:
    for name in os.listdir(folder):
        if name.startswith(_PACK) and name != file:
            private.discard(f"{folder}/{name}")


def open_snapshot(folder: str) -> Snapshot | None:
    """The last one; None before the first checkpoint, or where another version of Python or of ours wrote it."""
    found = marshalled.read(f"{folder}/{_NAME}")
    try:
        packed = found["packed"]
        return Snapshot(folder, found["document"], packed["file"], packed["spans"], found["kept"])
    except (KeyError, TypeError):
        return None


def read_snapshot(folder: str, only: str = "") -> dict[str, Any] | None:
    """The document of the last one with all that is kept of each team in its place; None in the same cases.

    With the name of a team, that of this `only`; there are no others then, but where there is none of that name.
    """
    for _ in range(_TRIES):
        snapshot = open_snapshot(folder)
        if snapshot is None:
            return None
        wanted = [team for team in snapshot.teams if only in ("", team["name"])]
        snapshot.document["report"]["teams"] = wanted or snapshot.teams
        if all(_put_back(snapshot, team) for team in wanted):
            return snapshot.document
    return None


def _put_back(snapshot: Snapshot, team: dict[str, Any]) -> bool:
    body = snapshot.body(team["name"])
    if body is None or not {"tasks", "actions"} <= body.keys():
        return False
    team["tasks"] = body["tasks"]
    snapshot.document["report"]["actions"][team["name"]] = body["actions"]
    return True
