"""`docs/json.md`, made from the types in `checkpoint.documents`.

Run as a module, it writes the page anew.
"""

from pathlib import Path
from textwrap import dedent
from typing import Any

import msgspec

from checkpoint.documents import DOCUMENTS
from checkpoint.verdicts import Seen, Verdict

PAGE = Path(__file__).parents[2] / "docs/json.md"
SPARSE = {each.__name__ for each in (Verdict, Seen)}
"""Parts that leave out what has its default."""

_HEAD = """# JSON output

<!-- written by `python -m tests.helpers.json_page` -->

Under `--json` a command prints one document on standard output and nothing else there, errors included; `serve` prints
one a line, as things happen. The first field names its schema, such as `checkpoint.status/1`. Within a version fields
may be added, so a reader ignores what it does not know; what is there keeps its meaning. The exit status is the same as
without `--json`. Only `completion`, whose output is a script, has no document.

Times are UTC in ISO 8601, commits are whole ids, lines and columns count from 1, and texts are empty where there is
nothing to say.

"""

MEANING = {
    "Action.check": "the command that proves it",
    "Action.reason": "why it is to be done, such as `not delivered yet`",
    "Action.steps": "what to put right, one after the other",
    "Action.unblocks": "how many tasks wait for it, directly or through others",
    "Approve.approved": "whether all of them are",
    "Approve.digest": "names exactly these items",
    "Approve.items": "all that the plan would run or reach",
    "Channel.due": "when what waits is tried next",
    "Channel.last": "when something was last sent",
    "Channel.name": "the notifier's, with a word after a colon where it has several",
    "Channel.problem": "what keeps it from carrying notices",
    "Channel.receipt": "where a test notice is, in the notifier's own words",
    "Channel.since": "since when it is degraded",
    "Channel.state": "how it does",
    "Channel.unsure": "notices of which nobody knows whether they arrived",
    "Channel.waiting": "notices that are yet to be sent",
    "Check.proven": "whether every expectation holds, as the exit status says",
    "Count.blocked": "tasks that wait for others",
    "unapproved": "tasks of which all holds but what nobody has approved yet",
    "Count.broken": "tasks that were verified once, and are not any more; among the others",
    "Count.claimed": "tasks that expect nothing and are ticked",
    "Count.failing": "tasks with something delivered that does not hold, or that could not be judged",
    "Count.false_claims": "tasks that somebody ticked although they are not proven; among the others",
    "Count.missing": "tasks of which nothing is there",
    "Count.open": "tasks that expect nothing and are not ticked",
    "Count.tasks": "all of them",
    "Count.verified": "tasks whose every expectation holds",
    "Described.examples": "expectations as they stand in a plan",
    "Described.help": "all of its help",
    "Described.origin": "`built in`, the package that brings it, or the repository",
    "Described.summary": "the first line of its help",
    "Described.usage": "the words after its name",
    "Diagnosis.name": "what was looked at",
    "Diagnosis.state": "`wrong` where no checkpoint can be taken",
    "Doctor.diagnoses": "in the order in which a checkpoint needs them",
    "Demo.checkpoints": "the three, each as `status` shows it",
    "Demo.folder": "the folder where it all lies",
    "Error.details": "a line each, where there is more than one thing wrong",
    "Error.error": "what went wrong",
    "Error.exit": "the exit status",
    "Evidence.output": "by its name: output, a diff, a log; secrets redacted unless `--raw` was given",
    "Evidence.verdict": "what was proven of an expectation",
    "Executable.approved": "whether exactly this has been approved",
    "Executable.kind": "`command`, `plugin`, `template`, `folder` or `baseline`",
    "Executable.text": "the whole of it",
    "Finding.action": "what to do about it",
    "Finding.found": "what is there instead",
    "Finding.where": "a path, with `:line` where a line is known",
    "Init.files": "what was written, relative to the repository's top",
    "Init.next": "what to do now",
    "Installed.files": "texts of units by their paths",
    "Installed.line": "the line for a crontab",
    "Installed.steps": "commands that are left to the user",
    "Installed.written": "whether it was written",
    "LogEntry.result": "how it ended",
    "LogEntry.seconds": "how long it took",
    "Problem.expected": "what should be there",
    "Problem.found": "what is there",
    "Problem.rule": "the rule's name",
    "Report.actions": "each team's next actions, most unblocking first",
    "Report.at": "when it began",
    "Report.base": "the commit whose plan was validated",
    "Report.branch": "the branch that it is published to",
    "Report.teams": "in the plan's order",
    "Report.foreign": "what is a checkpoint's own, and somebody else changed",
    "Report.weakened": "where the plan asks for less than it did",
    "Seen.digest": "sha256 of a file's content, or git's id of it in the tree of a ref",
    "Seen.modified": "the time of its last change, in nanoseconds",
    "Seen.path": "relative to the team's folder; a folder has a slash at its end",
    "Seen.size": "bytes; -1 for what was not there",
    "Notify.action": "what was asked for",
    "Served.at": "when it happened",
    "Served.commit": "the commit that was published",
    "Served.event": "what happened",
    "Served.result": "how a checkpoint ended",
    "Served.text": "the same for people, in a line",
    "Status.commit": "the commit that it published, or on which it found nothing new",
    "Status.freshness": "by task and expectation: `green`, `red`, `stale` or `missing`",
    "Status.refs": "by team: git folder, ref, and the commit that it named",
    "Status.roots": "by team: the folder on disk that was looked at",
    "Step.do": "the order",
    "Step.where": "a path, with `:line` where a line is known",
    "TaskReport.broken": "verified once, and not since",
    "TaskReport.false_claim": "ticked by somebody although it is not proven, and not proven since",
    "TaskReport.line": "of the task, in the plan that was validated",
    "TaskReport.lost": "verified by the last checkpoint, and not now",
    "TaskReport.proven": "verified now, and not by the last checkpoint",
    "TaskReport.ticked": "whether its box was ticked in the plan that was validated",
    "TaskReport.verdicts": "one for each expectation",
    "TaskReport.waits_for": "the tasks that must be done first and are not",
    "TeamReport.kept": "whether nothing of it was touched since the last checkpoint, which had found the same",
    "TeamReport.place": "what was looked at: a folder, or a folder of a ref with its commit",
    "TeamReport.tasks": "in the plan's order",
    "Told.problem": "what kept it from the others",
    "Told.receipt": "where the last one is, in the notifier's own words",
    "Told.sent": "how many notices it carried",
    "Undo.author": "who published that checkpoint",
    "Undo.undone": "the id of the checkpoint that was undone",
    "Verdict.artifact": "the path, glob or command of the expectation",
    "Verdict.digest": "sha256 over the names and contents that were looked at",
    "Verdict.evidence": "the names of what the private store keeps; `checkpoint show` has it",
    "Verdict.findings": "why it is not `passed`",
    "Verdict.line": "of the expectation, in the plan that was validated",
    "Verdict.seconds": "how long it took",
    "Verdict.seen": "each file and folder that was looked at",
    "Verdict.uses": "what its validator asked for besides the artifact; empty where it stands as long as that does",
    "Foreign.author": "who first did; empty where nobody knows",
    "Foreign.how": "what became of it",
    "Foreign.kind": "`status` or `next` for a block of the plan, `journal` for the journal of this machine",
    "Foreign.team": "whose block it is; empty for the others",
    "Weakened.author": "who made it so; empty where no commit was found that did",
    "Weakened.counts": "whether the weaker expectation counts; under `approval: strict` once approved",
    "Weakened.how": "such as `removed`, `looser glob`, `lower number`, `other command`",
    "Weakened.now": "what is asked for now; empty for what is gone",
    "Weakened.was": "what was asked for",
    "action": "what to do",
    "actions": "by team, most unblocking first",
    "at": "when it began",
    "channels": "of the notifiers that are configured, then of others that had notices",
    "checkpoints": "newest first",
    "column": "its column",
    "commit": "the commit that was published; empty where there is none",
    "diff": "what a dry run would have changed",
    "error": "what kept it from its end",
    "evidence": "each verdict with what was kept behind it",
    "expectation": "the expectation, as the plan has it",
    "expected": "what must be true",
    "found": "what was found",
    "headline": "how it stood, in a line",
    "id": "its id",
    "line": "its line",
    "mend": "how to mend it",
    "name": "its name",
    "notes": "what else is to be known, a line each",
    "channel": "its name",
    "outcome": "what it came to",
    "plan": "the plan's path in its repository",
    "problems": "in the order of lines",
    "report": "what was found",
    "result": "how it ended",
    "schema": "the name of this document and its version",
    "severity": "whether it forbids using the plan",
    "slot": "the occasion",
    "state": "what it has come to",
    "task": "the task's id",
    "team": "the team's name",
    "title": "its title",
    "told": "each channel that carried something, or could not",
    "transparency": "how much summaries tell",
    "trigger": "what asked for it",
    "validator": "the validator's name",
    "validators": "sorted by name",
    "why": "why",
    "count": "its tasks by what they have come to",
}
"""What each field means, under its own name or, where it means the same in several parts, under the field's."""


