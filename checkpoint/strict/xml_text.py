"""XML without document types, and so without entities."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from checkpoint.strict.malformed import Malformed

DEPTH = 200
PARTS = 1_000_000
"""The most elements and attributes together."""
TAG = 2**20
"""The most bytes of one tag, comment or instruction."""
NAMESPACE = 1000
"""The most characters of a namespace's name: it is a part of each name in it."""
_CHUNK = 2**16


def read(data: bytes) -> Any:
    parser = DefusedXMLParser(target=_Bounded(), forbid_dtd=True)
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
            if start - parser.parser.CurrentByteIndex > TAG:
                raise Malformed(f"a tag of more than {TAG:,} bytes", parser.parser.CurrentLineNumber)
        return parser.close()
    except ParseError as error:
        line, column = error.position
        raise Malformed(str(error).rpartition(": line")[0], line, column + 1) from error
    except DefusedXmlException as error:
        raise Malformed("a document type", parser.parser.CurrentLineNumber) from error
    except LookupError as error:
        raise Malformed("an encoding that nobody knows", 1) from error
    except ValueError as error:
        raise Malformed("an encoding that cannot be read", 1) from error


class _Bounded(TreeBuilder):
    """A builder that gives up on trees that are too deep or too large."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0
        self._parts = 0

    def start_ns(self, _prefix: str, name: str) -> None:
        if len(name) > NAMESPACE:
            raise Malformed(f"the name of a namespace longer than {NAMESPACE} characters")

    def start(self, tag: Any, attrs: Any, /) -> Element:
        self._depth += 1
        self._parts += 1 + len(attrs)
        if self._depth > DEPTH:
            raise Malformed(f"nesting deeper than {DEPTH}")
        if self._parts > PARTS:
            raise Malformed(f"more than {PARTS:,} elements and attributes")
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self._depth -= 1
        return super().end(tag)
