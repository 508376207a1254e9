"""The words after a validator's name, turned into the arguments of its function."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from checkpoint.lazy import pattern
from checkpoint.validator import Check

_SIZE_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_DURATION_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST = 30
"""Characters of a quantity: a longer one is no size or time of this world."""
_QUANTITY = pattern(r"([0-9]+(?:\.[0-9]+)?)([A-Za-z]*)")


def _quantity(word: str, units: dict[str, Any], meaning: str) -> float:
    match = _QUANTITY.fullmatch(word)
    unit = units.get(match[2].lower()) if match else None
    if match is None or unit is None or len(word) > _LONGEST:
        raise ValueError(f"`{word}` is not {meaning}")
    return float(match[1]) * float(unit)


def size(word: str) -> int:
    """Bytes, from `10`, `10kB`, `1.5MiB`."""
    return int(_quantity(word, _SIZE_UNITS, "a size such as `10kB`"))


def duration(word: str) -> float:
    """Seconds, from `30s`, `10m`, `2h`, `7d`."""
    return _quantity(word, _DURATION_UNITS, "a duration such as `30s` or `2h`")


def _integer(word: str) -> int:
    if not word.isascii() or not word.isdigit():
        raise ValueError(f"`{word}` is not a whole number")
    return int(word)


_CONVERTERS: dict[str, Callable[[str], Any]] = {"str": str, "int": _integer, "Size": size, "Duration": duration}
_SHOWN = {"int": "N", "str": "TEXT"}


_LISTED = pattern(r"`([^`]*)`")


class Signature:
    """What a validator's function takes after the artifact, read off the function itself."""

    def __init__(self, check: Check) -> None:
        function: Any = check
        code = function.__code__
        names = code.co_varnames
        self.positional: tuple[str, ...] = names[1 : code.co_argcount]
        self.keywords: tuple[str, ...] = names[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
        after = code.co_argcount + code.co_kwonlyargcount
        self.rest: str = names[after] if code.co_flags & 0x04 else ""
        self.optional: int = len(function.__defaults__ or ())
        self.defaults: dict[str, Any] = function.__kwdefaults__ or {}
        self._types = function.__annotations__

    def kind(self, name: str) -> str:
        """The name of the annotated type: `str`, `int`, `bool`, `Size` or `Duration`."""
        annotation = self._types.get(name, "str")
        return annotation if isinstance(annotation, str) else str(getattr(annotation, "__name__", annotation))

    def convert(self, name: str, word: str) -> Any:
        return _CONVERTERS.get(self.kind(name), str)(word)

    @property
    def usage(self) -> str:
        """As the help shows it: `TEXT [at-least N] [pushed]`."""
        required = len(self.positional) - self.optional
        words = [n.upper() if i < required else f"[{n.upper()}]" for i, n in enumerate(self.positional)]
        words += [f"[{self.rest.upper()}…]"] if self.rest else []
        for name in self.keywords:
            dashed = name.replace("_", "-")
            kind = self.kind(name)
            value = _SHOWN.get(kind, kind.upper())
            flag = f"({dashed} PATH…)" if kind.startswith("tuple") else dashed
            words.append(f"[{flag}]" if kind == "bool" or flag != dashed else f"[{dashed} {value}]")
        return " ".join(words)


@lru_cache(maxsize=256)
def _signature(check: Check) -> Signature:
    return Signature(check)


def bind(check: Check, words: tuple[str, ...]) -> tuple[list[Any], dict[str, Any]]:
    """The positional and keyword arguments that these words of a plan mean.

    Raises ValueError, saying what is wrong, for a missing, superfluous or malformed word.
    """
    signature = _signature(check)
    if not words and len(signature.positional) == signature.optional:
        return [], {}
    named = {_mark(signature, name): name for name in signature.keywords}
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    queue = list(words)
    while queue:
        word = queue.pop(0)
        missing = len(positional) < len(signature.positional) - signature.optional
        listed = word.partition(" ")[0] if word.endswith(")") else ""
        if word in named and not missing and not word.startswith("("):
            keywords[named[word]] = _keyword(signature, named[word], queue)
        elif listed in named and listed.startswith("("):
            keywords[named[listed]] = tuple(_LISTED.findall(word))
        else:
            positional.append(_positional(signature, len(positional), word))
    required = len(signature.positional) - signature.optional
    if len(positional) < required:
        raise ValueError(f"{signature.positional[len(positional)].upper()} is missing: {signature.usage}")
    return positional, keywords


def _mark(signature: Signature, name: str) -> str:
    """What a keyword's word or clause begins with: `within`, or `(reads`, where it takes several paths."""
    dashed = name.replace("_", "-")
    return f"({dashed}" if signature.kind(name).startswith("tuple") else dashed


def _keyword(signature: Signature, name: str, queue: list[str]) -> Any:
    if signature.kind(name) == "bool":
        return True
    if not queue:
        raise ValueError(f"a value is missing after `{name.replace('_', '-')}`: {signature.usage}")
    return signature.convert(name, queue.pop(0))


def _positional(signature: Signature, index: int, word: str) -> Any:
    if index < len(signature.positional):
        return signature.convert(signature.positional[index], word)
    if signature.rest:
        return signature.convert(signature.rest, word)
    raise ValueError(f"`{word}` is one word too many: {signature.usage or 'no arguments'}")
