"""Whether a file is well-formed."""

import ast
import csv
import io
import warnings
from collections.abc import Iterator
from itertools import islice

from checkpoint.validator import Artifact, Finding, short, validator

_KINDS = ("csv", "json", "python", "toml", "xml", "yaml")
_OTHER_SUFFIXES = {".csv": "csv", ".tsv": "csv", ".py": "python", ".pyi": "python"}
_CSV_LIMIT = 32 * 1024 * 1024
_PYTHON_LIMIT = 1024 * 1024
_MOST_FINDINGS = 20


def _lint(kind: str = "") -> None:
    if kind and kind not in _KINDS:
        raise ValueError(f"`{kind}` is none of {', '.join(_KINDS)}")


@validator("parses", examples=("`config.yaml` parses", "`users.data` parses csv"), lint=_lint)
def parses(artifact: Artifact, kind: str = "") -> Iterator[Finding]:
    """The file is well-formed JSON, YAML, TOML, XML, CSV or Python, by its suffix or as said.

    Refused is also what readers understand differently, or what grows in them: duplicate keys, NaN, document types,
    entities, aliases that multiply, tags that make objects. In a CSV each row has as many fields as the first.
    Python is parsed, never run.
    """
    _lint(kind)
    kind = kind or _OTHER_SUFFIXES.get(artifact.path[artifact.path.rfind(".") :].lower(), "")
    if kind == "csv":
        yield from islice(_csv(artifact), _MOST_FINDINGS)
    elif kind == "python":
        yield from _python(artifact)
    else:
        artifact.document(kind)


def _csv(artifact: Artifact) -> Iterator[Finding]:
    path, text = artifact.path, artifact.text(_CSV_LIMIT)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(path, text), strict=True)
    width = 0
    try:
        for row in rows:
            width = width or len(row)
            if row and len(row) != width:
                where = f"{path}:{rows.line_num}"
                yield Finding(f"{width} fields, as in the first row", f"{len(row)}", where, f"mend the row in `{path}`")
    except csv.Error as error:
        yield Finding("well-formed CSV", short(error), f"{path}:{rows.line_num}", f"mend the CSV of `{path}`")
    if not width:
        yield Finding("a row of CSV", "blank lines", path, f"write the rows of `{path}`")


def _delimiter(path: str, text: str) -> str:
    """A tab by the suffix; else what the first line holds most of, a comma if nothing."""
    first = text[: text.find("\n")] if "\n" in text else text
    return "\t" if path.lower().endswith(".tsv") else max(",;\t|", key=first.count)


def _python(artifact: Artifact) -> Iterator[Finding]:
    path, found, line, column = artifact.path, "", 0, 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(artifact.read(_PYTHON_LIMIT), path)  # to compile takes quadratic time in functions
    except SyntaxError as error:
        found, line, column = error.msg, max(error.lineno or 0, 0), error.offset or 0
    except ValueError as error:
        found = str(error)
    except (MemoryError, RecursionError):
        found = "nesting that is too deep"
    if found:
        where = ":".join(str(part) for part in (path, line, column) if part)
        yield Finding("well-formed Python", short(found), where, f"mend the Python of `{path}`")
