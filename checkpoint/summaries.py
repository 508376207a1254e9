"""What is said of a checkpoint: to the plan, to git, to people. The words stand in `templates/`."""

from __future__ import annotations

from collections.abc import Container, Mapping

import msgspec

from checkpoint.actions import Action
from checkpoint.errors import ConfigurationError
from checkpoint.lazy import load
from checkpoint.plan.harmless import printable, sentence
from checkpoint.report import Report
from checkpoint.resources import TEMPLATES, template_source
from checkpoint.verdicts import Count, TeamReport
from checkpoint.wording import headline, judged, meddled, reason, wrong

ACTIONS_IN_PLAN = 5
"""Actions of a team that its block shows; the rest is behind `checkpoint next`."""
STEPS_IN_PLAN = 4
SKIP_CI = "[skip ci]"

_MEND = "mend or remove it; the shipped one of that name says what there is to use"


class Summaries:
    """Renders the templates. `overrides` maps a template's name to the approved text that replaces ours."""

    def __init__(self, overrides: Mapping[str, str]) -> None:
        self._overrides = overrides
        # Jinja2's language, by its author's other engine: importing jinja2 itself takes a third of a checkpoint.
        self._environment = load("minijinja").Environment(
            loader=lambda name: overrides.get(name) or template_source(name),
            filters={"md": sentence},
            auto_escape_callback=lambda name: False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            undefined_behavior="strict",
        )

    def _render(self, name: str, **values: object) -> str:
        try:
            text: str = self._environment.render_template(name, **values)
        except Exception as error:
            if name not in self._overrides:
                raise
            # What somebody else has written may fail in any way.
            why = str(error).partition("\n")[0][:200]  # the rest is a listing of all values
            raise ConfigurationError(f"templates/{name} cannot be used", why=why, mend=_MEND) from error
        return text

    @property
    def are_ours(self) -> bool:
        """Whether nothing replaces the templates that are shipped."""
        return not self._overrides

    def status_block(self, report: Report) -> str:
        in_question = [team for team in report.teams if team.count.false_claims or team.count.broken]
        tasks = [task for team in in_question for task in team.tasks]
        pretended = [task for task in tasks if task.false_claim or task.broken]
        values = {"report": report, "headline": headline(report), "pretended": pretended}
        values["meddled"] = [meddled(each) for each in report.foreign]
        reasons = {task.id: reason(task) for task in pretended}
        return _redacted(self._render("status.md.j2", **values, reasons=reasons))

    def next_block(self, team: TeamReport, actions: tuple[Action, ...]) -> str:
        shown = [_shortened(action) for action in actions[:ACTIONS_IN_PLAN]]
        return _redacted(self._render("next.md.j2", team=team, actions=shown, more=len(actions) - len(shown)))

    def commit_message(self, report: Report, expects: str, *, skip_ci: bool = False) -> str:
        """The template's words, and the trailers by which other runs know the checkpoint: those are no template's.

        `expects` is the digest of all that counted of the plan. With `skip_ci` the subject ends in what GitHub, GitLab,
        Gitea, Forgejo, Bitbucket, Azure, CircleCI and Jenkins all take for it. (A trailer `skip-checks: true` is
        GitHub's alone.)
        """
        words = _redacted(self._render("commit.txt.j2", report=report, headline=headline(report))).strip()
        subject, *rest = words.split("\n")
        words = "\n".join((f"{subject} {SKIP_CI}", *rest)) if skip_ci else words
        return f"{words}\n\n{_trailers(report, expects)}"

    def actions(self, team: TeamReport, report: Report) -> str:
        """The team's next actions as plain text, all of them."""
        return self._render("actions.txt.j2", team=team, actions=report.actions[team.name])

    def notice(self, report: Report, template: str = "notice", named: Container[str] | None = None) -> str:
        """The text by a channel's template (`terminal`, `slack`), about the teams that are named, or all.

        Empty where the transparency asks for silence.
        """
        shown = [team for team in report.teams if named is None or team.name in named]
        teams = [team for team in shown if _speaks_of(team, report.transparency)]
        if not teams and not report.weakened and not report.foreign:
            return ""
        every = report.transparency == "high"
        lines = {team.name: [*wrong(team), *(judged(team) if every else ())] for team in teams}
        values = {"report": report, "headline": headline(report), "teams": teams, "lines": lines}
        values["meddled"] = [meddled(each) for each in report.foreign]
        return self._render(file_of(template), **values)


def _redacted(text: str) -> str:
    """What is about to be pushed: titles and templates may hold what no finding does."""
    redacted: str = load("checkpoint.redaction").redact(text)
    return redacted


def file_of(template: str) -> str:
    """The file of a channel's template; a channel without one has the plainest."""
    names = (f"{template}.txt.j2", f"{template}.json.j2")
    return next((name for name in names if name in TEMPLATES), "notice.txt.j2")


def _trailers(report: Report, expects: str) -> str:
    lines = [
        f"Checkpoint-Id: {report.id}",
        f"Checkpoint-Slot: {report.slot}",
        f"Checkpoint-Plan: {printable(report.plan)}",
    ]
    lines += [f"Checkpoint-Team: {team_trailer(team.name, team.count)}" for team in report.teams]
    lines.append(f"Checkpoint-Expects: {expects}")
    return "\n".join((*lines, ""))


def team_trailer(name: str, c: Count) -> str:
    """What a commit says of a team: the branch's own word for how it stood."""
    states = f"verified={c.verified} claimed={c.claimed} false-claims={c.false_claims}"
    states += f" failing={c.failing} missing={c.missing} blocked={c.blocked} unapproved={c.unapproved}"
    return f"{name} {c.done}/{c.tasks} {states}"


def _shortened(action: Action) -> Action:
    if len(action.steps) <= STEPS_IN_PLAN:
        return action
    left = len(action.steps) - STEPS_IN_PLAN + 1
    last = msgspec.structs.replace(action.steps[0], do=f"and {left} more: `checkpoint next {action.team}`", where="")
    return msgspec.structs.replace(action, steps=(*action.steps[: STEPS_IN_PLAN - 1], last))


def _speaks_of(team: TeamReport, transparency: str) -> bool:
    if transparency != "low":
        return True
    return not team.kept and any(task.lost or (task.proven and team.is_finished) for task in team.tasks)
