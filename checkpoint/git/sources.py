"""The source that fits a checkout."""

from __future__ import annotations

from checkpoint.errors import ConfigurationError, Stalled
from checkpoint.git.checkout import Checkout
from checkpoint.git.command import NETWORK_SECONDS
from checkpoint.git.local import Local
from checkpoint.git.remote import Remote
from checkpoint.git.source import Source
from checkpoint.lazy import load


def open_source(checkout: Checkout, folder: str, seconds: float = NETWORK_SECONDS, aside: str = "") -> Source:
    """The upstream branch where there is a remote, else the branch itself. `folder` is the plan's private one.

    `seconds` is how long one exchange with a remote may take, `aside` the branch that checkpoints are published to
    where that is not the plan's own. Raises ConfigurationError where it is no name, Stalled where there is no remote.
    """
    aside = aside.removeprefix("refs/heads/")
    if aside and (aside == "HEAD" or aside[0] == "+" or load("checkpoint.git.repository").is_expression(aside)):
        raise ConfigurationError(f"`{aside}` is not the name of a branch", mend="name one, such as `checkpoint/status`")
    if aside and not checkout.remote:
        why = "without a remote, checkpoints are committed to the plan's own branch"
        mend = "git remote add origin URL, or leave out --branch and the option `publish-branch`"
        raise Stalled(f"there is no remote on which to publish to {aside}", why=why, mend=mend)
    return Remote(checkout, folder, seconds, aside) if checkout.remote else Local(checkout)
