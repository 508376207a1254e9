"""The phrases that every summary shares, with templates or without."""

from __future__ import annotations

from typing import Literal

from checkpoint.report import Foreign, Report, Weakened
from checkpoint.verdicts import Count, TaskReport, TeamReport


def number_of(many: int, what: str) -> str:
    """`1 warning`, `2 warnings`: of a word that takes an s."""
    return f"{many} {what}{'' if many == 1 else 's'}"


NAMED = 12
"""The most teams that are all named in a line; of more, so many that are not finished."""


def headline(report: Report) -> str:
    """`backend 3/5, frontend 4/4, 2 failing`: the whole state in a line.

    Of many teams, what they have done together, and the first that are not finished:
    `997/1000 teams finished, 99880/100000 tasks done, t3 0/100, t4 80/100, t7 0/100, 200 missing`.
    """
    teams = report.teams if len(report.teams) <= NAMED else [team for team in report.teams if not _is_finished(team)]
    named = [f"{team.name} {team.count.done}/{team.count.tasks}" for team in teams[:NAMED]]
    more = [f"{number_of(len(teams) - NAMED, 'more team')}"] if len(teams) > NAMED else []
    together = _together(report) if len(report.teams) > NAMED else []
    if not report.teams:
        named = ["no teams"]
    return ", ".join((*together, *named, *more, *troubles(report.count)))


def _together(report: Report) -> list[str]:
    finished = sum(map(_is_finished, report.teams))
    count = report.count
    return [f"{finished}/{len(report.teams)} teams finished", f"{count.done}/{count.tasks} tasks done"]


def _is_finished(team: TeamReport) -> bool:
    """As `TeamReport.is_finished`, by its numbers alone: its tasks may not have been read."""
    return 0 < team.count.tasks == team.count.done


def level(count: Count) -> Literal["info", "good", "bad"]:
    """How the news are: `good` when all is done, `bad` when something pretends or broke."""
    if count.done == count.tasks:
        return "good"
    return "bad" if count.failing + count.false_claims + count.broken else "info"


def troubles(count: Count) -> list[str]:
    """What is wrong, in the words of every summary: `2 failing`, `1 false claim`."""
    named = {
        "failing": count.failing,
        "missing": count.missing,
        "blocked": count.blocked,
        "unapproved": count.unapproved,
    }
    words = [f"{number} {word}" for word, number in named.items() if number]
    if count.false_claims:
        words.append(number_of(count.false_claims, "false claim"))
    if count.broken:
        words.append(f"{count.broken} broken")
    return words


def wrong(team: TeamReport) -> list[str]:
    """A line for each task that is not done and not waiting: what is missing or broken, false claims named."""
    if team.is_finished:
        return []
    return [
        f"{task.id} {_verdict_word(task)}: {reason(task)}"
        for task in team.tasks
        if task.verdicts and task.state in ("failing", "missing", "unapproved")
    ]


def judged(team: TeamReport) -> list[str]:
    """A line for each verdict of a team, in the plan's order."""
    return [f"{task.id} {each.outcome}: {each.expectation}" for task in team.tasks for each in task.verdicts]


def _verdict_word(task: TaskReport) -> str:
    if task.false_claim:
        return "FALSE CLAIM"
    return "BROKE" if task.broken else task.state


def reason(task: TaskReport) -> str:
    """The first thing that is wrong with a task, in a line; empty where nothing is."""
    wrongs = [verdict for verdict in task.verdicts if verdict.outcome != "passed"]
    if not wrongs:
        return ""
    first = wrongs[0]
    rest = f" (and {len(wrongs) - 1} more)" if len(wrongs) > 1 else ""
    if not first.findings:
        return first.expectation + rest
    finding = first.findings[0]
    where = f"{finding.where}: " if finding.where else ""
    return f"{where}expected {finding.expected}, found {finding.found}{rest}"


def meddled(each: Foreign) -> str:
    """What somebody else did to what is a checkpoint's own, who it was, and what counts now."""
    who = f" by {each.author} in {each.commit[:10]}" if each.author else ""
    if each.kind == "journal":
        return "the journal of this machine was edited; what the branch has of the last checkpoint counts"
    block = f"the {each.kind} block" + (f" of {each.team}" if each.team else "")
    if each.how == "in disorder":
        return f"{block} was brought into disorder{who}; it is not a checkpoint's until `checkpoint lint` finds none"
    return f"{block} was {each.how}{who}; it is written anew"


def weakened(each: Weakened) -> str:
    """That the plan asks for less, how, and who made it so."""
    now = f" → {each.now}" if each.now else ""
    who = f", by {each.author} in {each.commit[:10]}" if each.author else ""
    counts = "" if each.counts else "; does not count until approved"
    return f"{each.task or each.team or 'the plan'} asks for less ({each.how}): {each.was}{now}{who}{counts}"
