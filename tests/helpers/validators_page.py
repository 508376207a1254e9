"""The part of `docs/validators.md` that is made from the validators themselves.

Run as a module, it writes that part anew.
"""

import re
from pathlib import Path

from checkpoint.documents import Described
from checkpoint.registry import Registry, our_names

PAGE = Path(__file__).parents[2] / "docs/validators.md"
PART = re.compile(
    r"(?<=<!-- validators: written by `python -m tests.helpers.validators_page` -->\n).*(?=<!-- /validators -->)",
    re.DOTALL,
)


def section(described: Described) -> str:
    """One validator: its usage, its help and its examples."""
    usage = "`$ COMMAND` passes" if described.name == "command" else f"`ARTIFACT` {described.name}"
    examples = "\n".join(f"- {example}" for example in described.examples)
    usage = f"{usage} {described.usage}".rstrip()
    return f"### {described.name}\n\n    {usage}\n\n{described.help}\n\n```markdown\n{examples}\n```\n"


def generated() -> str:
    """All of ours, after a table of what each proves."""
    registry = Registry()
    all_of_them = [registry.describe(name) for name in our_names()]
    rows = "".join(f"| [{each.name}](#{each.name}) | {each.summary} |\n" for each in all_of_them)
    return f"\n| name | holds where |\n|---|---|\n{rows}\n" + "\n".join(map(section, all_of_them)) + "\n"


if __name__ == "__main__":
    PAGE.write_text(PART.sub(lambda _: generated(), PAGE.read_text("utf-8")), "utf-8")
