"""Every error that a user can meet.

CheckpointError                 what, why, and how to mend it; caught once, in cli.py
├── UsageError            64    the command line is wrong
├── PlanError              3    the plan has problems; all of them are listed
├── ConfigurationError     3    checkpoint.toml or the environment is wrong
├── PublishError           4    could not publish now, may work later (class: retry)
├── ProcessError           4    another program failed or ran out of time
├── Unrecorded             7    published, but that could not be kept here; the next run does
├── NotApproved            5    the plan would run something that nobody approved
├── Stalled                6    a person is needed; trying again would not help
├── InternalError         70    a bug of ours
└── Busy                  75    another run holds this plan
"""

from __future__ import annotations


class CheckpointError(Exception):
    """What went wrong in a line, why in a line, and the mend in a line."""

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.mend = mend

    @property
    def line(self) -> str:
        """What went wrong and why, in one line."""
        return f"{self.what}: {self.why}" if self.why else self.what


class UsageError(CheckpointError):
    """The command line asks for something that does not exist."""

    exit_code = 64


class ConfigurationError(CheckpointError):
    """A key or value of checkpoint.toml or of the environment is wrong."""

    exit_code = 3


class PlanError(CheckpointError):
    """The plan cannot be used as it stands; `details` holds one line a problem."""

    exit_code = 3

    def __init__(self, what: str, *, details: tuple[str, ...] = (), why: str = "", mend: str = "") -> None:
        super().__init__(what, why=why, mend=mend)
        self.details = details


class PublishError(CheckpointError):
    """The remote could not be reached or the race was lost too often; try again later."""

    exit_code = 4


class ProcessError(PublishError):
    """Another program could not be run, failed, or ran out of time."""


class Unrecorded(PublishError):
    """The checkpoint is published, and nothing here knows of it yet: the next run records it and tells everybody."""

    exit_code = 7


class NotApproved(CheckpointError):
    """Something that would run has not been approved."""

    exit_code = 5


class Stalled(CheckpointError):
    """A person has to act: the same run would fail again in the same way."""

    exit_code = 6


class InternalError(CheckpointError):
    """Something happened that should not be possible."""

    exit_code = 70


class Busy(CheckpointError):
    """Another run holds the lock."""

    exit_code = 75


def bug(error: Exception) -> InternalError:
    """What is said of an exception that nobody foresaw, and where it was raised."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    where = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at else ""
    mend = "run it again with --debug and report what it prints"
    return InternalError(f"this is a bug in checkpoint: {type(error).__name__}: {error}", why=where, mend=mend)


_NAMED = 100


def some(names: list[str]) -> str:
    """Names as an error lists them: not all of a hundred thousand."""
    more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
