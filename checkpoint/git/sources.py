"""The source that fits a checkout."""

from __future__ import annotations

from checkpoint.git.checkout import Checkout
from checkpoint.git.local import Local
from checkpoint.git.remote import Remote
from checkpoint.git.source import Source


def open_source(checkout: Checkout, folder: str) -> Source:
    """The upstream branch where there is a remote, else the branch itself. `folder` is the plan's private one."""
    return Remote(checkout, folder) if checkout.remote else Local(checkout)
