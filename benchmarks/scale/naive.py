# mypy: ignore-errors
"""A checkpoint as one would write it in an afternoon, with a library for everything: `python naive.py FOLDER`.

It pulls, parses the plan, checks each expectation, ticks boxes, writes the blocks, commits and pushes. It has no
limits, no locks, no retries, no approvals, and loses edits where two people are at work.
"""

import re
from pathlib import Path

import typer
from git import Repo
from jinja2 import Template
from markdown_it import MarkdownIt
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

_TASK = re.compile(r"\[([ xX])\] \*\*([\w.-]+)\*\* (.*)")
_WORDS = re.compile(r"`([^`]*)`|(\S+)")
_STATUS = Template("{{ done }} of {{ all }} tasks are proven.")
_NEXT = Template(
    "{% for task in open %}- {{ task.id }}: {{ task.title }}\n{% else %}Nothing is left to do.{% endfor %}"
)


class Expectation(BaseModel):
    path: str
    validator: str
    arguments: list[str]


class Task(BaseModel):
    id: str
    title: str
    line: int
    expectations: list[Expectation] = []

    def is_proven(self, folder: Path) -> bool:
        return all(holds(folder, each) for each in self.expectations)


class Team(BaseModel):
    name: str
    folder: str = ""
    tasks: list[Task] = []


def teams_of(text: str) -> list[Team]:
    teams: list[Team] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type != "inline":
            continue
        task = _TASK.match(token.content)
        if token.content.startswith("Team: "):
            teams.append(Team(name=token.content.removeprefix("Team: ")))
        elif teams and token.content.startswith("folder: "):
            teams[-1].folder = token.content.removeprefix("folder: ").strip("`")
        elif teams and task:
            teams[-1].tasks.append(Task(id=task[2], title=task[3], line=token.map[0] if token.map else 0))
        elif teams and teams[-1].tasks and token.content.startswith("`"):
            path, validator, *arguments = (code or word for code, word in _WORDS.findall(token.content))
            found = Expectation(path=path, validator=validator, arguments=arguments)
            teams[-1].tasks[-1].expectations.append(found)
    return teams


def holds(folder: Path, expected: Expectation) -> bool:
    paths = sorted(folder.glob(expected.path))
    wanted = expected.arguments[-1] if expected.arguments else ""
    if not paths or expected.validator == "exists":
        return bool(paths)
    if expected.validator == "count":
        return len(paths) >= int(wanted)
    if expected.validator == "size":
        return all(path.stat().st_size >= int(wanted) for path in paths)
    texts = [path.read_text() for path in paths]
    if expected.validator == "lines":
        return all(text.count("\n") >= int(wanted) for text in texts)
    if expected.validator == "lacks":
        return all(wanted not in text for text in texts)
    if expected.validator == "matches":
        return all(re.search(wanted, text, re.MULTILINE) for text in texts)
    return all(wanted in text for text in texts)


def block(text: str, name: str, content: str) -> str:
    pattern = rf"(<!-- checkpoint:{name} -->\n).*?(<!-- /checkpoint:)"
    return re.sub(pattern, lambda found: f"{found[1]}{content}\n{found[2]}", text, flags=re.DOTALL)


def main(folder: Path) -> None:
    repo = Repo(folder)
    repo.remotes.origin.pull()
    plan = folder / "plan.md"
    text = plan.read_text()
    teams = teams_of(text)
    proven = {task.id for team in teams for task in team.tasks if task.is_proven(folder / team.folder)}
    lines = text.split("\n")
    table = Table("team", "task", "state")
    for team in teams:
        for task in team.tasks:
            mark = "x" if task.id in proven else " "
            lines[task.line] = re.sub(r"\[[ xX]\]", f"[{mark}]", lines[task.line], count=1)
            table.add_row(team.name, task.id, "proven" if mark == "x" else "open")
    text = "\n".join(lines)
    text = block(text, "status", _STATUS.render(done=len(proven), all=sum(len(team.tasks) for team in teams)))
    for team in teams:
        text = block(text, f"next {team.name}", _NEXT.render(open=[t for t in team.tasks if t.id not in proven]))
    plan.write_text(text)
    repo.index.add(["plan.md"])
    repo.index.commit("Checkpoint")
    repo.remotes.origin.push().raise_if_error()
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
