"""What decides the outcome of a command that declares what it reads, and what is kept of it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

import msgspec
from msgspec.structs import replace

from checkpoint import __version__
from checkpoint.store.outcomes import Outcomes
from checkpoint.validation.content import Content, digest
from checkpoint.validation.series import Ran, Wanted
from checkpoint.validator import Tree, Unreadable
from checkpoint.verdicts import Seen

_FORM = 1
"""Of what is kept; another number forgets all."""
_CANNOT_RUN = 126
"""From this status on, a shell says that a program could not be run or was killed, which its inputs do not decide."""
_OF_A_SESSION = (
    *("_", "COLUMNS", "DISPLAY", "INVOCATION_ID", "JOURNAL_STREAM", "LINES", "OLDPWD", "PWD", "SHLVL", "STY"),
    *("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TMUX", "TMUX_PANE", "TTY", "WINDOWID"),
)
"""Variables that say from where a run was begun, and nothing that decides what a command finds."""
_OF_SESSIONS = ("DBUS_", "SSH_", "SYSTEMD_", "XDG_SESSION_", "CHECKPOINT_")


class _Kept(msgspec.Struct, frozen=True):
    ran: Ran
    at: str


class Remembered:
    """What is known of the commands of one folder (`checkpoint.validation.series.Memory`).

    `tree` opens the team's files anew; `means` are words for all else that decides: where they run, and how. With
    `fresh`, all are run again.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        tree: Callable[[], AbstractContextManager[Tree]],
        means: Callable[[Wanted], Iterable[str]],
        at: str,
        *,
        fresh: bool,
    ) -> None:
        self._outcomes = outcomes
        self._tree = tree
        self._means = means
        self._at = at
        self._fresh = fresh

    def key(self, wanted: Wanted) -> str:
        try:
            with self._tree() as tree:
                inputs = inputs_digest(tree, wanted.reads)
        except Unreadable:
            return ""
        if not inputs:
            return ""
        about = (f"{_FORM}", __version__, *_machine(), inputs, *self._means(wanted))
        decided = msgspec.json.encode((wanted, about))
        return hashlib.sha256(decided).hexdigest()

    def find(self, key: str) -> Ran | None:
        content = None if self._fresh else self._outcomes.read(key)
        try:
            kept = msgspec.msgpack.decode(content, type=_Kept) if content else None
        except msgspec.DecodeError:
            return None
        if kept is None:
            return None
        outcome = kept.ran.outcome
        said = f"not run again: what it reads is as it was at {kept.at}\n{outcome.sandbox}"
        return replace(kept.ran, outcome=replace(outcome, sandbox=said))

    def keep(self, key: str, ran: Ran) -> None:
        if not ran.outcome.timed_out and 0 <= ran.outcome.status < _CANNOT_RUN:
            self._outcomes.write(key, msgspec.msgpack.encode(_Kept(ran, self._at)))


def inputs_digest(tree: Tree, reads: Iterable[str]) -> str:
    """A digest of the names, contents and modes of all that is declared; empty where that does not say what is read.

    Namely where a declared input names nothing, or a link or submodule, which lead elsewhere. Raises Unreadable where
    one of them cannot be read.
    """
    content = Content(tree)
    seen: dict[str, Seen] = {}
    programs: set[str] = set()
    for pattern in reads:
        entries = tree.find(pattern)
        below = [other for each in entries if each.kind == "folder" for other in tree.below(each.path)]
        files = [each for each in (*entries, *below) if each.kind != "folder"]
        if not files or any(each.kind != "file" for each in files):
            return ""
        seen |= {each.path: content.seen(each) for each in files if each.path not in seen}
        programs |= {each.path for each in files if each.executable}
    found = digest(seen[path] for path in sorted(seen))
    return hashlib.sha256("\0".join((found, *sorted(programs))).encode("utf-8", "surrogateescape")).hexdigest()


def environment_words(environ: Mapping[str, str]) -> list[str]:
    """What a command's environment says but for its session."""
    named = (name for name in environ if name not in _OF_A_SESSION and not name.startswith(_OF_SESSIONS))
    return [f"{name}={os.fsencode(environ[name]).hex()}" for name in sorted(named)]


def _machine() -> tuple[str, ...]:
    system = os.uname()
    return system.sysname, system.release, system.machine, system.nodename
