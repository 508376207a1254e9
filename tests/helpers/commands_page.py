"""`docs/commands.md`, made from the parsers of the commands.

Run as a module, it writes the page anew.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from checkpoint.cli import COMMANDS, build_command

PAGE = Path(__file__).parents[2] / "docs/commands.md"
EVERYWHERE = "everywhere"
_HEAD = """# Commands

<!-- written by `python -m tests.helpers.commands_page` -->

`checkpoint COMMAND --help` says the same in a terminal. Every command takes:

"""


def arguments(parser: argparse.ArgumentParser, *, common: bool) -> list[argparse.Action]:
    """A command's own arguments, or those that every command takes."""
    groups = [group for group in parser._action_groups if (group.title == EVERYWHERE) == common]
    return [action for group in groups for action in group._group_actions if action.dest != "help"]


def written(action: argparse.Action) -> str:
    """An argument as one types it: `-q, --quiet`, `--plan FILE`, `TEAM`."""
    name = str(action.metavar or "|".join(action.choices or ()) or action.dest.upper())
    if not action.option_strings:
        return name
    return ", ".join(action.option_strings) + (f" {name}" if action.nargs != 0 else "")


def usage(parser: argparse.ArgumentParser) -> str:
    own = arguments(parser, common=False)
    words = [_word(each) for each in own if not each.option_strings]
    return " ".join([parser.prog, *(["[options]"] if any(each.option_strings for each in own) else []), *words])


def _word(action: argparse.Action) -> str:
    optional = f"[{written(action)}]" if action.nargs in ("?", "*") else written(action)
    return f"{optional}…" if action.nargs == "*" else optional


def table(actions: Iterable[argparse.Action]) -> str:
    rows = [f"| `{written(each).replace('|', ' or ')}` | {each.help or ''} |\n" for each in actions]
    return "".join(["| argument | meaning |\n|---|---|\n", *rows, "\n"]) if rows else ""


def section(name: str) -> str:
    parser = build_command(name)
    about = (parser.description or "").strip()
    return f"## {name}\n\n    {usage(parser)}\n\n{about}\n\n{table(arguments(parser, common=False))}"


def generated() -> str:
    common = table(arguments(build_command("now"), common=True))
    return (_HEAD + common + "".join(map(section, COMMANDS))).rstrip() + "\n"


if __name__ == "__main__":
    PAGE.write_text(generated(), "utf-8")
