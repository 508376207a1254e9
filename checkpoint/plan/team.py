"""One team's section: its settings, its tasks and what they expect."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from checkpoint.plan import words
from checkpoint.plan.harmless import quoted
from checkpoint.plan.model import Expectation, Problem, Task, Team
from checkpoint.plan.nearest import did_you_mean
from checkpoint.plan.nodes import Node

SETTINGS = ("folder", "ref", "terminal", "agent", "notify", "owner", "budget")


def notified(value: str) -> tuple[str, ...]:
    """The notifiers that the setting `notify` names."""
    return tuple(each.strip() for each in value.split(",") if each.strip())


class TeamReader:
    """Reads the nodes of one team's section, whose heading is the first.

    `understood` holds the lines of tasks and expectations, `problems` what is wrong; lines and columns count from 0.
    """

    def __init__(self, nodes: Sequence[Node], lines: Sequence[str]) -> None:
        self.problems: list[Problem] = []
        self.understood: set[int] = set()
        self._nodes = nodes
        self._lines = lines
        self._settings: dict[str, str] = {}
        self._tasks: list[Task] = []
        self._expectations: list[Expectation] = []
        self._in_task = False

    def read(self) -> Team:
        heading = self._nodes[0]
        match = words.TEAM.fullmatch(heading.text)
        name, title = (match[1], match[2] or "") if match else ("", "")
        for node in self._nodes:
            if node.kind == "item":
                self._item(node)
        self._end_task()
        if "folder" not in self._settings:
            mend = f"add the item - folder: `out/{name}` below the heading"
            self._report(heading.line, 0, f"team `{name}` without a folder", "the setting `folder`", mend, "folder")
        notify = notified(self._settings.pop("notify", ""))
        return Team(name, title, notify=notify, tasks=tuple(self._tasks), line=heading.line, **self._settings)

    def _item(self, node: Node) -> None:
        if node.level and self._in_task:
            if node.text.startswith("`"):
                self._expectation(node)
        elif not node.level:
            self._end_task()
            self._outermost(node)

    def _outermost(self, node: Node) -> None:
        match = words.TASK.fullmatch(node.text)
        if match is not None:
            self._task(node, match[1], match[2], match[3] or "", match.start(3))
        elif node.text.startswith("`"):
            self._loose(node)
        else:
            self._setting(node)

    def _task(self, node: Node, mark: str, name: str, title: str, offset: int) -> None:
        self._in_task = True
        self.understood.add(node.line)
        short, after, fault = words.after(title)
        if fault is not None:
            self._fault(node, offset, fault)
        self._tasks.append(Task(name, short, mark != " ", after, (), node.line, node.column + 1))

    def _end_task(self) -> None:
        if self._in_task and self._expectations:
            self._tasks[-1] = replace(self._tasks[-1], expectations=tuple(self._expectations))
        self._expectations = []
        self._in_task = False

    def _expectation(self, node: Node) -> None:
        read = words.expectation(node.text)
        self.understood.update(range(node.line, node.last + 1))
        if isinstance(read, words.Fault):
            self._fault(node, 0, read)
        else:
            self._expectations.append(replace(read, line=node.line, column=node.column))

    def _loose(self, node: Node) -> None:
        """An item of the outermost list that reads like an expectation: nobody would check it."""
        if self._tasks and not isinstance(words.expectation(node.text), words.Fault):
            mend = "indent it below its task; or begin the line with another word if it is prose"
            found = f"{quoted(node.text)} beside the tasks"
            self._report(node.line, node.column, found, "it nested in a task", mend, "expectation-place")

    def _setting(self, node: Node) -> None:
        read = words.setting(node.text)
        if read is None:
            return
        key, value, is_code = read
        if key not in SETTINGS:
            if is_code and not self._tasks:
                self._unknown(node, key)
        elif self._tasks and is_code:
            mend = "move it above the team's first task"
            self._report(node.line, node.column, f"`{key}` after a task", "settings before the tasks", mend, "setting")
        elif not self._tasks:
            self._known(node, key, value, is_code)

    def _known(self, node: Node, key: str, value: str, is_code: bool) -> None:
        if not is_code or not value:
            found = quoted(value) if value else "nothing"
            example = value.strip("` ") or "VALUE"
            mend = f"write - {key}: `{example}`"
            self._report(node.line, node.column, found, f"the value of `{key}` as a code span", mend, "setting")
        elif key in self._settings:
            mend = "delete one of the two"
            self._report(node.line, node.column, f"`{key}` a second time", "it once", mend, "setting-duplicate")
            return
        self._settings[key] = value

    def _unknown(self, node: Node, key: str) -> None:
        mend = did_you_mean(key, SETTINGS, "use one of these, or write it without the code span")
        expected = "one of " + ", ".join(f"`{each}`" for each in SETTINGS)
        self._report(node.line, node.column, f"the setting `{key}`", expected, mend, "setting-unknown")

    def _fault(self, node: Node, base: int, fault: words.Fault) -> None:
        before = node.text[: base + fault.offset]
        row = before.count("\n")
        text = node.text.split("\n")[row]
        start = node.column if row == 0 else self._lines[node.line + row].rfind(text)
        column = start + len(before) - (before.rfind("\n") + 1)
        self._report(node.line + row, column, fault.found, fault.expected, fault.mend, fault.rule)

    def _report(self, line: int, column: int, found: str, expected: str, mend: str, rule: str) -> None:
        self.problems.append(Problem(line, column, found, expected, mend, "error", rule))
