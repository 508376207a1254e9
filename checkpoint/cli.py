"""The parser, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from checkpoint import __version__
from checkpoint.errors import CheckpointError, InternalError, PlanError, UsageError
from checkpoint.lazy import load

COMMANDS = {
    "init": "put a plan into this repository",
    "now": "take a checkpoint: pull, validate, summarise, publish, notify",
    "check": "validate only; exit 1 where a proof fails",
    "status": "the table of the last checkpoint",
    "next": "what a team should do next",
    "show": "the evidence behind a verdict",
    "log": "the checkpoints so far",
    "lint": "the plan's errors and weak expectations",
    "validators": "what can be expected of an artifact",
    "approve": "read and approve what the plan would run",
    "doctor": "what is missing or wrong here, and how to mend it",
    "demo": "a real two-team repository taken through three checkpoints",
    "completion": "completion for a shell: bash, zsh or fish",
}
"""Every command with its help; the module of the same name in `checkpoint.commands` is imported when called."""

_USAGE_EXIT = UsageError.exit_code
_INTERRUPTED_EXIT = 130


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as a UsageError: argparse's own exit status 2 means "block" to agents' hooks."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, mend=f"`{self.prog} --help` shows what it takes")


def build_parser(wanted: Sequence[str]) -> Parser:
    """The parser with the arguments of the `wanted` commands; the others are there by name and help only."""
    parser = Parser(
        prog="checkpoint",
        description="Proves what the teams of a plan have delivered, and tells everyone.",
        epilog="`checkpoint COMMAND --help` explains a command. The plan format: docs/plan-format.md.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"checkpoint {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, text in COMMANDS.items():
        if name in wanted:
            module = load(f"checkpoint.commands.{name}")
            command = commands.add_parser(name, help=text, description=module.__doc__, allow_abbrev=False)
            _common_arguments(command)
            module.add_arguments(command)
            command.set_defaults(run=module.run, whole_parser=lambda: build_parser(list(COMMANDS)))
        else:
            commands.add_parser(name, help=text, add_help=False)
    return parser


def _common_arguments(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("everywhere")
    group.add_argument("-C", dest="directory", metavar="DIR", default=".", help="run as if started in DIR")
    group.add_argument("--plan", metavar="FILE", help="the plan, relative to the repository's top (default: plan.md)")
    group.add_argument("--json", action="store_true", help="one JSON document on stdout, and nothing else there")
    group.add_argument("-q", "--quiet", action="store_true", help="print only what was asked for, and errors")
    group.add_argument("--debug", action="store_true", help="show the traceback of an error")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status (never 2: coding agents' hooks read that as "block")."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        parser = build_parser([word for word in arguments if word in COMMANDS][:1])
        options = parser.parse_args(arguments)
        status: int = options.run(options)
    except CheckpointError as error:
        if "--debug" in arguments:
            raise
        return _report(error, "--json" in arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED_EXIT
    except BrokenPipeError:
        # The reader of a pipe has gone (`checkpoint log | head`): nothing is wrong, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - a bug of ours still owes its user a message instead of a traceback
        if "--debug" in arguments:
            raise
        return _report(_bug(error), "--json" in arguments)
    return status


def _bug(error: Exception) -> CheckpointError:
    return InternalError(
        f"this is a bug in checkpoint: {type(error).__name__}: {error}",
        mend="run it again with --debug and report what it prints",
    )


def _report(error: CheckpointError, as_json: bool) -> int:
    if as_json:
        print(load("checkpoint.documents").error_document(error))
        return error.exit_code
    details = error.details if isinstance(error, PlanError) else ()
    for line in (
        f"error: {error.what}",
        *details,
        error.why and f"why:   {error.why}",
        error.mend and f"mend:  {error.mend}",
    ):
        if line:
            print(line, file=sys.stderr)
    return error.exit_code


def entry() -> NoReturn:
    """The console script."""
    raise SystemExit(main())
