"""What the journal holds: runs, and the evidence behind their verdicts."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from checkpoint.report import Foreign, Weakened
from checkpoint.verdicts import Count

Result: TypeAlias = Literal[
    "running", "published", "unchanged", "already-done", "checked", "retry", "stalled", "failed", "interrupted", "undid"
]
"""How a run ended. `published` and `unchanged` went through all steps; `already-done` found that its slot had its
checkpoint; `checked` only validated; `retry` and `stalled` are the failure classes of publishing; `failed` is any other
error; `interrupted` never came to an end; `undid` took an earlier one back."""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run. `started` is seconds since the epoch, `seconds` how long it took; commits are "" where there is none.

    `branch` is the one that it was published to, `base` the commit whose plan was validated, `plan` the sha256 of that
    plan's text, `headline` what the run had to say in a line. `undoes` is the id of the one that it took back.
    """

    id: str
    slot: str = ""
    trigger: str = "manual"
    started: float = 0.0
    seconds: float = 0.0
    branch: str = ""
    base: str = ""
    published: str = ""
    plan: str = ""
    settings: dict[str, str] = {}
    result: Result = "running"
    error: str = ""
    headline: str = ""
    count: Count = Count()
    verified: tuple[str, ...] = ()
    """The tasks that this run has proven."""
    false_claims: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    weakened: tuple[Weakened, ...] = ()
    undoes: str = ""
    rest: str = ""
    """The run whose verdicts stand for the teams that this one has not looked into."""
    foreign: tuple[Foreign, ...] = ()

    @property
    def is_finished(self) -> bool:
        """Whether it went through all its steps: only such a run is what the next one compares with."""
        return self.result in ("published", "unchanged")


class Evidence(msgspec.Struct, frozen=True):
    """One kept text: behind which verdict it stands, the sha256 of what is kept, and its size in bytes."""

    run: str
    team: str
    task: str
    expectation: str
    name: str
    digest: str
    size: int
