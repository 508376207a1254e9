"""Whether the tests reach the code."""

import re
from collections.abc import Iterator

from checkpoint.validator import Artifact, Finding, Unreadable, short, validator

_LIMIT = 8 * 1024 * 1024
_COUNTS = re.compile(r"([0-9]{1,18}),([0-9]{1,18})(?:,.*)?")
_RECORD = re.compile(r"[A-Z]{2,8}:.*|end_of_record|#.*|")

Hit = tuple[str, int, int]
"""A file, a line of it, and how often that was run."""


def _lint(*, at_least: int = -1) -> None:
    if not 1 <= at_least <= 100:
        raise ValueError("say how much, in percent from 1 to 100: `at-least 80`")


@validator("coverage", examples=("`coverage.xml` coverage at-least 80", "`lcov.info` coverage at-least 80"), lint=_lint)
def coverage(artifact: Artifact, *, at_least: int = -1) -> Iterator[Finding]:
    """So many percent of the lines were run, by a Cobertura report (XML) or an lcov trace file.

    The lines are counted; the rates that a report claims are not believed.
    """
    _lint(at_least=at_least)
    path = artifact.path
    is_xml = artifact.read().lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    lines: dict[tuple[str, int], bool] = {}
    for file, number, times in _cobertura(artifact) if is_xml else _lcov(artifact):
        lines[file, number] = lines.get((file, number), False) or times > 0
    covered = sum(lines.values())
    if not lines:
        yield Finding("lines of code", "none", path, f"run the tests with coverage, and write its report to `{path}`")
    elif covered * 100 < at_least * len(lines):
        found = f"{covered * 1000 // len(lines) / 10} %, {covered} of {len(lines)} lines"
        action = f"test more lines, most in `{short(_least_tested(lines))}`, and write the report again"
        yield Finding(f"at least {at_least} % of the lines run", found, path, action)


def _least_tested(lines: dict[tuple[str, int], bool]) -> str:
    counts: dict[str, int] = {}
    for (file, _), was_run in lines.items():
        counts[file] = counts.get(file, 0) + (not was_run)
    return max(counts, key=lambda file: counts[file])


def _cobertura(artifact: Artifact) -> Iterator[Hit]:
    root = artifact.document("xml")
    if root.tag != "coverage":
        raise _unreadable(artifact, f"`<{short(root.tag, 40)}>`")
    file = ""
    for element in root.iter():
        if element.tag == "class":
            file = element.get("filename", "")
        elif element.tag == "line" and file:
            yield _hit(artifact, file, f"{element.get('number')},{element.get('hits')}")


def _lcov(artifact: Artifact) -> Iterator[Hit]:
    file = ""
    for number, text in enumerate(artifact.text(_LIMIT).splitlines(), 1):
        kind, _, value = text.partition(":")
        if kind == "SF":
            file = value
        elif kind == "DA" and file:
            yield _hit(artifact, file, value, number)
        elif kind == "DA" or not _RECORD.fullmatch(text):
            raise _unreadable(artifact, "no record of lcov", number)


def _hit(artifact: Artifact, file: str, counts: str, line: int = 0) -> Hit:
    match = _COUNTS.fullmatch(counts)
    if not match:
        raise _unreadable(artifact, "a line without its number and count", line)
    return file, int(match[1]), int(match[2])


def _unreadable(artifact: Artifact, found: str, line: int = 0) -> Unreadable:
    path = artifact.path
    where = f"{path}:{line}" if line else path
    action = f"write a Cobertura report or an lcov trace file to `{path}`"
    return Unreadable(Finding("a coverage report", found, where, action))
