"""What every run has in common that publishes a new text of the plan."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TypeVar

from checkpoint.errors import CheckpointError, PublishError, Unrecorded
from checkpoint.git.fast_forward import Forwarded, fast_forward
from checkpoint.git.source import LostRace, Source, Tip
from checkpoint.lazy import load
from checkpoint.plan.model import Plan
from checkpoint.workspace import Workspace

T = TypeVar("T")

ATTEMPTS = 60
"""Races that one run may lose before it gives up; with jitter the worst measured was 15."""


def until_won(source: Source, attempt: Callable[[], T]) -> T:
    """What `attempt` returns; where somebody publishes first, it is made again on the newest commit, all of it.

    Raises PublishError where others are faster each time, and whatever else `attempt` raises.
    """
    for number in range(ATTEMPTS):
        try:
            return attempt()
        except LostRace:
            time.sleep(_jitter(number))
            source.begin_fetch()
    raise PublishError(
        "the checkpoint could not be published", why=f"others were faster {ATTEMPTS} times", mend="try again later"
    )


def remarks(source: Source, tip: Tip, plan: Plan, path: str) -> tuple[str, ...]:
    """What people should hear of a plan that was fetched, and can be used all the same."""
    rewritten = f"the history of {source.read_at} was rewritten by force; its newest commit is {tip.commit[:12]}"
    blocks = [
        f"{path}:{each.line}: {each.found}: that block is not written; {each.mend}"
        for each in plan.errors
        if each not in plan.refusals
    ]
    return (*([rewritten] if tip.rewritten else []), *blocks)


def unrecorded(commit: str, error: CheckpointError, by: str = "the next checkpoint") -> Unrecorded:
    """The error for what is published, and `error` has kept from the journal; `by` is what makes up for that."""
    mend = f"{by} records it and tells everybody"
    if error.mend:
        mend = f"{error.mend}; {mend}"
    return Unrecorded(f"published {commit[:10]}, but it could not be recorded here", why=error.line, mend=mend)


def followed(
    workspace: Workspace, tip: Tip, commit: str, meanwhile: Callable[[], None], *, resumed: bool = False
) -> tuple[str, ...]:
    """Brings the person's checkout up to what was published, or asks people to merge it; what is to be said of that.

    `meanwhile` is called once, beside what takes long. `resumed`: a run that was cut off has made the tip.
    """
    alone = () if workspace.source.is_remote else ("there is no remote: committed here, not pushed",)
    if workspace.source.aside:
        meanwhile()
        return (*alone, *_ask_to_merge(workspace))
    forwarded = fast_forward(
        workspace.checkout, workspace.source, tip, commit, workspace.plan_path, meanwhile, resumed=resumed
    )
    is_new = forwarded in (Forwarded.UPDATED, Forwarded.CURRENT)
    return alone if is_new else (*alone, forwarded.value)


def _ask_to_merge(workspace: Workspace) -> tuple[str, ...]:
    forge = load("checkpoint.forge")
    checkout, source = workspace.checkout, workspace.source
    chosen = workspace.configuration.pull_request
    found = forge.find_forge((checkout.url, checkout.address), chosen)
    if not found:
        said = f"nobody was asked to merge {source.aside}: {chosen} is missing, or {checkout.remote} is no forge"
        return () if chosen in ("auto", "off") else (said,)
    request = forge.Request(source.aside, source.branch, workspace.plan_path, checkout.top, checkout.remote)
    answer: str = forge.ask_to_merge(found, request, os.environ)
    return (answer,) if answer else ()


def difference(old: bytes, new: bytes, path: str) -> str:
    """What a dry run shows."""
    before, after = (text.decode().splitlines(keepends=True) for text in (old, new))
    lines: list[str] = load("difflib").unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(lines)


def _jitter(attempt: int) -> float:
    """Seconds to wait after a lost race: anything up to a bound that grows to two seconds."""
    return float(min(2.0, 0.05 * 2**attempt) * os.urandom(1)[0] / 255)
