"""Shows what is missing or wrong here, and how to mend it. Changes nothing. Exit 6 where something is wrong."""

from __future__ import annotations

import argparse

from checkpoint.console import Console
from checkpoint.diagnosis import diagnose
from checkpoint.documents import Diagnosis, Doctor, to_json
from checkpoint.errors import Stalled
from checkpoint.workspace import Workspace

_STYLES = {"ok": "good", "warning": "warn", "wrong": "bad"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(options: argparse.Namespace) -> int:
    with Workspace(options.directory, options.plan) as workspace:
        found = tuple(diagnose(workspace))
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Doctor(diagnoses=found)))
    else:
        for each in found:
            _print(each, console)
    return Stalled.exit_code if any(each.state == "wrong" for each in found) else 0


def _print(each: Diagnosis, console: Console) -> None:
    line = f"{console.paint(_STYLES[each.state], each.state.ljust(7))}  {each.name}: {each.found}"
    if each.state == "ok":
        console.say(line)
        return
    console.answer(line)
    if each.mend:
        console.answer(f"         → {each.mend}")
