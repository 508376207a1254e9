"""`checkpoint serve --install`: shown, and with --write written."""

from __future__ import annotations

import argparse
import os
import sys

from checkpoint.console import Console
from checkpoint.documents import Installed, to_json
from checkpoint.triggers.install import Installation, has_systemd, install, installation
from checkpoint.triggers.service import program_of, service_of
from checkpoint.workspace import Workspace


def show_or_write(options: argparse.Namespace) -> int:
    """Prints what would be installed; with --write, what was. Returns the exit status."""
    workspace = Workspace(options.directory, options.plan)
    workspace.read_plan()  # a service of a plan that is not there would fail for ever
    program = program_of(sys.argv[0], sys.executable)
    service = service_of(workspace.top, workspace.plan_path, os.environ, program, options.branch or "")
    systemd = has_systemd(os.environ) if options.install == "auto" else options.install == "systemd"
    what = installation(service, os.environ, systemd=systemd)
    if options.write:
        install(what, os.environ)
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Installed(written=options.write, files=what.files, line=what.line, steps=what.steps)))
    else:
        _print(what, console, written=options.write)
    return 0


def _print(what: Installation, console: Console, *, written: bool) -> None:
    if not written:
        console.answer(what.text.rstrip("\n"))
        console.say()
        console.say(console.paint("dim", "# nothing has been written: add --write"))
        return
    for path in what.files:
        console.say(f"written: {path}")
    if what.line:
        console.say(f"in your crontab: {what.line}")
    if what.steps:
        console.say("now run:")
    for step in what.steps:
        console.answer(f"  {step}")
