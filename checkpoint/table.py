"""The status as people read it, made from a report as plain data (as JSON holds it)."""

from __future__ import annotations

from checkpoint.console import Console, columns

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

NOTHING = "nothing there"
"""As in `checkpoint.validator`, which would take too long to import here."""

PAGE = 100
"""Tasks that are all shown. Of a plan with more, only those are that somebody has something to do about."""
TASKS = 20
"""The most of those."""
_TASKS_OF_A_TEAM = 8
_ROWS = 20
"""Teams that have a row each. Of more, those have that are not finished, and the others have one together."""

_HEADINGS = ("team", "done", "verified", "claimed", "false claims", "failing", "missing", "blocked", "unapproved")
_STATE_STYLE = {
    "verified": "good",
    "claimed": "warn",
    "failing": "bad",
    "missing": "bad",
    "blocked": "dim",
    "unapproved": "warn",
    "open": "dim",
}
_MARKS = {
    "verified": "✓",
    "claimed": "~",
    "failing": "✗",
    "missing": "·",
    "blocked": "…",
    "unapproved": "?",
    "open": "○",
}


def team_table(report: dict[str, Any], console: Console) -> list[str]:
    """A row a team with its counts, finished teams green; a sentence a team where there is no terminal."""
    teams = _worth_a_row(report["teams"])
    if not console.shows_tables:
        return [_sentence(team) for team in teams]
    shown = len(_HEADINGS) - (not any(_unapproved(team["count"]) for team in teams))
    rows = [_HEADINGS[:shown], *(_row(team)[:shown] for team in teams)]
    lines = columns(rows, right=frozenset(range(1, shown)))
    painted = [console.paint("strong", lines[0])]
    for team, line in zip(teams, lines[1:], strict=True):
        painted.append(console.paint(_team_style(team["count"]), line))
    return painted


