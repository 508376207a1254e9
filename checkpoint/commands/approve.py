"""Shows what the plan would run or reach on this machine, and approves exactly that.

Commands, plug-ins and templates of the plan's repository, and folders outside of it, count only once approved. The
approval is kept outside the repository and names their content: whatever changes has to be approved again. On a
terminal the question is asked; elsewhere `checkpoint approve DIGEST` approves what was shown under that digest.
"""

from __future__ import annotations

import argparse
import getpass
import sys

from checkpoint.approvals import Item
from checkpoint.console import Console
from checkpoint.documents import Approve, Executable, to_json
from checkpoint.errors import NotApproved
from checkpoint.validation.content import visible
from checkpoint.validation.trust import digest_of, readable
from checkpoint.workspace import Workspace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("digest", nargs="?", help="approve without a question what was shown under this digest")


def run(options: argparse.Namespace) -> int:
    workspace = Workspace(options.directory, options.plan)
    items = workspace.trust.items(workspace.usable(workspace.read_plan()))
    approved = {item for item in items if workspace.trust.is_approved(item)}
    console = Console(quiet=options.quiet)
    if not options.json:
        _show(items, approved, console)
    agreed = all(item in approved for item in items) or _agree(options, items, console)
    if agreed:
        workspace.approvals.approve(items, getpass.getuser(), workspace.now)
    if agreed and items and not options.json:
        console.say(f"approved: exactly {'this' if len(items) == 1 else f'these {len(items)}'}, for this repository")
    if options.json:
        shown = tuple(Executable(item.kind, item.name, item.text, agreed or item in approved) for item in items)
        console.answer(to_json(Approve(digest=digest_of(items), approved=agreed, items=shown)))
    return 0 if agreed else NotApproved.exit_code


def _show(items: list[Item], approved: set[Item], console: Console) -> None:
    if not items:
        console.answer("This plan runs nothing and stays in its repository: nothing needs an approval.")
    for item in items:
        state = console.paint("good", "approved") if item in approved else console.paint("warn", "new     ")
        console.answer(f"  {state}  {item.kind:<8}  {visible(item.name)}")
        if item.kind in ("plugin", "template", "baseline") and item not in approved:
            for line in readable(item).splitlines():
                console.answer(console.paint("dim", f"      | {visible(line.expandtabs(4))}"))


def _agree(options: argparse.Namespace, items: list[Item], console: Console) -> bool:
    digest = digest_of(items)
    if options.digest:
        if options.digest != digest:
            raise NotApproved(
                f"{options.digest} is not what the plan would run",
                why=f"that is {digest} now: the plan, a plug-in or a template has changed",
                mend="read what `checkpoint approve` shows, then approve that",
            )
        return True
    if options.json:
        return False
    if not sys.stdin.isatty():
        console.say(f"\nNothing was approved. To approve exactly these: checkpoint approve {digest}")
        return False
    console.answer()
    return input("Approve exactly these? [y/N] ").strip().lower() in ("y", "yes")
