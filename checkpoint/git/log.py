"""What git's log tells of a branch: who changed it, and which of the commits are checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from checkpoint.git.command import Git, output
from checkpoint.plan.harmless import printable
from checkpoint.process import Running

RECENT = 200
"""Commits below the tip that are looked through for what other orchestrators published."""

_FORMAT = (
    "%H%x00%an%x00%ct%x00%s%x00%(trailers:key=Checkpoint-Id,valueonly,separator=%x20)%x00"
    "%(trailers:key=Checkpoint-Slot,valueonly,separator=%x20)%x00"
    "%(trailers:key=Checkpoint-Undo,valueonly,separator=%x20)%x00"
    "%(trailers:key=Checkpoint-Plan,valueonly,separator=%x20)%x00"
    "%(trailers:key=Checkpoint-Expects,valueonly,separator=%x20)%x00"
    "%(trailers:key=Checkpoint-Team,valueonly,separator=%x0a)"
)
_FIELDS = 10


class Change(msgspec.Struct, frozen=True):
    """A commit as the log tells it; `time` in seconds since the epoch."""

    commit: str
    author: str
    time: int
    subject: str


class Commit(Change, frozen=True):
    """A commit with the trailers of a checkpoint, where it is one: its `id` is empty where it is not.

    `teams` holds a `Checkpoint-Team` each. `undoes` is the id of the checkpoint that this one undid, or empty. `plan`
    is the path of its plan as it can be printed, and `expects` the digest of all that counted of it; empty where the
    commit does not say.
    """

    id: str = ""
    slot: str = ""
    teams: tuple[str, ...] = ()
    undoes: str = ""
    plan: str = ""
    expects: str = ""

    def is_of(self, plan_path: str) -> bool:
        """Whether it is, as far as it says, a checkpoint of that plan: there may be several on one branch."""
        return self.plan in ("", printable(plan_path))


def begin_log(git: Git, *commits: str) -> Running:
    """Starts to read the newest commits below these; `finish_log` is to be called, or `cancel`."""
    return git.start("log", f"-n{RECENT}", "-z", f"--format={_FORMAT}", "--end-of-options", *commits)


def finish_log(log: Running) -> tuple[Commit, ...]:
    """The commits, newest first, checkpoints or not. Raises PublishError where git failed."""
    return tuple(parse_log(output(log.wait(), "log")))


def parse_log(data: bytes) -> Iterator[Commit]:
    """What `git log -z` printed in our format: every commit, checkpoints or not."""
    fields = data.decode(errors="replace").split("\0")
    for at in range(0, len(fields) - _FIELDS + 1, _FIELDS):
        commit, author, time, subject, name, slot, undoes, plan, expects, teams = fields[at : at + _FIELDS]
        who, what = printable(author), printable(subject)
        # A commit that somebody made by hand may have no time, or one that is no number.
        each = tuple(map(printable, teams.splitlines()))
        words = (_word(name), _word(slot), each, _word(undoes), _word(plan), _word(expects))
        yield Commit(commit, who, int(time or 0), what, *words)


def _word(trailer: str) -> str:
    """A trailer as it can be shown and compared: whoever can push can write one, over several lines if they like."""
    return "".join(filter(str.isprintable, trailer)).strip()


def read_log(git: Git, *arguments: str) -> tuple[Commit, ...]:
    """Commits, newest first, as `git log` with these arguments selects them."""
    return tuple(parse_log(git.run("log", "-z", f"--format={_FORMAT}", *arguments)))


def standing(made: Sequence[Commit]) -> Iterator[Commit]:
    """Those that have not been undone, of checkpoints newest first: an undo takes back all down to what it names.

    So what was undone stands again once that undo is undone.
    """
    at = 0
    while at < len(made):
        if not made[at].undoes:
            yield made[at]
        later = (number for number in range(at + 1, len(made)) if made[number].id == made[at].undoes)
        at = 1 + (next(later, at) if made[at].undoes else at)


def history(git: Git, ref: str, plan_path: str, since: str = "", beside: Iterable[str] = ()) -> tuple[Change, ...]:
    """The commits after `since` that changed the plan, up to the ref and those `beside` it, newest first."""
    after = (f"^{since}",) if since else ()
    return read_log(git, "--end-of-options", ref, *beside, *after, "--", plan_path)


def is_below(git: Git, old: str, new: str) -> bool:
    """Whether one commit is the other, or an ancestor of it."""
    return git.try_run("merge-base", "--is-ancestor", "--end-of-options", old, new).status == 0
