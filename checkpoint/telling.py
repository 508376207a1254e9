"""What each channel is told of a checkpoint: how it stands and, team by team, what to do."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import cache
from typing import Any

import msgspec

from checkpoint.lazy import load
from checkpoint.notify import Notice, Notifier, TeamNotice
from checkpoint.notify.registry import kind
from checkpoint.notify.rows import TEXT, row
from checkpoint.plan.model import Plan
from checkpoint.report import Report
from checkpoint.store.outbox import Row
from checkpoint.summaries import Summaries, file_of
from checkpoint.wording import headline, level


class Notices:
    """The notices of one checkpoint, each made of the report by its channel's own template."""

    def __init__(self, plan: Plan, report: Report, summaries: Summaries, now: float) -> None:
        self._plan = plan
        self._report = report
        self._summaries = summaries
        self._now = now
        self._redact: Callable[[str], str] = load("checkpoint.redaction").redact
        self._teams = {team.name: team for team in report.teams}

    @cache  # noqa: B019 - as short-lived as what is told
    def _actions(self, team: str) -> str:
        return self._redact(self._summaries.actions(self._teams[team], self._report))

    def to(self, notifiers: Iterable[Notifier]) -> tuple[Row, ...]:
        """What goes into the outbox: a notice for each channel that the plan wants to tell something."""
        found = ((notifier.name, self._to(notifier)) for notifier in notifiers)
        return tuple(row(channel, notice) for channel, notice in found if notice)

    def _to(self, notifier: Notifier) -> Notice | None:
        """Nothing where the transparency asks for silence, or the plan does not name the notifier."""
        name, only = kind(notifier.name), str(getattr(notifier, "team", ""))
        teams = {
            team.name: team
            for team in self._plan.teams
            if only in ("", team.name) and _names(self._plan, name, team.notify)
        }
        wanted = bool(teams) or (not only and _names(self._plan, name, ()))
        report = _of_teams(self._report, teams) if only else self._report
        template = str(getattr(notifier, "template", "notice"))
        text = self._summaries.notice(report, template, teams) if wanted else ""
        if not text:
            return None
        return Notice(
            key=report.id,
            plan=report.plan,
            title=": ".join(filter(None, (report.title, headline(report)))),
            text=self._fitting(self._redacted(text, template), report, template, teams),
            level=level(report.count),
            at=self._now,
            teams=tuple(TeamNotice(team.name, self._actions(team.name), team.terminal) for team in teams.values()),
        )

    def _redacted(self, text: str, template: str) -> str:
        """Of a document each text by itself: what hides a secret may not swallow a quote."""
        if not file_of(template).endswith(".json.j2"):
            return self._redact(text)
        try:
            return msgspec.json.encode(_each(msgspec.json.decode(text), self._redact)).decode()
        except msgspec.DecodeError:
            return self._redact(text)

    def _fitting(self, text: str, report: Report, template: str, teams: Container[str]) -> str:
        """The text; of a document too large to be kept whole, the plain text instead: half of one is none."""
        if len(text) <= TEXT or not file_of(template).endswith(".json.j2"):
            return text
        return self._redact(self._summaries.notice(report, named=teams))


def wanted_by(plan: Plan, notifier: Notifier) -> bool:
    """Whether the plan wants this notifier to be told anything, of any team."""
    name, only = kind(notifier.name), str(getattr(notifier, "team", ""))
    of_teams = any(only in ("", team.name) and _names(plan, name, team.notify) for team in plan.teams)
    return of_teams or (not only and _names(plan, name, ()))


def _names(plan: Plan, notifier: str, of_team: tuple[str, ...]) -> bool:
    """Whether the plan names this notifier for a team: the team's own word counts, else the plan's, else all do."""
    named = of_team or plan.settings.notify
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
    foreign = tuple(each for each in report.foreign if each.team in names)
    return msgspec.structs.replace(report, teams=of_names, weakened=weakened, foreign=foreign)
