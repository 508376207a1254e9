"""The seam of notifiers: what is carried, and who carries it. A notifier of another package imports only this."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol

import msgspec

from checkpoint.errors import CheckpointError


class TeamNotice(msgspec.Struct, frozen=True):
    """What one team is told: its next actions, and the terminal in which it sits (as the plan names it; may be "")."""

    team: str
    text: str
    terminal: str = ""


class Notice(msgspec.Struct, frozen=True):
    """What one checkpoint has to say on one channel.

    `key` is its identity: no channel carries the same one twice. `title` is a line, `text` the channel's own template
    filled in, `teams` what each team is told on top of that. Secrets are redacted already, control characters are not
    removed yet. `at` is when it was made, in seconds since the epoch.

    `kind`: how a checkpoint ended; trouble that keeps checkpoints or notices from people (or, with the level `good`,
    its end); or a test. `about` is what there is trouble with: of each plan's troubles about the same thing only the
    latest is open, and its end is told about that, too.

    `earlier` are the titles of notices that this one stands for too, oldest first: they waited with it, or stand in
    the message that it replaces; `more` is how many there were before these. `replaces` is that message's receipt, ""
    where it is to be a new one.
    `unsure` are the titles of earlier notices of which nobody knows whether they arrived.
    """

    key: str
    plan: str
    title: str
    text: str
    level: Literal["info", "good", "bad"] = "info"
    kind: Literal["checkpoint", "trouble", "test"] = "checkpoint"

    at: float = 0.0
    about: str = ""
    teams: tuple[TeamNotice, ...] = ()
    earlier: tuple[str, ...] = ()
    more: int = 0
    replaces: str = ""
    unsure: tuple[str, ...] = ()


class NotifyError(CheckpointError):
    """A notice could not be carried. The checkpoint stands all the same.

    `after`: seconds before which it must not be tried again. `doubtful`: it may have arrived nevertheless.
    `lasting`: a person must act, trying again soon would not help.
    """

    def __init__(
        self,
        what: str,
        *,
        why: str = "",
        mend: str = "",
        after: float = 0.0,
        doubtful: bool = False,
        lasting: bool = False,
    ) -> None:
        super().__init__(what, why=why, mend=mend)
        self.after = after
        self.doubtful = doubtful
        self.lasting = lasting


class Means(msgspec.Struct, frozen=True):
    """What there is to work with.

    `folder` is where the latest notices lie for people to read, `marks` a private folder for a notifier's own notes.
    `terminals` are globs of devices, and `excluded` those to leave out. Of Slack: `slack_channels` (`#name` or an id;
    `TEAM=#name` for what concerns one team alone), its API's address, and credentials. A credential is a reference
    (`checkpoint.credentials.read`), read when it is used.
    """

    folder: str
    marks: str = ""
    terminals: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    slack_channels: tuple[str, ...] = ()
    slack_token: str = ""
    slack_webhook: str = ""
    slack_api: str = ""
    apprise: str = ""
    environ: Mapping[str, str] = {}


class Notifier(Protocol):
    """Carries notices on one channel, one at a time, in order; used by one thread of one process at a time.

    It may have more than this. `template`: the name of the template of its text (`terminal`). `team`: that it carries
    what concerns this team alone (""). `pace`: the least seconds between two notices (0). `repeatable`: that sending a
    notice again does no harm, since it knows what it has carried (False). `silent`: that it interrupts nobody, so that
    it may be given any number of notices an hour (False). `edits`: that it can bring an earlier message
    up to date, `notice.replaces` being the receipt that `send` returned for it (False). `resend(notice)`: as `send`,
    for a notice of which nobody knows whether it has arrived: it looks, and carries only what is missing. Without
    `resend`, such a notice is not sent again.
    """

    name: str

    def send(self, notice: Notice) -> str | None:
        """Returns once the notice is where people find it: a receipt, or in a few words where that is.

        Raises NotifyError.
        """
