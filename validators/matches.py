"""Whether a file holds what a regular expression describes."""

from collections.abc import Iterator
from typing import Any

import re2  # type: ignore[import-untyped]

from checkpoint.validator import Artifact, Finding, validator


def _compile(pattern: str) -> Any:
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(f"(?m){pattern}".encode(), options)
    except re2.error as error:
        reason = error.args[0] if error.args else "it does not compile"
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"`{pattern}` is not a regular expression of RE2: {text}") from error


def _lint(pattern: str, *, at_least: int = 1) -> None:
    if _compile(pattern).search(b"") is not None:
        raise ValueError(f"`{pattern}` matches even nothing: describe what must be there")
    if at_least < 1:
        raise ValueError("`at-least 0` always holds: ask for 1 or more")


@validator(
    "matches", examples=("`VERSION` matches `^[0-9]+\\.[0-9]+$`", "`log.csv` matches `^ok,` at-least 10"), lint=_lint
)
def matches(artifact: Artifact, pattern: str, *, at_least: int = 1) -> Iterator[Finding]:
    """The file holds what the regular expression describes; `at-least` asks for several places.

    The syntax is RE2's: no pattern can hang, and there are no back references and no look-around.
    `^` and `$` stand for the ends of a line.
    """
    _lint(pattern, at_least=at_least)
    found = sum(1 for _ in _compile(pattern).finditer(artifact.text().encode()))
    if found < at_least:
        expected = f"a match of `{pattern}`" if at_least == 1 else f"at least {at_least} matches of `{pattern}`"
        action = (
            f"complete `{artifact.path}` so that `{pattern}` describes {'a line' if at_least == 1 else 'as many lines'}"
        )
        yield Finding(expected, f"{found or 'none'}", artifact.path, action)
