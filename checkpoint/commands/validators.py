"""Shows what can be expected of an artifact; with NAME, one validator with its arguments and examples."""

from __future__ import annotations

import argparse

from checkpoint.console import Console, columns
from checkpoint.documents import Described, Validators, to_json
from checkpoint.errors import UsageError
from checkpoint.plan.parse import parse
from checkpoint.registry import Registry
from checkpoint.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="the validator to explain")


def run(options: argparse.Namespace) -> int:
    described = describe(options)
    console = Console(quiet=options.quiet)
    if options.json:
        console.answer(to_json(Validators(validators=described)))
    elif options.name:
        _explain(described[0], console)
    else:
        for line in columns([(each.name, each.usage, each.summary) for each in described]):
            console.answer(line)
        console.say("\n`checkpoint validators NAME` explains one.")
    return 0


def describe(options: argparse.Namespace) -> tuple[Described, ...]:
    registry = _registry(options)
    return tuple(registry.describe(name) for name in ([options.name] if options.name else registry.names()))


def _registry(options: argparse.Namespace) -> Registry:
    """With those of the repository's own that its plan uses; outside of one, ours and the installed ones."""
    try:
        workspace = Workspace(options.directory, options.plan)
        return workspace.trust.registry(parse(workspace.read_plan()))
    except UsageError:
        return Registry()


def _explain(each: Described, console: Console) -> None:
    console.answer(f"{console.paint('strong', each.name)} {each.usage}".rstrip())
    console.answer()
    console.answer(each.help)
    console.answer("\nexamples:")
    for example in each.examples:
        console.answer(f"  - {example}")
    console.say(f"\nfrom: {each.origin}")
