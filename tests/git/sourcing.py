"""What the tests of sources share: a source for a work tree, and a plan published through it."""

import os
from pathlib import Path

from checkpoint.git.checkout import Checkout, open_checkout
from checkpoint.git.command import NETWORK_SECONDS
from checkpoint.git.source import Source
from checkpoint.git.sources import open_source
from checkpoint.location import find


def checkout_of(work: Path) -> Checkout:
    return open_checkout(find(str(work)), os.environ)


def source_of(work: Path, state: str = "state", seconds: float = NETWORK_SECONDS) -> Source:
    """A source whose private folder lies beside the work tree."""
    return open_source(checkout_of(work), str(work.parent / f"{work.name}-{state}"), seconds)


def message(name: str, slot: str = "") -> str:
    return f"checkpoint: {name}\n\nCheckpoint-Id: {name}\nCheckpoint-Slot: {slot or name}\nCheckpoint-Team: a 1/2\n"


def publish(source: Source, name: str, path: str = "plan.md") -> str:
    """Appends a line with that name to the newest plan and publishes it; the commit's id."""
    tip = source.tip(path)
    assert tip.plan is not None
    return source.publish(tip, path, tip.plan + f"{name}\n".encode(), message(name))
