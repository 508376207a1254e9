"""JSON, YAML, TOML and XML from people and programs that are not trusted.

What two readers could understand in two ways is refused: duplicate keys, NaN, tags that make objects, several roots,
anything behind the end. So is what grows while it is read: entities, alias bombs, deep nesting. Time and memory are
bounded by LIMITS: each file below its limit is read or refused in about a second of CPU.
"""

from __future__ import annotations

from typing import Any

from checkpoint.lazy import load
from checkpoint.strict.malformed import Malformed

__all__ = ["LIMITS", "SUFFIXES", "Malformed", "read"]

SUFFIXES = {
    ".json": "json",
    ".geojson": "json",
    ".ipynb": "json",
    ".sarif": "json",
    ".webmanifest": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".xml": "xml",
    ".svg": "xml",
    ".xsd": "xml",
    ".xhtml": "xml",
}
"""The kind of document that a file is by its name's end."""

LIMITS = {"json": 16 * 2**20, "yaml": 8 * 2**20, "toml": 2**20, "xml": 16 * 2**20}
"""The most bytes of each kind."""

_READERS = {
    "json": "checkpoint.strict.json_text",
    "yaml": "checkpoint.strict.yaml_text",
    "toml": "checkpoint.strict.toml_text",
    "xml": "checkpoint.strict.xml_text",
}


def read(data: bytes, kind: str) -> Any:
    """The document: plain values, or an `xml.etree.ElementTree.Element`.

    Several documents in one YAML file make a tuple of them, none makes None. Raises Malformed.
    """
    try:
        return load(_READERS[kind]).read(data)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed("a byte that is not UTF-8", line, error.start - data.rfind(b"\n", 0, error.start)) from error
    except RecursionError as error:
        raise Malformed("nesting that is too deep") from error
