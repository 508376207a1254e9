"""A plan's nodes by looking at one line after the other, for text in plain forms; anything else is left to Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint.plan.nodes import Node


def scan(lines: Sequence[str]) -> list[Node] | None:
    return None
