"""The parser, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import argparse
import errno
import gc
import os
import sys

from checkpoint import __version__
from checkpoint.errors import CheckpointError, PlanError, Stalled, UsageError, bug
from checkpoint.lazy import load, load_msgspec

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

COMMANDS = {
    "init": "put a plan into this repository",
    "now": "take a checkpoint: pull, validate, summarise, publish, notify",
    "undo": "publish the plan's boxes and blocks as they were before a checkpoint",
    "serve": "take checkpoints by itself: by schedule, and when something changes",
    "notify": "the notifiers: how they do, and a test notice through them",
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

_LIGHT = ("check", "status", "next")
"""Commands that have no use for msgspec, or not always."""

FOR_GIT = ("merge-driver",)
"""Commands that git calls where it was told to, and no person; they print no document."""

_EVERYWHERE = {"-C": 2, "--plan": 2, "--json": 1, "-q": 1, "--quiet": 1, "--debug": 1}
"""The options that every command takes, with the words that each takes up."""
_DESCRIPTION = "Proves what the teams of a plan have delivered, and tells everyone."
_EPILOG = "`checkpoint COMMAND --help` explains a command. The plan format: docs/plan-format.md."
_INTERRUPTED_EXIT = 130
_SELDOM = (100_000, 20, 50)
_NO_ROOM = (errno.ENOSPC, errno.EIO, errno.EDQUOT)


class Parser(argparse.ArgumentParser):
    """Reports a wrong command line as a UsageError: argparse's own exit status 2 means "block" to agents' hooks."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, mend=f"`{self.prog} --help` shows what it takes")


class Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal, found without the module that argparse would import for it."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=24, width=_width())


def _width() -> int:
    columns = os.environ.get("COLUMNS", "")
    if columns.isdigit() and int(columns) > 0:
        return int(columns) - 2
    try:
        return os.get_terminal_size().columns - 2
    except OSError:
        return 78


def build_parser() -> Parser:
    """What `checkpoint --help` shows: the commands as text, since a parser for each would take longer than the rest."""
    parser = _outline()
    commands = "\n".join(f"  {name.ljust(12)}{text}" for name, text in COMMANDS.items())
    parser.epilog = f"commands:\n{commands}\n\n{_EPILOG}"
    parser.add_argument("command", metavar="COMMAND", help="one of those below")
    return parser


def build_whole_parser() -> Parser:
    """Every command with its arguments, as completion needs them."""
    parser = _outline()
    parser.epilog = _EPILOG
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    for name, text in COMMANDS.items():
        _fill(commands.add_parser(name, help=text), name)
    return parser


def _outline() -> Parser:
    parser = Parser(prog="checkpoint", description=_DESCRIPTION, allow_abbrev=False, formatter_class=Help)
    parser.add_argument("--version", action="version", version=f"checkpoint {__version__}")
    return parser


def build_command(name: str) -> Parser:
    """The parser of one command alone: building the others would take longer than some commands do."""
    return _fill(Parser(prog=f"checkpoint {name}", formatter_class=Help), name)


def _fill(parser: Parser, name: str) -> Parser:
    if name not in _LIGHT:
        load_msgspec()
    module = load(f"checkpoint.commands.{name.replace('-', '_')}")
    parser.description = module.__doc__
    parser.allow_abbrev = False
    parser.formatter_class = Help
    _common_arguments(parser)
    module.add_arguments(parser)
    parser.set_defaults(run=module.run, whole_parser=build_whole_parser)
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
    _prepare_streams()
    try:
        options = _parse(arguments)
        status: int = options.run(options)
        sys.stdout.flush()  # or a reader that has gone would be met when nobody can catch it any more
    except CheckpointError as error:
        return _report(error, arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return _INTERRUPTED_EXIT
    except BrokenPipeError:
        # The reader of a pipe has gone (`checkpoint log | head`): nothing is wrong, and nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _report(_unwritable(error) if error.errno in _NO_ROOM else bug(error), arguments)
    except Exception as error:  # noqa: BLE001 - a bug of ours still owes its user a message instead of a traceback
        return _report(bug(error), arguments)
    return status


def _unwritable(error: OSError) -> Stalled:
    what = f"{error.filename or 'the output'} cannot be written"
    return Stalled(what, why=error.strerror or "", mend="free some space, or look after the disk")


def _prepare_streams() -> None:
    """A stream that was closed is nobody's, and a mark that a terminal cannot show is no bug."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - for as long as we run
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _parse(arguments: list[str]) -> argparse.Namespace:
    before = _options_before(arguments)
    command = arguments[before] if before < len(arguments) else ""
    if command in COMMANDS or command in FOR_GIT:
        return build_command(command).parse_args(arguments[:before] + arguments[before + 1 :])
    if not command:
        build_parser().print_help(sys.stderr)
        raise UsageError("a command is missing", mend="start with `checkpoint demo`, or `checkpoint init`")
    if not command.startswith("-"):
        near = load("difflib").get_close_matches(command, COMMANDS, 1)
        raise UsageError(f"there is no command `{command}`", mend=f"`checkpoint {near[0] if near else '--help'}`")
    return build_parser().parse_args(arguments)


def _options_before(arguments: list[str]) -> int:
    """How many words of options that every command takes stand before the command, as in `checkpoint -C DIR now`."""
    at = 0
    while at < len(arguments) and arguments[at] in _EVERYWHERE:
        at += _EVERYWHERE[arguments[at]]
    return min(at, len(arguments))


def _report(error: CheckpointError, arguments: list[str]) -> int:
    """Says what went wrong, where anybody can still read it."""
    try:
        return _print_error(error, arguments)
    except OSError:
        return error.exit_code


def _print_error(error: CheckpointError, arguments: Sequence[str]) -> int:
    if "--debug" in arguments:
        load("traceback").print_exc()
    if "--json" in arguments:
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
    """The console script.

    Ends at once: what is to last is on the disk already, and to take the interpreter apart, module by module, would
    take a tenth of a checkpoint.
    """
    gc.set_threshold(*_SELDOM)  # hardly anything here is garbage that only a collection finds
    status = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            continue  # said already, where it could be said
    os._exit(status)
