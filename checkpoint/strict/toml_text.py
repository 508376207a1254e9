"""TOML 1.0, by the standard library."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from checkpoint.strict.malformed import Malformed, at

PARTS = 100
"""The most parts of a dotted key: `tomllib` takes quadratic time and memory in them."""

_DOTTED = re.compile(
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+)++""",
)
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def read(data: bytes) -> Any:
    text = data.decode()
    for match in _DOTTED.finditer(text):
        if match[0].count(".") > PARTS:
            raise at(text, match.start(), f"more than {PARTS} names with dots between them")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(text, str(error)) from error
    except ValueError as error:
        raise Malformed("a number with thousands of digits") from error


def _malformed(text: str, message: str) -> Malformed:
    match = _PLACE.search(message)
    found = _PLACE.sub("", message)
    if match and match[1]:
        return Malformed(found, int(match[1]), int(match[2]))
    return at(text, len(text), found)
