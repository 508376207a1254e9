"""What a checkpoint leaves for the next one: enough to find out which teams it has to look into."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from checkpoint.plan.model import Plan, Settings, Task, Team
from checkpoint.plan.pieces import Piece, cut
from checkpoint.proof import Proof
from checkpoint.report import Report
from checkpoint.snapshot import Snapshot
from checkpoint.standing import can_stand
from checkpoint.validation.content import own_content
from checkpoint.verdicts import TeamReport, Verdict
from checkpoint.wording import headline

DIGEST = 16
"""Bytes of a content's digest that are kept."""
_OPENING = b"<!-- checkpoint:"


class Row(msgspec.Struct, frozen=True):
    """One team. Its section of the plan is the bytes from `start` to `stop`, which begin with the line `first`.

    `state` and `commit` are of how its files looked (`checkpoint.standing.Looked`). `restless`: some of its verdicts
    are to be judged at each checkpoint, whatever has changed, or its tasks stand on other lines than they did.
    """

    team: Team
    first: int
    start: int
    stop: int
    state: bytes = b""
    commit: str = ""
    restless: bool = False


class Kept(msgspec.Struct, frozen=True):
    """What is known after the checkpoint `run` of the plan whose blob that is; `made` is the newest on the branch.

    `waiting` maps tasks to the teams other than their own that wait for them, `done` are those of them that are done.
    `unblocks` counts the tasks that wait for one, where any does. `contents` are digests of what teams have delivered,
    one after the other. All was judged by these `rules`, the first part of it
    `since` then.
    """

    run: str
    made: str
    branch: str
    blob: str
    rules: str
    since: float
    title: str
    settings: Settings
    head: int
    rows: tuple[Row, ...]
    waiting: dict[str, tuple[str, ...]] = {}
    done: tuple[str, ...] = ()
    unblocks: dict[str, int] = {}
    contents: bytes = b""
    headline: str = ""
    status: int = 0
    """What `checkpoint check` says where nothing has changed: in a line, and by its exit status."""


def kept_after(
    plan: Plan, proof: Proof, report: Report, old: bytes, new: bytes, branch: str, made: str, blob: str
) -> Kept | None:
    """What to keep of a checkpoint that has looked at the whole plan, whose text was `old` and is `new` now.

    None where the next one has to look at the whole, too: there is something that only the whole plan tells.
    """
    settings, copies = plan.settings, plan.settings.copies == "refuse"
    if (
        plan.errors
        or plan.settings.approval == "strict"
        or report.weakened
        or report.foreign
        or any("teams" in each.uses for each in proof.verdicts)
    ):
        return None
    before = cut(old)
    after = before if new == old else cut(new)
    pieces = _pieces_of(plan, before)
    if pieces is None or len(before) != len(after) or not proof.looks:
        return None
    if not _has_blocks_in_place(plan, new, after, pieces):
        return None
    rows = []
    for team, found, at in zip(plan.teams, proof.teams, pieces, strict=True):
        looked = proof.looks[team.name]
        piece = after[at]
        bare = msgspec.structs.replace(team, tasks=(), line=0)
        was = before[at]
        moved = is_moved(team.tasks, was.first, old[was.start : was.stop], new[piece.start : piece.stop])
        restless = moved or is_restless(found)
        rows.append(Row(bare, piece.first, piece.start, piece.stop, looked.lasting, looked.commit, restless))
    looks = proof.looks.values()
    waiting = _waiting(plan.teams)
    return Kept(
        run=report.id,
        made=made,
        branch=branch,
        blob=blob,
        rules=next((each.rules for each in looks), ""),
        since=min((each.since for each in looks), default=0.0),
        title=plan.title,
        settings=settings,
        head=after[0].stop,
        rows=tuple(rows),
        waiting=waiting,
        done=done_of(proof.teams, waiting),
        unblocks={task: number for task, number in proof.unblocks.items() if number},
        contents=b"".join(sorted(contents(proof.verdicts))) if copies else b"",
        headline=verdict_of(report),
        status=report.exit_code,
    )


def verdict_of(report: Report) -> str:
    """What a report comes to, in a line."""
    return ("proven: " if report.is_proven else "not proven: ") + headline(report)


def _pieces_of(plan: Plan, pieces: list[Piece]) -> list[int] | None:
    """The number of each team's piece; None where one holds more than one team, or the head holds one."""
    firsts = [piece.first for piece in pieces]
    found = [bisect_right(firsts, team.line) - 1 for team in plan.teams]
    return found if 0 not in found and len(set(found)) == len(found) else None


def _has_blocks_in_place(plan: Plan, text: bytes, pieces: list[Piece], numbers: list[int]) -> bool:
    """Whether the status stands in the head, and what is next for a team in its own piece, as far as they do stand."""
    teams = {number: team.name.encode() for number, team in zip(numbers, plan.teams, strict=True)}
    for number, piece in enumerate(pieces):
        name = teams.get(number, b"")
        own = b"<!-- checkpoint:next %s -->" % name if name else b"<!-- checkpoint:status -->"
        many = text.count(_OPENING, piece.start, piece.stop)
        if many > (0 if number and not name else text.count(own, piece.start, piece.stop)):
            return False
    return True


def is_restless(team: TeamReport) -> bool:
    return any(not can_stand(verdict) for task in team.tasks for verdict in task.verdicts)


def is_moved(tasks: Iterable[Task], first: int, old: bytes, new: bytes) -> bool:
    """Whether these do not stand any more where they stood in a section that began with the line `first`.

    Its block may stand in front of them. Of their boxes nothing is said.
    """
    if old.count(b"\n") == new.count(b"\n"):
        return False
    at = max((task.line - first for task in tasks), default=0)
    was, now = old.split(b"\n")[at], new.split(b"\n")[at : at + 1]
    return [was.partition(b"]")[2]] != [line.partition(b"]")[2] for line in now]


def _waiting(teams: Iterable[Team]) -> dict[str, tuple[str, ...]]:
    waiting: dict[str, tuple[str, ...]] = {}
    for team in teams:
        own = {task.id for task in team.tasks}
        for other in sorted({other for task in team.tasks for other in task.after} - own):
            waiting[other] = (*waiting.get(other, ()), team.name)
    return waiting


def done_of(teams: Iterable[TeamReport], among: Mapping[str, object]) -> tuple[str, ...]:
    """The tasks of these teams that are done, as far as others wait for them."""
    if not among:
        return ()
    return tuple(task.id for team in teams for task in team.tasks if task.id in among and task.is_done)


def contents(verdicts: Iterable[Verdict]) -> set[bytes]:
    """Digests of what teams have delivered, and nobody else may."""
    return {bytes.fromhex(seen.digest)[:DIGEST] for verdict in verdicts for seen in own_content(verdict)}


def read_kept(snapshot: Snapshot | None) -> Kept | None:
    """What the checkpoint has left whose snapshot that is; None where it could leave nothing."""
    kept: dict[str, Any] | None = snapshot.kept if snapshot else None
    try:
        return msgspec.convert(kept, Kept) if kept else None
    except msgspec.ValidationError:
        return None  # another version of ours wrote it differently
