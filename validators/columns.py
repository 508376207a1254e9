"""Whether a table has its columns, and rows."""

import csv
import io
from collections.abc import Iterator
from itertools import islice

from checkpoint.validator import Artifact, Finding, Unreadable, short, validator

_LIMIT = 32 * 1024 * 1024


def _lint(*names: str, at_least: int = 1) -> None:
    if not names:
        raise ValueError("say which columns: `id` `email`")


@validator("columns", examples=("`users.csv` columns `id` `email` at-least 100",), lint=_lint)
def columns(artifact: Artifact, *names: str, at_least: int = 1) -> Iterator[Finding]:
    """The first row of the CSV names these columns, and at least so many rows of data follow it.

    Fields are separated by tabs in a `.tsv`, elsewhere by what the first row holds most of: comma, semicolon, tab
    or `|`. A row counts where it has as many fields as the first, and anything in one of them.
    """
    _lint(*names, at_least=at_least)
    path, rows = artifact.path, _rows(artifact)
    header = [name.strip() for name in next(rows, [])]
    for name in names:
        times = header.count(name)
        if times != 1:
            found = f"it {times} times" if times else short(", ".join(header) or "no row")
            yield Finding(f"the column `{name}`", found, f"{path}:1", f"name one column of `{path}` `{name}`")
    data = (row for row in rows if len(row) == len(header) and any(map(str.strip, row)))
    count = sum(1 for _ in islice(data, at_least))
    if count < at_least:
        expected = f"at least {at_least} rows of {len(header)} fields below the header"
        yield Finding(expected, f"{count}", path, f"write the rows of `{path}`")


def _rows(artifact: Artifact) -> Iterator[list[str]]:
    path, text = artifact.path, artifact.text(_LIMIT).lstrip("\r\n")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), strict=True)
    try:
        yield from rows
    except csv.Error as error:
        found = Finding("well-formed CSV", short(error), f"{path}:{rows.line_num}", f"mend the CSV of `{path}`")
        raise Unreadable(found) from error


def _delimiter(path: str, text: str) -> str:
    first = text[: text.find("\n")] if "\n" in text else text
    return "\t" if path.lower().endswith(".tsv") else max(",;\t|", key=first.count)
