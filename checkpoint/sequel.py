"""The next checkpoint of a plan that nobody has changed since the last one: it looks into the teams that may differ.

It finds what looking at the whole plan would find, or nothing (None): then the whole is looked at. Of the teams that it
does not look into, it says what the last checkpoint has found, and leaves their sections as they are; so whoever edits
what is kept of them cannot have a box ticked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from checkpoint.actions import Action
from checkpoint.errors import Stalled
from checkpoint.folded import Folded, FoldedMap
from checkpoint.git.objects import blob_id
from checkpoint.git.source import Tip
from checkpoint.kept import DIGEST, Kept, Row, contents, done_of, is_moved, is_restless, read_kept, verdict_of
from checkpoint.plan.edit import Key
from checkpoint.plan.model import Plan, Task, Team
from checkpoint.plan.part import edited
from checkpoint.plan.pieces import read_team
from checkpoint.proof import Elsewhere, Proof, prove
from checkpoint.record import Record
from checkpoint.report import Report
from checkpoint.rules import KEPT_FOR
from checkpoint.snapshot import Snapshot
from checkpoint.standing import Looked, looking
from checkpoint.store.runs import Run
from checkpoint.summaries import team_trailer
from checkpoint.validation.engine import Announce, Evidence, Progress
from checkpoint.validation.sharing import hands
from checkpoint.verdicts import Before, Count, TaskReport, TeamReport
from checkpoint.workspace import Workspace

MUCH = 5000
"""Tasks from which on a plan's folders are looked at by two processes."""


