"""How many lines a file has."""

import re
from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, validator

_LINE = re.compile(rb"\S[^\n]*")


def _lint(*, at_least: int = -1, at_most: int = -1) -> None:
    if max(at_least, at_most) < 0:
        raise ValueError("say how many: `at-least N` or `at-most N`")
    if at_least == 0:
        raise ValueError("`at-least 0` always holds: ask for 1 or more")
    if 0 <= at_most < at_least:
        raise ValueError(f"no number is at least {at_least} and at most {at_most}")


@validator("lines", examples=("`CHANGELOG.md` lines at-least 3", "`summary.txt` lines at-most 40"), lint=_lint)
def lines(artifact: Artifact, *, at_least: int = -1, at_most: int = -1) -> Iterator[Finding]:
    """The file has so many lines; blank ones do not count."""
    _lint(at_least=at_least, at_most=at_most)
    path = artifact.path
    found = sum(1 for _ in _LINE.finditer(artifact.read()))
    if found < at_least:
        yield Finding(f"at least {at_least} lines that are not blank", f"{found}", path, f"write the rest of `{path}`")
    elif 0 <= at_most < found:
        yield Finding(f"at most {at_most} lines that are not blank", f"{found}", path, f"shorten `{path}`")
