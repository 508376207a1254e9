"""The source that fits a checkout."""

from __future__ import annotations

from checkpoint.git.checkout import Checkout
from checkpoint.git.command import NETWORK_SECONDS
from checkpoint.git.local import Local
from checkpoint.git.remote import Remote
from checkpoint.git.source import Source


def open_source(checkout: Checkout, folder: str, seconds: float = NETWORK_SECONDS) -> Source:
    """The upstream branch where there is a remote, else the branch itself. `folder` is the plan's private one.

    `seconds` is how long one exchange with a remote may take.
    """
    return Remote(checkout, folder, seconds) if checkout.remote else Local(checkout)