def kind(schema: dict[str, Any]) -> str:
    """A field's type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in schema:
        return " or ".join(f"`{each}`" for each in schema["enum"])
    if "prefixItems" in schema:
        return f"list of {len(schema['prefixItems'])} texts"
    if schema["type"] == "array":
        return f"list of {kind(schema['items'])}"
    if schema["type"] == "object":
        return f"object of {kind(schema['additionalProperties'])}"
    return {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}[schema["type"]]


def meaning(part: str, field: str) -> str:
    """Raises KeyError for a field that nobody has explained."""
    return MEANING.get(f"{part}.{field}") or MEANING[field]


def table(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"| `{field}` | {kind(about)} | {meaning(name, field)} |\n" for field, about in schema["properties"].items()
    ]
    return "".join(["| field | type | meaning |\n|---|---|---|\n", *rows])


def about(schema: dict[str, Any]) -> str:
    """The docstring of a type."""
    summary, _, rest = schema["description"].partition("\n")
    return f"{summary}\n{dedent(rest)}".strip()


def section(title: str, name: str, schema: dict[str, Any]) -> str:
    sparse = "\n\nA field that is empty, 0 or has nothing in it is left out." if name in SPARSE else ""
    return f"## {title}\n\n{about(schema)}{sparse}\n\n{table(name, schema)}"


def generated() -> str:
    """The documents in the order of the commands, then their parts in that of the alphabet."""
    _, parts = msgspec.json.schema_components(DOCUMENTS.values())
    documents = {each.__name__ for each in DOCUMENTS.values()}
    own = [section(name, each.__name__, parts[each.__name__]) for name, each in DOCUMENTS.items()]
    shared = [section(name, name, parts[name]) for name in sorted(parts.keys() - documents)]
    return _HEAD + "\n".join([*own, *shared])


if __name__ == "__main__":
    PAGE.write_text(generated(), "utf-8")