class Sequel:
    """One such checkpoint. `text` is the plan, `fetched` its commit, or "" for what lies in the work tree."""

    def __init__(self, workspace: Workspace, snapshot: Snapshot, kept: Kept, text: bytes, fetched: str) -> None:
        self._workspace = workspace
        self._snapshot = snapshot
        self._kept = kept
        self._text = text
        self._fetched = fetched
        bare = Plan(kept.settings, kept.title, tuple(row.team for row in kept.rows))
        self._standing = workspace.standing(bare, snapshot, fetched)
        self._looks: dict[str, Looked] = {}
        self._taken: dict[str, Team] = {}

    @property
    def is_known(self) -> bool:
        """Whether what is kept still counts: the same rules, not too old, and all of it there."""
        age = self._workspace.now - self._kept.since
        return self._standing.rules == self._kept.rules and 0 <= age < KEPT_FOR and self._snapshot.is_whole

    def prove(self, keep: Evidence, progress: Progress, announce: Announce, known: Before | None = None) -> Proof:
        """Judges what may have another outcome. `known` is what the journal has of the last checkpoint."""
        names = self._differing()
        while True:
            found = self._prove(names, keep, progress, announce, known)
            more = self._waiting_for(found) - names
            if not more:
                break
            names |= more
        if not self._is_own(found):
            raise NotEnough
        return self._whole(found)

    def _differing(self) -> set[str]:
        """The teams to be looked into. Where there is much to look at, a copy of this process looks at half of it."""
        rows = self._kept.rows
        half = len(rows) // 2 if self._is_much else len(rows)
        with looking(self._standing, [row.team for row in rows[half:]]) as states:
            found = {row.team.name for row in rows[:half] if self._differs(row)}
            for row, state in zip(rows[half:], states(), strict=True):
                if row.state and row.state == state and not row.restless:
                    self._looks[row.team.name] = Looked(self._workspace.now, self._standing.rules, state=state)
                elif self._differs(row):
                    found.add(row.team.name)
        return found

    @property
    def _is_much(self) -> bool:
        tasks = sum(team["count"]["tasks"] for team in self._snapshot.teams)
        return tasks > MUCH and hands() > 1 and not any(row.team.ref for row in self._kept.rows)

    def _differs(self, row: Row) -> bool:
        """Whether the team is to be looked into."""
        hint = self._standing.hint(row.team)
        if hint and hint == row.state and not row.restless:
            self._looks[row.team.name] = Looked(self._workspace.now, self._standing.rules, state=hint)
            return False
        looked = self._looks[row.team.name] = self._standing.look(row.team)
        if row.restless:
            return True
        if row.team.ref:
            touched = self._standing.touched_between(row.team, row.commit, looked.commit)
            return touched is None or bool(touched)
        return not row.state or row.state != looked.state

    def _prove(
        self, names: set[str], keep: Evidence, progress: Progress, announce: Announce, known: Before | None
    ) -> Proof:
        """Looks into these teams."""
        rows = [row for row in self._kept.rows if row.team.name in names]
        teams = [self._read(row) for row in rows]
        self._taken = {team.name: team for team in teams}
        plan = Plan(self._kept.settings, self._kept.title, tuple(self._taken.values()))
        before = Before.of(self._report(row) for row in rows)
        if known and not _agree(before, known, plan):
            raise NotEnough
        elsewhere = Elsewhere(frozenset(self._kept.done) - plan.tasks.keys(), self._kept.unblocks)
        return prove(
            self._workspace,
            plan,
            before,
            keep,
            progress,
            announce,
            self._fetched,
            self._snapshot,
            elsewhere,
            self._looks,
        )

    def _read(self, row: Row) -> Team:
        """The team as its section has it, lines counted in the whole plan."""
        team = read_team(self._text[row.start : row.stop])
        if team is None or replace(team, tasks=(), line=0) != row.team:
            raise NotEnough
        return replace(
            team, tasks=tuple(_moved(task, row.first - 1) for task in team.tasks), line=team.line + row.first - 1
        )

    def _waiting_for(self, proof: Proof) -> set[str]:
        """The teams that wait for a task which is done now and was not, or the other way round."""
        among, before = self._kept.waiting, frozenset(self._kept.done)
        now = frozenset(done_of(proof.teams, among))
        looked_at = {task.id for team in proof.teams for task in team.tasks if task.id in among}
        return {team for task in looked_at if (task in now) != (task in before) for team in among[task]}

    def _is_own(self, proof: Proof) -> bool:
        """Whether nothing new was delivered that somebody else has delivered as well."""
        if self._kept.settings.copies == "allow":
            return True
        if any("teams" in each.uses for each in proof.verdicts):
            return False
        rows = (row for row in self._kept.rows if row.team.name in self._taken)
        self._delivered = contents(verdict for row in rows for task in self._tasks(row) for verdict in task.verdicts)
        return not any(_holds(self._kept.contents, each) for each in contents(proof.verdicts) - self._delivered)

    def _whole(self, part: Proof) -> Proof:
        """The proof with what is known of the teams that were not looked into."""
        names = tuple(row.team.name for row in self._kept.rows)
        looked_into = {team.name: team for team in part.teams}
        teams = tuple(looked_into.get(row.team.name) or self._report(row) for row in self._kept.rows)
        nothing: dict[str, tuple[Action, ...]] = {team.name: () for team in teams if team.is_finished}
        actions = FoldedMap(names, {**nothing, **part.actions}, self._actions)
        document = self._snapshot.document
        commits = {name: looked.commit for name, looked in self._looks.items() if looked.commit}
        return replace(
            part,
            teams=teams,
            actions=actions,
            roots=document["roots"] | part.roots,
            commits=commits,
            refs={row.team.name: row.team.ref for row in self._kept.rows if row.team.ref},
            looks=self._looks | part.looks,
        )

    def _report(self, row: Row) -> TeamReport:
        """The team as the last checkpoint found it, and as it would be found again."""
        document = self._snapshot.team(row.team.name)
        place = document["place"]
        if row.team.ref:
            place = f"{row.team.folder} of {row.team.ref} at {self._looks[row.team.name].commit[:10]}"
        count = msgspec.convert(document["count"], Count)
        tasks = Folded(lambda: self._tasks(row))
        return TeamReport(row.team.name, row.team.title, place, count, tasks, kept=True)

    def _tasks(self, row: Row) -> tuple[TaskReport, ...]:
        body = self._body(row.team.name)
        by = row.first - int(body["line"])
        return tuple(_settled(task, by) for task in msgspec.convert(body["tasks"], tuple[TaskReport, ...]))

    def _actions(self, name: str) -> tuple[Action, ...]:
        return msgspec.convert(self._body(name)["actions"], tuple[Action, ...])

    def _body(self, name: str) -> dict[str, Any]:
        body = self._snapshot.body(name)
        if body is None:
            raise NotEnough
        return body

    @property
    def plan(self) -> Plan:
        """The plan with the tasks of the teams that were looked into, and no others."""
        teams = tuple(self._taken.get(row.team.name, row.team) for row in self._kept.rows)
        return Plan(self._kept.settings, self._kept.title, teams)

    def looked_into(self, teams: Iterable[TeamReport]) -> list[TeamReport]:
        return [team for team in teams if team.name in self._taken]

    def edited(self, ticks: Mapping[str, bool], blocks: Mapping[Key, str]) -> bytes:
        """The plan with these ticks and blocks, all of them of teams that were looked into, or the status.

        Raises ValueError as `edit.apply` does.
        """
        rows = [row for row in self._kept.rows if row.team.name in self._taken]
        spans = [(0, self._kept.head), *((row.start, row.stop) for row in rows)]
        found = edited([self._text[start:stop] for start, stop in spans], ticks, blocks)
        if found is None:
            raise NotEnough
        whole, at = [], 0
        for (start, stop), new in zip(spans, found, strict=True):
            whole += [self._text[at:start], new]
            at = stop
        whole.append(self._text[at:])
        self._moved = frozenset(
            row.team.name
            for row, new in zip(rows, found[1:], strict=True)
            if is_moved(self._taken[row.team.name].tasks, row.first, self._text[row.start : row.stop], new)
        )
        self._moves = tuple(
            (stop, len(new) - (stop - start), new.count(b"\n") - self._text.count(b"\n", start, stop))
            for (start, stop), new in zip(spans, found, strict=True)
        )
        return b"".join(whole)

    def kept_after(self, proof: Proof, report: Report, made: str, blob: str) -> Kept:
        """What to keep for the next one."""
        teams = {team.name: team for team in proof.teams}
        rows, by, lines, moves = [], 0, 0, list(self._moves)
        for row in self._kept.rows:
            while moves and moves[0][0] <= row.start:
                by, lines = by + moves[0][1], lines + moves[0][2]
                moves.pop(0)
            grown = moves[0][1] if moves and moves[0][0] == row.stop else 0
            looked = proof.looks[row.team.name]
            restless = row.team.name in self._taken and is_restless(teams[row.team.name])
            restless = restless or row.team.name in self._moved
            place = {"first": row.first + lines, "start": row.start + by, "stop": row.stop + by + grown}
            state = looked.lasting if row.team.name in self._taken else row.state
            rows.append(replace(row, **place, state=state, commit=looked.commit, restless=restless))
        known = self._kept
        mine = frozenset(task.id for team in self._taken.values() for task in team.tasks)
        done = (frozenset(known.done) - mine) | frozenset(done_of(self.looked_into(proof.teams), known.waiting))
        delivered = _instead(known.contents, self._delivered, contents(proof.verdicts))
        head = known.head + (self._moves[0][1] if self._moves else 0)
        return replace(
            known,
            run=report.id,
            made=made,
            blob=blob,
            head=head,
            rows=tuple(rows),
            done=tuple(sorted(done)),
            headline=verdict_of(report),
            status=report.exit_code,
            contents=delivered if known.settings.copies == "refuse" else b"",
        )

    _delivered: frozenset[bytes] | set[bytes] = frozenset()
    """What the teams that were looked into had delivered before."""
    _moves: tuple[tuple[int, int, int], ...] = ()
    """Where pieces that were edited ended, and by how many bytes and lines each has grown."""
    _moved: frozenset[str] = frozenset()
    """The teams whose tasks do not stand any more where they were found."""


