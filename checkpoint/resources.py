"""Files that ship with the package: templates and the example plan.

In a checkout they stand at the top level, in a wheel inside the package.
"""

from __future__ import annotations

import os.path
from typing import Any

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
TEMPLATES = (
    "status.md.j2",
    "next.md.j2",
    "commit.txt.j2",
    "terminal.txt.j2",
    "actions.txt.j2",
    "slack.json.j2",
    "notice.txt.j2",
    "tmux.txt.j2",
    "desktop.txt.j2",
)


def _read(name: str) -> str:
    checkout = os.path.join(os.path.dirname(_PACKAGE), name)
    if os.path.exists(checkout) and os.path.exists(os.path.join(os.path.dirname(_PACKAGE), "pyproject.toml")):
        with open(checkout, encoding="utf-8") as file:
            return file.read()
    loader: Any = __spec__.loader  # reads from a zip archive too
    data: bytes = loader.get_data(os.path.join(_PACKAGE, name))
    return data.decode()


def is_ours(folder: str) -> bool:
    """Whether a folder is the one of our own checkout, rather than a repository's of the same name."""
    ours = os.path.join(os.path.dirname(_PACKAGE), os.path.basename(folder))
    return os.path.realpath(folder) == os.path.realpath(ours)


def template_source(name: str) -> str:
    """The text of one of `TEMPLATES`. Raises FileNotFoundError for another name."""
    if name not in TEMPLATES:
        raise FileNotFoundError(name)
    return _read(f"templates/{name}")


def example_plan() -> str:
    return _read("plan.example.md")
