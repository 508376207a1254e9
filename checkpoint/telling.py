"""The last step of a checkpoint: everybody hears how it stands, each team what to do."""

from __future__ import annotations

import os

from checkpoint.documents import Told
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier
from checkpoint.notify.delivery import deliver
from checkpoint.notify.registry import find_notifiers
from checkpoint.report import Report
from checkpoint.summaries import Summaries
from checkpoint.wording import headline, level
from checkpoint.workspace import Workspace


def chosen_notifiers(workspace: Workspace) -> tuple[Notifier, ...]:
    """The notifiers that the user configured. Raises ConfigurationError for one that is not installed."""
    chosen = workspace.configuration
    folder = chosen.notice_folder or os.path.join(workspace.store_folder, "notices")
    return find_notifiers(chosen.notify, Means(folder, chosen.terminals, own_terminals(), os.environ))


def own_terminals() -> tuple[str, ...]:
    """The terminals that this process itself writes to."""
    return tuple(os.ttyname(number) for number in (1, 2) if os.isatty(number))


def notices_of(report: Report, summaries: Summaries) -> tuple[Notice, ...]:
    """What everybody is told, and each team; nothing where the transparency asks for silence."""
    said = summaries.notice(report)
    if not said:
        return ()
    redact = load("checkpoint.redaction").redact
    texts = {"": said} | {team.name: summaries.actions(team, report) for team in report.teams}
    return tuple(
        Notice(report.plan, report.id, team, headline(report), redact(text), level(report.count))
        for team, text in texts.items()
    )


def tell(notices: tuple[Notice, ...], notifiers: tuple[Notifier, ...]) -> tuple[Told, ...]:
    """Carries the notices. A notifier that fails is reported, and no more."""
    return tuple(Told(each.notifier, each.sent, each.problem) for each in deliver(notices, notifiers))
