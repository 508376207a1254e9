"""The last step of a checkpoint: everybody hears how it stands, each team what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from checkpoint.documents import Told
from checkpoint.lazy import load
from checkpoint.notify import Means, Notice, Notifier, TeamNotice
from checkpoint.notify.channel import row
from checkpoint.notify.delivery import Couriers
from checkpoint.notify.registry import find_notifiers, kind
from checkpoint.plan.model import Plan
from checkpoint.report import Report
from checkpoint.store.outbox import Row
from checkpoint.summaries import Summaries, file_of
from checkpoint.wording import headline, level
from checkpoint.workspace import Workspace


def chosen_notifiers(workspace: Workspace, names: Iterable[str] = ()) -> tuple[Notifier, ...]:
    """These notifiers, or those that the user configured. Raises ConfigurationError for one that is not installed."""
    chosen = workspace.configuration
    return find_notifiers(tuple(names) or chosen.notify, means(workspace))


def means(workspace: Workspace) -> Means:
    chosen = workspace.configuration
    return Means(
        folder=chosen.notice_folder or os.path.join(workspace.store_folder, "notices"),
        marks=os.path.join(workspace.store_folder, "marks"),
        terminals=chosen.terminals,
        excluded=own_terminals(),
        slack_channels=chosen.slack_channel,
        slack_token=chosen.slack_token,
        slack_webhook=chosen.slack_webhook,
        slack_api=chosen.slack_api,
        apprise=chosen.apprise,
        environ=os.environ,
    )


def own_terminals() -> tuple[str, ...]:
    """The terminals that this process itself writes to."""
    return tuple(os.ttyname(number) for number in (1, 2) if os.isatty(number))


class Notices:
    """What each channel is told of one checkpoint: made of the report by the channel's own template."""

    def __init__(self, plan: Plan, report: Report, summaries: Summaries, now: float) -> None:
        self._plan = plan
        self._report = report
        self._summaries = summaries
        self._now = now
        self._redact: Callable[[str], str] = load("checkpoint.redaction").redact
        self._actions = {team.name: self._redact(summaries.actions(team, report)) for team in report.teams}

    def to(self, notifiers: Iterable[Notifier]) -> tuple[Row, ...]:
        """What goes into the outbox: a notice for each channel that the plan wants to tell something."""
        found = ((notifier.name, self._to(notifier)) for notifier in notifiers)
        return tuple(row(channel, notice) for channel, notice in found if notice)

    def _to(self, notifier: Notifier) -> Notice | None:
        """Nothing where the transparency asks for silence, or the plan does not name the notifier."""
        name, only = kind(notifier.name), str(getattr(notifier, "team", ""))
        teams = {
            team.name: team for team in self._plan.teams if only in ("", team.name) and self._wants(name, team.notify)
        }
        wanted = bool(teams) or (not only and self._wants(name, ()))
        report = _of_teams(self._report, teams) if only else self._report
        template = str(getattr(notifier, "template", "notice"))
        text = self._summaries.notice(report, template, teams) if wanted else ""
        if not text:
            return None
        return Notice(
            key=report.id,
            plan=report.plan,
            title=": ".join(filter(None, (report.title, headline(report)))),
            text=self._redacted(text, template),
            level=level(report.count),
            at=self._now,
            teams=tuple(TeamNotice(team.name, self._actions[team.name], team.terminal) for team in teams.values()),
        )

    def _redacted(self, text: str, template: str) -> str:
        """Of a document each text by itself: what hides a secret may not swallow a quote."""
        if not file_of(template).endswith(".json.j2"):
            return self._redact(text)
        try:
            return msgspec.json.encode(_each(msgspec.json.decode(text), self._redact)).decode()
        except msgspec.DecodeError:
            return self._redact(text)

    def _wants(self, notifier: str, of_team: tuple[str, ...]) -> bool:
        """Whether the plan names this notifier for a team: the team's own word counts, else the plan's, else all do."""
        named = of_team or self._plan.settings.notify
        return not named or notifier in named


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """A document with every text in it changed."""
    if isinstance(value, dict):
        return {key: _each(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _of_teams(report: Report, teams: Iterable[str]) -> Report:
    """The report of these teams alone."""
    names = set(teams)
    of_names = tuple(team for team in report.teams if team.name in names)
    weakened = tuple(each for each in report.weakened if each.team in names)
    return msgspec.structs.replace(report, teams=of_names, weakened=weakened)


def delivered(couriers: Couriers) -> tuple[Told, ...]:
    """What was carried, once there is nothing left to carry for now: it is waited for a while, and no longer."""
    found = couriers.wait()
    couriers.stop()
    return tuple(Told(each.channel, each.sent, each.problem) for each in found if each.sent or each.problem)
