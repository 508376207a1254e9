"""What is said of a checkpoint: to the plan, to git, to people. The words stand in `templates/`."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from checkpoint.actions import Action
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.plan.harmless import sentence
from checkpoint.report import Report
from checkpoint.resources import template_source
from checkpoint.verdicts import TeamReport
from checkpoint.wording import headline, judged, reason, wrong

ACTIONS_IN_PLAN = 5
"""Actions of a team that its block shows; the rest is behind `checkpoint next`."""
STEPS_IN_PLAN = 4

_MEND = "mend or remove it; the shipped one of that name says what there is to use"


class Summaries:
    """Renders the templates. `overrides` maps a template's name to the approved text that replaces ours."""

    def __init__(self, overrides: Mapping[str, str], cache_folder: str | None = None) -> None:
        self._overrides = overrides
        jinja2 = load("jinja2")
        cache = jinja2.FileSystemBytecodeCache(cache_folder) if cache_folder else None
        self._environment = jinja2.Environment(
            loader=jinja2.FunctionLoader(lambda name: overrides.get(name) or template_source(name)),
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined=jinja2.StrictUndefined,
            bytecode_cache=cache,
        )
        self._environment.filters |= {"md": sentence, "mrkdwn": mrkdwn}

    def _render(self, name: str, **values: object) -> str:
        try:
            text: str = self._environment.get_template(name).render(values)
        except Exception as error:
            if name not in self._overrides:
                raise
            # What somebody else has written may fail in any way.
            why = f"{type(error).__name__}: {error}"
            raise ConfigurationError(f"templates/{name} cannot be used", why=why, mend=_MEND) from error
        return text

    @property
    def are_ours(self) -> bool:
        """Whether nothing replaces the templates that are shipped."""
        return not self._overrides

    def status_block(self, report: Report) -> str:
        tasks = [task for team in report.teams for task in team.tasks]
        pretended = [task for task in tasks if task.false_claim or task.broken]
        values = {"report": report, "headline": headline(report), "pretended": pretended}
        return self._render("status.md.j2", **values, reasons={task.id: reason(task) for task in pretended})

    def next_block(self, team: TeamReport, actions: tuple[Action, ...]) -> str:
        shown = [_shortened(action) for action in actions[:ACTIONS_IN_PLAN]]
        return self._render("next.md.j2", team=team, actions=shown, more=len(actions) - len(shown))

    def commit_message(self, report: Report) -> str:
        return self._render("commit.txt.j2", report=report, headline=headline(report))

    def actions(self, team: TeamReport, report: Report) -> str:
        """The team's next actions as plain text, all of them."""
        return self._render("actions.txt.j2", team=team, actions=report.actions[team.name])

    def notice(self, report: Report, channel: str = "terminal") -> str:
        """The text for a channel (`terminal`, `slack`); empty where the transparency asks for silence."""
        teams = [team for team in report.teams if _speaks_of(team, report.transparency)]
        if not teams and not report.weakened:
            return ""
        every = report.transparency == "high"
        lines = {team.name: [*wrong(team), *(judged(team) if every else ())] for team in teams}
        values = {"report": report, "headline": headline(report), "teams": teams, "lines": lines}
        return self._render(f"{channel}.txt.j2", **values)


def _shortened(action: Action) -> Action:
    if len(action.steps) <= STEPS_IN_PLAN:
        return action
    left = len(action.steps) - STEPS_IN_PLAN + 1
    last = msgspec.structs.replace(action.steps[0], do=f"and {left} more: `checkpoint next {action.team}`", where="")
    return msgspec.structs.replace(action, steps=(*action.steps[: STEPS_IN_PLAN - 1], last))


def _speaks_of(team: TeamReport, transparency: str) -> bool:
    if transparency != "low":
        return True
    return any(task.lost or (task.proven and team.is_finished) for task in team.tasks)


def mrkdwn(text: str) -> str:
    """Text for Slack: it expands `<…>` and entities, and nothing else when sent with parsing off."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
