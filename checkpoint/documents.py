"""What `--json` prints: one document a command, its schema named in its first field.

A field may be added within a version; what is there keeps its meaning. `docs/json.md` is made from these types.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from checkpoint.actions import Action
from checkpoint.errors import CheckpointError, PlanError
from checkpoint.folded import unfolded
from checkpoint.plan.model import Problem
from checkpoint.report import Report
from checkpoint.verdicts import Verdict

Freshness: TypeAlias = Literal["green", "red", "stale", "missing"]
Result: TypeAlias = Literal["published", "unchanged", "dry-run", "already-done"]


class Told(msgspec.Struct, frozen=True):
    """How many notices a channel carried; `problem` says what keeps it from the others, or is empty.

    `receipt` says in the notifier's own words where the last one is: `2 terminals`.
    """

    channel: str
    sent: int = 0
    problem: str = ""
    receipt: str = ""


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint now`. `commit` is the one that was published; `diff` is what a dry run would have changed."""

    schema: Literal["checkpoint.now/1"] = "checkpoint.now/1"
    result: Result
    commit: str = ""
    diff: str = ""
    report: Report
    notes: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


class Undo(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint undo`. `undone` is the checkpoint that was, `commit` the one that was published instead.

    `result` is `already-done` where nothing of it was left to undo; `diff` is what a dry run would have changed.
    """

    schema: Literal["checkpoint.undo/1"] = "checkpoint.undo/1"
    result: Literal["published", "already-done", "dry-run"]
    commit: str = ""
    undone: str
    author: str
    diff: str = ""
    notes: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()


Happening: TypeAlias = Literal[
    "serving", "due", "changed", "judged", "checkpoint", "setback", "recovered", "told", "failed", "note", "stopped"
]


class Served(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint serve`: one document a line, for each thing that happens. `text` says it to people.

    `event`: `serving` (it began, or the schedule changed), `due` and `changed` (why a checkpoint is taken), `judged`
    (what is true of a team now, where the checkpoint will take a while), `checkpoint` (how it ended: `result`, `commit`
    as in `now`), `setback` and `recovered` (none can be taken, and why; they can again), `told` and `failed` (a channel
    carried notices; a try to carry some failed), `note`, `stopped`.
    """

    schema: Literal["checkpoint.serve/1"] = "checkpoint.serve/1"
    at: str
    event: Happening
    text: str
    slot: str = ""
    trigger: str = ""
    result: str = ""
    commit: str = ""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint serve --install`: units of systemd, texts by their paths, or a line for a crontab.

    `steps` are the commands that are left to the user once it is `written`.
    """

    schema: Literal["checkpoint.serve-install/1"] = "checkpoint.serve-install/1"
    written: bool
    files: dict[str, str]
    line: str
    steps: tuple[str, ...]


class Channel(msgspec.Struct, frozen=True):
    """One channel of a notifier. Times are in UTC (ISO 8601), "" for never.

    `state`: `ok`, `waiting` (something is yet to be sent, `due` then), `degraded` (it fails `since` then), `unsure`
    (nobody knows whether anything ever arrived), `unused`, or `not configured` (any more); of a test, `sent` or
    `failed`. `unsure` counts notices of which nobody knows whether they arrived.
    """

    name: str
    state: Literal["ok", "waiting", "degraded", "unsure", "unused", "not configured", "sent", "failed"]
    waiting: int = 0
    unsure: int = 0
    last: str = ""
    due: str = ""
    since: str = ""
    receipt: str = ""
    problem: str = ""
    mend: str = ""


class Notify(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint notify`: how each channel does (`list`), or what became of a test notice (`test`)."""

    schema: Literal["checkpoint.notify/1"] = "checkpoint.notify/1"
    action: Literal["list", "test"]
    channels: tuple[Channel, ...]


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint check`. `proven` is what the exit status says."""

    schema: Literal["checkpoint.check/1"] = "checkpoint.check/1"
    proven: bool
    report: Report


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint status`: the last checkpoint, and how its proofs stand now.

    `freshness` maps task id to expectation to `green` (passed), `red` (did not), `stale` (what it looked at has
    changed since) or `missing` (it is gone). `roots` maps a team to the folder on disk that was looked at; `refs` a
    team to the git folder, the ref and the commit that it then named. `result` is `undone` where somebody undid it.
    """

    schema: Literal["checkpoint.status/1"] = "checkpoint.status/1"
    result: Literal["published", "unchanged", "dry-run", "already-done", "undone"]
    commit: str
    report: Report
    freshness: dict[str, dict[str, Freshness]] = {}
    roots: dict[str, str] = {}
    refs: dict[str, tuple[str, str, str]] = {}


class Next(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint next`: each team's actions, most unblocking first."""

    schema: Literal["checkpoint.next/1"] = "checkpoint.next/1"
    id: str
    at: str
    actions: dict[str, tuple[Action, ...]]


class Evidence(msgspec.Struct, frozen=True):
    """A verdict with the raw output behind it."""

    verdict: Verdict
    output: dict[str, str]


class Show(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint show`."""

    schema: Literal["checkpoint.show/1"] = "checkpoint.show/1"
    id: str
    at: str
    evidence: tuple[Evidence, ...]


class LogEntry(msgspec.Struct, frozen=True):
    """One run. `result` is `published`, `unchanged`, `already-done` (its slot had its checkpoint), `undid` (it took an
    earlier one back), `retry`, `stalled` or `failed` (`error` says why), `interrupted`, or `running`.
    """

    id: str
    at: str
    result: str
    commit: str
    headline: str
    trigger: str = ""
    slot: str = ""
    seconds: float = 0.0
    error: str = ""


class Log(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint log`, newest first."""

    schema: Literal["checkpoint.log/1"] = "checkpoint.log/1"
    checkpoints: tuple[LogEntry, ...]


class Lint(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint lint`: errors and warnings in the plan's order."""

    schema: Literal["checkpoint.lint/1"] = "checkpoint.lint/1"
    plan: str
    problems: tuple[Problem, ...]


class Described(msgspec.Struct, frozen=True):
    """One validator: how it is written in a plan, and where it comes from."""

    name: str
    usage: str
    summary: str
    help: str
    examples: tuple[str, ...]
    origin: str


class Validators(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint validators`."""

    schema: Literal["checkpoint.validators/1"] = "checkpoint.validators/1"
    validators: tuple[Described, ...]


class Executable(msgspec.Struct, frozen=True):
    """Something that the plan would run or reach, its whole text, and whether exactly this has been approved."""

    kind: str
    name: str
    text: str
    approved: bool


class Approve(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint approve`. `digest` names exactly these; `checkpoint approve DIGEST` approves them."""

    schema: Literal["checkpoint.approve/1"] = "checkpoint.approve/1"
    digest: str
    approved: bool
    items: tuple[Executable, ...]


class Diagnosis(msgspec.Struct, frozen=True):
    """One thing that `doctor` looked at."""

    name: str
    state: Literal["ok", "warning", "wrong"]
    found: str
    mend: str = ""


class Doctor(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint doctor`."""

    schema: Literal["checkpoint.doctor/1"] = "checkpoint.doctor/1"
    diagnoses: tuple[Diagnosis, ...]


class Init(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint init`."""

    schema: Literal["checkpoint.init/1"] = "checkpoint.init/1"
    plan: str
    files: tuple[str, ...] = ()
    next: tuple[str, ...]


class Demo(msgspec.Struct, frozen=True, kw_only=True):
    """`checkpoint demo`: its three checkpoints, and the folder where it all lies."""

    schema: Literal["checkpoint.demo/1"] = "checkpoint.demo/1"
    folder: str
    checkpoints: tuple[Status, ...]


class Error(msgspec.Struct, frozen=True, kw_only=True):
    """Any command that failed: what, why, the mend, and the exit status."""

    schema: Literal["checkpoint.error/1"] = "checkpoint.error/1"
    error: str
    why: str
    mend: str
    details: tuple[str, ...]
    exit: int


DOCUMENTS: dict[str, type[msgspec.Struct]] = {
    "now": Now,
    "undo": Undo,
    "serve": Served,
    "serve-install": Installed,
    "notify": Notify,
    "check": Check,
    "status": Status,
    "next": Next,
    "show": Show,
    "log": Log,
    "lint": Lint,
    "validators": Validators,
    "approve": Approve,
    "doctor": Doctor,
    "init": Init,
    "demo": Demo,
    "error": Error,
}
"""The document of each command."""


def to_json(document: msgspec.Struct) -> str:
    """The document as it is printed: indented, without a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(document, enc_hook=unfolded), indent=2).decode()


def error_document(error: CheckpointError) -> str:
    details = error.details if isinstance(error, PlanError) else ()
    return to_json(Error(error=error.what, why=error.why, mend=error.mend, details=details, exit=error.exit_code))
