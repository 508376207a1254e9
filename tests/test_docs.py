"""The pages cannot drift from the program: what it offers is described, and what they show works."""

import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from markdown_it import MarkdownIt

from checkpoint import documents, errors
from checkpoint.cli import COMMANDS, build_command
from checkpoint.config import OPTIONS
from checkpoint.notify.registry import OURS
from checkpoint.plan.parse import parse
from checkpoint.registry import our_names
from checkpoint.resources import TEMPLATES, example_plan
from tests.helpers import commands_page
from tests.test_layers import ROOMS

ROOT = Path(__file__).parents[1]
PAGES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")])
}


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str


def blocks(language: str) -> list[Block]:
    return [block for page, text in PAGES.items() for block in _blocks(page, text) if block.language == language]


def _blocks(page: str, text: str) -> Iterator[Block]:
    for token in MarkdownIt().parse(text):
        if token.type == "fence" and token.map:
            yield Block(page, token.map[0] + 1, token.info.split()[0] if token.info else "", token.content)


def schemas() -> set[str]:
    """The names of all documents that `--json` prints."""
    kinds = [kind for kind in vars(documents).values() if isinstance(kind, type) and issubclass(kind, msgspec.Struct)]
    return {str(field.default) for kind in kinds for field in msgspec.structs.fields(kind) if field.name == "schema"}


def exit_codes(kind: type[errors.CheckpointError] = errors.CheckpointError) -> set[str]:
    return {str(kind.exit_code)}.union(*map(exit_codes, kind.__subclasses__()))


DESCRIBED: dict[str, tuple[Iterable[str], str, str]] = {
    "command": (COMMANDS, "README.md", r"\bcheckpoint {}\b"),
    "exit status": (sorted(exit_codes()), "README.md", r"(?<!\d){} [a-z]"),
    "validator": (our_names(), "docs/validators.md", r"\n### {}\n"),
    "validator in short": (our_names(), "README.md", r"`{}`"),
    "configuration": ((each.name for each in OPTIONS), "docs/configuration.md", r"\| `{}` \|"),
    "variable": ((each.variable for each in OPTIONS), "docs/configuration.md", r"\| `{}` \|"),
    "default": ((each.default for each in OPTIONS if each.default), "docs/configuration.md", r"\| `{}` \| `CHECK"),
    "schema": (sorted(schemas()), "docs/json.md", r"{}"),
    "notifier": (OURS, "docs/notifiers.md", r"`{}`"),
    "room": (ROOMS, "docs/architecture.md", r"`{}`"),
    "template": (TEMPLATES, "docs/templates.md", r"\| `{}` \|"),
}
"""What the program offers, kind by kind: the names, the page, and how the page must show each."""

EXPECTED = [(name, page, how) for names, page, how in DESCRIBED.values() for name in names]


@pytest.mark.parametrize(("name", "page", "how"), EXPECTED)
def test_what_there_is_is_described(name: str, page: str, how: str) -> None:
    assert re.search(how.format(re.escape(name)), PAGES[page]), f"{page} does not show {name}"


def test_the_page_of_the_commands_is_up_to_date() -> None:
    assert commands_page.PAGE.read_text() == commands_page.generated(), "run python -m tests.helpers.commands_page"


@pytest.mark.parametrize("page", list(PAGES))
def test_links_lead_somewhere(page: str) -> None:
    broken = [target for target in links(PAGES[page]) if not leads_somewhere(ROOT / page, target)]
    assert not broken


def links(text: str) -> Iterator[str]:
    """Targets of a page's links and pictures that lie in this repository."""
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        for child in token.children or ():
            target = str(child.attrs.get("href") or child.attrs.get("src") or "")
            if target and "://" not in target and not target.startswith("mailto:"):
                yield target


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    found = page.parent / path if path else page
    return found.exists() and (not anchor or anchor in anchors(found.read_text()))


def anchors(text: str) -> set[str]:
    """The names that a viewer gives to a page's headings."""
    tokens = MarkdownIt().parse(text)
    headings = (after.content for token, after in pairwise(tokens) if token.type == "heading_open")
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def plans() -> Iterator[tuple[str, str]]:
    """Whole plans: the example, and the blocks of pages that begin with a plan's front matter."""
    yield "plan.example.md", example_plan()
    for block in blocks("markdown"):
        if block.text.startswith("---\ncheckpoint:"):
            yield f"{block.page}:{block.line}", block.text


@pytest.mark.parametrize(("where", "text"), list(plans()))
def test_plans_that_are_shown_are_sound(where: str, text: str) -> None:
    assert [(problem.line, problem.found) for problem in parse(text.encode()).problems] == [], where


def shown_commands() -> Iterator[tuple[str, list[str]]]:
    """Every command line of ours in a block of a console or of a shell."""
    for block in (*blocks("console"), *blocks("sh"), *blocks("bash")):
        for number, line in enumerate(block.text.splitlines(), block.line + 1):
            words = shlex.split(line.removeprefix("$ "), comments=True)
            if words[:1] == ["checkpoint"]:
                yield f"{block.page}:{number}", words[1:]


@pytest.mark.parametrize(("where", "words"), list(shown_commands()))
def test_commands_that_are_shown_can_be_typed(where: str, words: list[str]) -> None:
    alternatives = [word.split("|")[0] for word in words]
    assert build_command(alternatives[0]).parse_args(alternatives[1:]), where


def test_pages_show_plans_and_commands() -> None:
    assert len(list(plans())) > 1
    assert len(list(shown_commands())) > len(COMMANDS) / 2