class NotEnough(Stalled):
    """The whole plan has to be looked into. It is said where that is found only when something is to be shown."""

    def __init__(self) -> None:
        super().__init__(
            "what the last checkpoint has left cannot be read", mend="`checkpoint now --fresh` does without"
        )


def sequel_of(record: Record, tip: Tip) -> Sequel | None:
    """The sequel of the last checkpoint, where nothing has happened to the plan since, as far as the branch says."""
    workspace, snapshot, last = record.workspace, record.snapshot, record.last
    kept = read_kept(snapshot)
    if snapshot is None or kept is None or last is None or workspace.fresh:
        return None
    if workspace.source.aside or tip.rewritten or tip.own:
        return None
    newest = tip.newest(workspace.plan_path)
    is_same = (kept.run, kept.branch, kept.blob) == (last.id, workspace.source.branch, tip.blob)
    if not is_same or kept.made != (newest.id if newest else "") or last.weakened or last.foreign:
        return None
    if newest and newest.teams != tuple(map(_trailer, snapshot.teams)):
        return None
    if not _counts_as(snapshot, last):
        return None
    found = Sequel(workspace, snapshot, kept, tip.plan or b"", tip.commit)
    return found if found.is_known else None


def sequel_here(workspace: Workspace, snapshot: Snapshot | None, text: bytes) -> Sequel | None:
    """The same for the plan as it lies in the work tree, held against the last checkpoint whatever its branch."""
    kept = read_kept(snapshot)
    if snapshot is None or kept is None or workspace.fresh or kept.run != snapshot.document["report"]["id"]:
        return None
    if kept.blob != blob_id(text, kept.blob):
        return None
    found = Sequel(workspace, snapshot, kept, text, "")
    return found if found.is_known else None


