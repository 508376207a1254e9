"""The notifiers that the user has chosen, with what the configuration gives them to work with."""

from __future__ import annotations

import os
from collections.abc import Iterable

from checkpoint.notify import Means, Notifier
from checkpoint.notify.registry import find_notifiers
from checkpoint.workspace import Workspace


def chosen_notifiers(workspace: Workspace, names: Iterable[str] = ()) -> tuple[Notifier, ...]:
    """These notifiers, or those that the user configured. Raises ConfigurationError for one that is not installed."""
    return find_notifiers(tuple(names) or workspace.configuration.notify, _means(workspace))


def _means(workspace: Workspace) -> Means:
    chosen = workspace.configuration
    return Means(
        folder=chosen.notice_folder or os.path.join(workspace.store_folder, "notices"),
        marks=os.path.join(workspace.store_folder, "marks"),
        terminals=chosen.terminals,
        excluded=_own_terminals(),
        slack_channels=chosen.slack_channel,
        slack_token=chosen.slack_token,
        slack_webhook=chosen.slack_webhook,
        slack_api=chosen.slack_api,
        apprise=chosen.apprise,
        environ=os.environ,
    )


def _own_terminals() -> tuple[str, ...]:
    """The terminals that this process itself writes to."""
    return tuple(os.ttyname(number) for number in (1, 2) if os.isatty(number))
