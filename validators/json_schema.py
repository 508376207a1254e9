"""Whether a document is what a schema says."""

import json
from collections.abc import Iterator
from datetime import date, time
from itertools import islice
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationError

from checkpoint.validator import Artifact, Finding, Tree, Unreadable, document, short, validator

_MOST_FINDINGS = 20
_MANY_VALUES = 10_000
"""Above this, only the first fault is looked for: the library collects all of them before it tells one."""
_HERE = "repository:///"


@validator("json-schema", examples=("`openapi.yaml` json-schema `schemas/openapi-3.1.json`",), apart=True)
def json_schema(artifact: Artifact, schema: str) -> Iterator[Finding]:
    """The JSON, YAML or TOML document is valid by a JSON Schema that lies in the repository.

    A `$ref` to another file of the repository is followed; nothing is ever fetched from elsewhere.
    """
    checker = _checker(artifact.references, schema)
    content = artifact.document()
    for value in content if isinstance(content, tuple) else (content,):
        plain = _plain(value)
        errors = _errors(artifact, checker, plain)
        yield from (_finding(artifact, schema, error) for error in islice(errors, _MOST_FINDINGS))
        if len(errors) > _MOST_FINDINGS:
            found = f"{len(errors) - _MOST_FINDINGS} more faults"
            yield Finding(f"what `{schema}` says", found, artifact.path, f"mend these in `{artifact.path}` too")


def _checker(references: Tree, schema: str) -> Any:
    """Raises ValueError for a schema that is missing, malformed, or refers to what is not in the repository."""

    def retrieve(address: str) -> Any:
        if not address.startswith(_HERE):
            raise ValueError(f"`{short(address)}` is not in the repository, and nothing is fetched")
        return _read_schema(references, address.removeprefix(_HERE))

    content = _read_schema(references, schema)
    try:
        return jsonschema_rs.validator_for(content, retriever=retrieve, base_uri=_HERE + schema)
    except ValueError as error:
        reason = str(error).partition("\n")[0].rpartition("ValueError: ")[2]  # what `retrieve` said, or the library
        raise ValueError(f"the schema `{schema}` cannot be used: {short(reason)}") from error


def _read_schema(references: Tree, path: str) -> Any:
    try:
        return _plain(document(references, path))
    except Unreadable as error:
        raise ValueError(f"the schema `{path}` cannot be read: {error.finding.found}") from error


def _plain(value: Any) -> Any:
    """As JSON has it: names that are texts, and dates as texts."""
    return json.loads(json.dumps(value, default=_json))


def _json(value: Any) -> Any:
    if isinstance(value, set):
        return sorted(value, key=str)
    if isinstance(value, date | time):
        return value.isoformat()
    raise ValueError("json-schema is for JSON, YAML and TOML")


def _errors(artifact: Artifact, checker: Any, value: Any) -> list[ValidationError]:
    try:
        if not _is_large(value):
            return list(checker.iter_errors(value))
        checker.validate(value)
    except ValidationError as error:
        return [error]
    except ValueError as error:  # too deep for the library, or half of a surrogate pair
        path = artifact.path
        raise Unreadable(
            Finding("a document that a schema can be held against", short(error), path, f"mend `{path}`")
        ) from error
    return []


def _is_large(value: Any) -> bool:
    count, queue = 0, [value]
    while queue and count <= _MANY_VALUES:
        inner = queue.pop()
        count += 1
        queue += inner.values() if isinstance(inner, dict) else inner if isinstance(inner, list) else ()
    return count > _MANY_VALUES


def _finding(artifact: Artifact, schema: str, error: ValidationError) -> Finding:
    place = _json_path(error.instance_path)
    expected, found = _difference(error)
    return Finding(
        f"`{place}`: {expected}", found, artifact.path, f"mend `{place}` in `{artifact.path}` as `{schema}` asks"
    )


def _json_path(parts: list[str | int]) -> str:
    shown = (f"[{part}]" if isinstance(part, int) else f".{short(part, 40)}" for part in parts)
    return short("$" + "".join(shown))


def _difference(error: ValidationError) -> tuple[str, str]:
    keyword, details = error.kind.name, error.kind.as_dict()
    if keyword == "required":
        return f"the property `{short(details['property'])}`", "it is missing"
    if "unexpected" in details:
        return "no properties or items but those of the schema", short(", ".join(map(str, details["unexpected"])))
    limits = [short(_limit(limit), 60) for name, limit in details.items() if name != "context"]
    return " ".join((keyword, *limits)), _shown(error.instance)


def _limit(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'an array'} of {len(value)}"
    if isinstance(value, str):
        return f"a string of {len(value)} characters"  # its text may be a secret, and nobody needs it here
    return short(json.dumps(value), 40)
