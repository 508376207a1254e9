"""Shows the evidence behind the verdicts of the last checkpoint, raw output included, from the private store.

Secrets are redacted unless --raw asks for the bytes as they were kept.
"""

from __future__ import annotations

import argparse
import time

from checkpoint.console import Console
from checkpoint.documents import Evidence, Show, to_json
from checkpoint.errors import UsageError
from checkpoint.redaction import redact, strip_controls
from checkpoint.store.runs import Run
from checkpoint.table import PAGE, TASKS
from checkpoint.verdicts import Verdict
from checkpoint.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("task", nargs="?", help="one task alone (default: all)")
    parser.add_argument(
        "--run", dest="name", metavar="ID", default="", help="another checkpoint: its id or commit, or how it begins"
    )
    parser.add_argument("--raw", action="store_true", help="do not redact secrets")


def run(options: argparse.Namespace) -> int:
    with Workspace(options.directory, options.plan) as workspace:
        taken = _run(workspace, options.name)
        verdicts = _verdicts(workspace, taken, options.task or "")
        shown = verdicts if options.task or options.json else _first(verdicts)
        found = tuple(Evidence(each, _output(workspace, taken, each)) for each in shown)
    if not options.raw:
        found = tuple(
            Evidence(each.verdict, {name: redact(text) for name, text in each.output.items()}) for each in found
        )
    console = Console(quiet=options.quiet)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(taken.started))
    if options.json:
        console.answer(to_json(Show(id=taken.id, at=at, evidence=found)))
        return 0
    console.say(f"checkpoint {taken.id}, {at}")
    for each in found:
        _print(each.verdict, each.output, console)
    if len(shown) < len(verdicts):
        console.say(f"\n… and {len(verdicts) - len(shown)} more: `checkpoint show TASK`, or all with `--json`")
    return 0


def _run(workspace: Workspace, name: str) -> Run:
    journal = workspace.store.journal
    found = journal.run(name) if name else journal.last()
    if found is None:
        what = f"there is no checkpoint `{name}`" if name else "no checkpoint has been taken here yet"
        raise UsageError(what, mend="`checkpoint log` lists them" if name else "take one: `checkpoint now`")
    return found


def _verdicts(workspace: Workspace, taken: Run, task: str) -> list[Verdict]:
    verdicts = [each for each in workspace.store.journal.verdicts(taken.id) if task in ("", each.task)]
    if task and not verdicts:
        raise UsageError(f"checkpoint {taken.id} proved nothing of `{task}`", mend="`checkpoint status` lists tasks")
    return verdicts


def _first(verdicts: list[Verdict]) -> list[Verdict]:
    """All of them, or of more than anybody reads the first that have not passed."""
    if len(verdicts) <= PAGE:
        return verdicts
    return [each for each in verdicts if each.outcome != "passed"][:TASKS]


def _output(workspace: Workspace, taken: Run, verdict: Verdict) -> dict[str, str]:
    kept = workspace.store.journal.evidence(taken.id, verdict.task, verdict.expectation)
    texts = {each.name: workspace.store.text(each.digest) for each in kept}
    return {name: "(pruned)" if text is None else text for name, text in texts.items()}


def _print(verdict: Verdict, output: dict[str, str], console: Console) -> None:
    style = "good" if verdict.outcome == "passed" else "bad"
    console.answer()
    console.answer(f"{verdict.task}  {console.paint(style, verdict.outcome)}  {verdict.expectation}")
    for finding in verdict.findings:
        where = f"{finding.where}: " if finding.where else ""
        console.answer(strip_controls(f"  {where}expected {finding.expected}, found {finding.found}"))
        console.answer(strip_controls(f"  → {finding.action}"))
    for seen in verdict.seen:
        if seen.digest:
            console.answer(console.paint("dim", f"  saw {seen.path}, {seen.size} bytes, sha256 {seen.digest[:16]}"))
    for name, text in output.items():
        console.answer(console.paint("strong", f"  ── {name} ──"))
        for line in text.splitlines() or ["(nothing)"]:
            console.answer(f"  {strip_controls(line)}")