def _trailer(team: dict[str, Any]) -> str:
    return team_trailer(team["name"], msgspec.convert(team["count"], Count))


def _counts_as(snapshot: Snapshot, last: Run) -> bool:
    """Whether the journal has as many tasks of each kind: only who looks into all of them says how it was edited."""
    counts = [team["count"] for team in snapshot.teams]
    kinds = {"verified": last.verified, "false_claims": last.false_claims, "broken": last.broken}
    return all(sum(count[kind] for count in counts) == len(tasks) for kind, tasks in kinds.items())


def _agree(kept: Before, known: Before, plan: Plan) -> bool:
    """Whether what is kept of these teams is what the journal has of them."""
    return all(
        frozenset(mine) == plan.tasks.keys() & frozenset(theirs)
        for mine, theirs in zip(msgspec.structs.astuple(kept), msgspec.structs.astuple(known), strict=True)
    )


def _holds(contents: bytes, digest: bytes) -> bool:
    at = contents.find(digest)
    while at >= 0 and at % DIGEST:
        at = contents.find(digest, at + 1)
    return at >= 0


def _instead(kept: bytes, old: Collection[bytes], new: Collection[bytes]) -> bytes:
    """The digests with the new ones in place of the old."""
    if old == new:
        return kept
    every = {kept[at : at + DIGEST] for at in range(0, len(kept), DIGEST)}
    return b"".join(sorted((every - set(old)) | set(new)))


def _settled(task: TaskReport, by: int) -> TaskReport:
    """What a checkpoint said of a task, as the next one says it that finds the same, so many lines further down."""
    ticked = task.state == "verified" if task.verdicts else task.ticked
    verdicts = tuple(replace(each, line=each.line + by) for each in task.verdicts)
    return replace(task, line=task.line + by, ticked=ticked, proven=False, lost=False, verdicts=verdicts)


def _moved(task: Task, by: int) -> Task:
    wanted = tuple(replace(each, line=each.line + by) for each in task.expectations)
    return replace(task, line=task.line + by, expectations=wanted)
