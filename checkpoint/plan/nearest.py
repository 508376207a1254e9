"""What a misspelt word was meant to be."""

from __future__ import annotations

from collections.abc import Sequence

from checkpoint.lazy import load


def did_you_mean(word: str, known: Sequence[str], otherwise: str) -> str:
    """A question that names the known word most like this one, or `otherwise` where none is."""
    near = load("difflib").get_close_matches(word.lower(), known, 1)
    return f"did you mean `{near[0]}`?" if near else otherwise
