"""The seam of notifiers: what is carried, and who carries it. A notifier of another package imports only this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from checkpoint.errors import CheckpointError


class Notice(msgspec.Struct, frozen=True):
    """What one checkpoint has to say: to one team, or with `team` empty to everybody.

    `title` is a line, `text` more of them; secrets are redacted already, control characters are not removed yet.
    `changed` says whether it differs from what the last checkpoint said.
    """

    plan: str
    run: str
    team: str
    title: str
    text: str
    level: Literal["info", "good", "bad"] = "info"
    changed: bool = True


class NotifyError(CheckpointError):
    """A notice could not be carried. The checkpoint stands all the same."""


class Means(msgspec.Struct, frozen=True):
    """What there is to work with: a folder for files, globs of terminals and those to leave out, the environment."""

    folder: str
    terminals: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    environ: Mapping[str, str] = {}


class Notifier(Protocol):
    """Carries notices one at a time, in order; used by one thread."""

    name: str

    def send(self, notice: Notice) -> None:
        """Returns once the notice is where people find it. Raises NotifyError where it cannot get there."""
