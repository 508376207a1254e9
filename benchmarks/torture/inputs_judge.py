"""Whether what came of a bad input is what was expected: the same for our way and for the naive one."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.torture.inputs_case import Case
from benchmarks.torture.inputs_stage import CANARY, MEMORY, SECONDS, Ran, Stage
from tests.helpers.repositories import git


class Before(NamedTuple):
    """What was published before the run, and what lay outside of the repository."""

    tip: str
    plan: bytes | None
    outside: dict[str, bytes]


def look(stage: Stage) -> Before:
    files = (path for path in stage.outside.rglob("*") if path.is_file())
    return Before(stage.tip(), stage.plan(), {str(path): path.read_bytes() for path in files})


def judge(case: Case, stage: Stage, before: Before, ran: Ran, *, plainly: bool = False) -> list[str]:
    """What is wrong, a line each; nothing where all is as expected.

    `plainly` asks for no words and no particular status: only for what was proven, published, read and written, and for
    an end in time.
    """
    return [
        *_bounds(ran),
        *_status(case, ran, plainly),
        *_published(case, stage, before),
        *_states(case, ran.document, plainly),
        *([] if plainly else _said(case, ran)),
        *_outside(stage, before, ran),
        *case.also(stage, ran),
    ]


def _bounds(ran: Ran) -> Iterator[str]:
    if ran.status == -9 or ran.seconds >= SECONDS:
        yield "no end in time"
    if ran.peak > MEMORY:
        yield f"{ran.peak // 2**20} MiB of memory"


def _status(case: Case, ran: Ran, plainly: bool) -> Iterator[str]:
    if "Traceback (most recent call last)" in ran.err and not (plainly and case.exit):
        yield f"a traceback: {ran.err.strip().splitlines()[-1][:200]}"
    if (bool(ran.status) != bool(case.exit)) if plainly else (ran.status != case.exit):
        yield f"exit {ran.status}, not {case.exit}: {(ran.err or ran.out).strip()[:300]}"


def _published(case: Case, stage: Stage, before: Before) -> Iterator[str]:
    tip, plan = stage.tip(), stage.plan()
    if not case.published:
        if (tip, plan) != (before.tip, before.plan):
            yield "something was published"
        return
    if tip == before.tip or plan is None:
        yield "nothing was published"
        return
    if b"- [x] **H1**" not in plan:
        yield "the healthy team is not verified in the plan"
    changed = git(stage.remote, "diff-tree", "-r", "--name-only", "--no-commit-id", tip).split()
    if changed != ["plan.md"]:
        yield f"the commit changes {', '.join(changed)}"


def _states(case: Case, document: Any, plainly: bool) -> Iterator[str]:
    found = states_of(document)
    wanted = [*case.states, *([("H1", "verified")] if case.published else [])]
    for task, state in wanted:
        is_right = (found.get(task) == "verified") == (state == "verified") if plainly else found.get(task) == state
        if task not in found or not is_right:
            yield f"{task} is {found.get(task, 'not judged')}, not {state}"


def states_of(document: Any) -> dict[str, str]:
    """What tasks have come to, by a report or by the naive way's simple list."""
    if not isinstance(document, dict):
        return {}
    teams = document.get("report", {}).get("teams", ())
    tasks: dict[str, str] = document.get("tasks", {})
    return tasks | {task["id"]: task["state"] for team in teams for task in team["tasks"]}


def _said(case: Case, ran: Ran) -> Iterator[str]:
    """The words that were asked for; and whatever is wrong, a next step with it."""
    words = "\n".join((*leaves(ran.document), ran.err))
    yield from (f"it does not say: {each}" for each in case.says if each not in words)
    if ran.status and isinstance(ran.document, dict) and not ran.document.get("mend", "-"):
        yield "no next step is named"
    if any(not finding["action"] for finding in findings(ran.document)):
        yield "a finding names no next step"


def findings(document: Any) -> Iterator[dict[str, str]]:
    teams = document.get("report", {}).get("teams", ()) if isinstance(document, dict) else ()
    for team in teams:
        for task in team["tasks"]:
            for verdict in task["verdicts"]:
                yield from verdict.get("findings", ())


def leaves(document: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(document, str):
        yield document
    for each in document.values() if isinstance(document, dict) else document if isinstance(document, list) else ():
        yield from leaves(each)


def _outside(stage: Stage, before: Before, ran: Ran) -> Iterator[str]:
    if look(stage).outside != before.outside:
        yield "something outside of the repository was written"
    shown = [ran.out, ran.err, (stage.plan() or b"").decode("utf-8", "replace")]
    shown += [path.read_text(errors="replace") for path in stage.notices.rglob("*") if path.is_file()]
    if any(CANARY in each for each in shown):
        yield "a file outside of the repository was read"