def _worth_a_row(teams: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(teams) <= _ROWS:
        return teams
    finished = [team for team in teams if is_finished(team)]
    others = [team for team in teams if not is_finished(team)]
    together = [("finished teams", finished), ("more teams", others[_ROWS:])]
    return [*others[:_ROWS], *(_together(f"{len(some)} {what}", some) for what, some in together if some)]


def _together(name: str, teams: list[dict[str, Any]]) -> dict[str, Any]:
    """Several teams as if they were one."""
    counts = [team["count"] for team in teams]
    return {"name": name, "count": {key: sum(count.get(key, 0) for count in counts) for key in counts[-1]}}


def is_finished(team: dict[str, Any]) -> bool:
    count = team["count"]
    return bool(0 < count["tasks"] == count["verified"] + count["claimed"])


def is_done(task: dict[str, Any]) -> bool:
    return task["state"] in ("verified", "claimed")


def is_large(teams: Iterable[dict[str, Any]]) -> bool:
    """Whether there are more tasks than anybody reads."""
    return bool(sum(team["count"]["tasks"] for team in teams) > PAGE)


def page(
    teams: list[dict[str, Any]],
    tasks_of: Callable[[dict[str, Any]], list[dict[str, Any]]],
    lines_of: Callable[[dict[str, Any], list[dict[str, Any]]], Iterable[str]],
    console: Console,
    command: str,
) -> Iterator[str]:
    """What fits on a page of a large plan: the first tasks that are worth it, `tasks_of` each team, as `lines_of` them.

    The others are numbers; `command`, such as `checkpoint check`, shows all of one team. The lines of a team follow an
    empty one.
    """
    loud = [(team, tasks) for team in teams if (tasks := tasks_of(team))]
    if len(loud) < len(teams):
        yield from _quiet(teams, loud, console)
    left = TASKS
    while loud and left > 0:
        team, tasks = loud.pop(0)
        shown = tasks[: min(left, _TASKS_OF_A_TEAM)]
        left -= len(shown)
        yield ""
        yield console.paint("strong", team["name"]) + f"  {team['place']}"
        yield from lines_of(team, shown)
        if len(tasks) > len(shown):
            yield f"  … and {len(tasks) - len(shown)} more like these: `{command} {team['name']}`"
    if loud:
        yield ""
        tasks_left = sum(len(tasks) for _, tasks in loud)
        yield f"… and {tasks_left} more tasks of {len(loud)} more teams: `{command} TEAM`, or all with `--json`"


def report_lines(
    teams: list[dict[str, Any]],
    tasks_of: Callable[[str], list[dict[str, Any]]],
    console: Console,
    command: str,
    explains: Callable[[dict[str, Any]], bool],
    *,
    spaced: bool = False,
) -> Iterator[str]:
    """A line a task below its team, with what is wrong where the task `explains` itself; of a large plan, a page.

    `command` is what shows all of one team; an empty line comes before each team where they are `spaced`.
    """

    def to_do(team: dict[str, Any]) -> list[dict[str, Any]]:
        return [] if is_finished(team) else first_to_do(task for task in tasks_of(team["name"]) if not is_done(task))

    def lines(team: dict[str, Any], shown: list[dict[str, Any]]) -> Iterator[str]:
        for task, line in zip(shown, task_lines({**team, "tasks": shown}, console), strict=True):
            yield line
            if explains(task):
                yield from finding_lines(task, console)

    if is_large(teams):
        yield from page(teams, to_do, lines, console, command)
        return
    for team in teams:
        yield from [""] * spaced
        yield console.paint("strong", team["name"]) + f"  {team['place']}"
        yield from lines(team, tasks_of(team["name"]))


def _quiet(teams: list[dict[str, Any]], loud: list[Any], console: Console) -> Iterator[str]:
    named = {team["name"] for team, _ in loud}
    quiet = [team for team in teams if team["name"] not in named]
    tasks = sum(team["count"]["tasks"] for team in quiet)
    teams_word = "team" if len(quiet) == 1 else "teams"
    yield console.paint("good", f"✓ {len(quiet)} {teams_word} with nothing left to do: {tasks} tasks")


def first_to_do(tasks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks, those that wait for something behind those that do not."""
    return sorted(tasks, key=lambda task: task["state"] in ("blocked", "open"))


def _sentence(team: dict[str, Any]) -> str:
    """`backend: 2/4 tasks done, 1 failing, 1 false claim`."""
    count = team["count"]
    keys = ("failing", "missing", "blocked", "unapproved", "open")
    said = [f"{count[key]} {key}" for key in keys if count.get(key)]
    if count["claimed"]:
        said.insert(0, f"{count['claimed']} only claimed")
    if count["false_claims"]:
        said.append(f"{count['false_claims']} false claim{'s' if count['false_claims'] > 1 else ''}")
    done = f"{count['verified'] + count['claimed']}/{count['tasks']}"
    return ", ".join((f"{team['name']}: {done} tasks done", *said))


def _row(team: dict[str, Any]) -> tuple[str, ...]:
    count = team["count"]
    done = count["verified"] + count["claimed"]
    keys = ("verified", "claimed", "false_claims", "failing", "missing", "blocked")
    numbers = (*(count[key] for key in keys), _unapproved(count))
    return (team["name"], f"{done}/{count['tasks']}", *map(str, numbers))


def _unapproved(count: dict[str, int]) -> int:
    """A status that an older checkpoint has kept does not know them."""
    return count.get("unapproved", 0)


def _team_style(count: dict[str, int]) -> str:
    if count["verified"] + count["claimed"] == count["tasks"]:
        return "good"
    return "bad" if count["failing"] + count["false_claims"] + count["broken"] else "warn"


def task_lines(team: dict[str, Any], console: Console, stale: dict[str, str] | None = None) -> list[str]:
    """A line a task: its mark, id, title, and what is wrong first. `stale` maps tasks to a word on their freshness."""
    width = max((len(task["id"]) for task in team["tasks"]), default=0)
    return [_task_line(task, width, console, (stale or {}).get(task["id"], "")) for task in team["tasks"]]


def _task_line(task: dict[str, Any], width: int, console: Console, stale: str) -> str:
    style = _STATE_STYLE[task["state"]]
    mark = console.paint(style, f"{_MARKS[task['state']]} {task['id'].ljust(width)}")
    word = console.paint(style, _state_word(task))
    aside = console.paint("warn", f" ({stale})") if stale else ""
    return f"  {mark}  {task['title']} — {word}{aside}"


def _state_word(task: dict[str, Any]) -> str:
    if task["false_claim"]:
        return "false claim"
    if task["broken"]:
        return "broke"
    if task["state"] == "blocked":
        return "waits for " + ", ".join(task["waits_for"])
    words = {"claimed": "claimed, not verified", "open": "a person's to tick", "unapproved": "waits for an approval"}
    return words.get(task["state"], str(task["state"]))


def finding_lines(task: dict[str, Any], console: Console) -> list[str]:
    """What is wrong with a task: expected, found, where, and what to do, a line each finding."""
    lines = []
    for verdict in task["verdicts"]:
        if verdict["outcome"] == "passed":
            continue
        lines.append(f"      {console.paint('bad', verdict['outcome'])}  {verdict['expectation']}")
        for finding in verdict.get("findings", ()):
            if finding["found"] != NOTHING:
                lines.append(_expected(finding, console))
            if finding["action"]:
                lines.append(f"        → {finding['action']}")
    return lines


def _expected(finding: dict[str, Any], console: Console) -> str:
    where = f"{finding['where']}: " if finding["where"] else ""
    return console.paint("dim", f"        {where}expected {finding['expected']}, found {finding['found']}")
