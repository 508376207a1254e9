"""Paths and globs of a plan, over relative paths with `/` between their parts.

`*` stands for any run of characters of one name, `?` for one, `[abc]`, `[a-z]` and `[!a]` for one of a set; `**` as
a whole part stands for any folders, and at the end for everything below. A name that starts with a dot is meant
only where the pattern names the dot. A path that reads exactly like the pattern matches too: `pages/[id].tsx`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from checkpoint.lazy import pattern

_RANGE = pattern(r"(.)(?:-(.))?", re.DOTALL)
_VISIBLE = "(?=[^/.])"
_FOLDERS = "(?:[^/.][^/]*+/)*?"
_BELOW = r"(?:[^/.][^/]*+(?:/|\Z))++"


def is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern or "[" in pattern


def parts(path: str) -> tuple[str, ...]:
    """The names in a path; `.` and a slash at the end mean nothing. Empty for the folder itself."""
    return tuple(part for part in path.removesuffix("/").split("/") if part != ".") if path else ()


def escapes(path: str) -> bool:
    """Whether a path or glob is not one beneath its folder: absolute, with `..`, NUL, or an empty part."""
    return "\0" in path or any(part in ("", "..") for part in parts(path))


def start(pattern: str) -> tuple[str, ...]:
    """The leading parts of a glob that hold no wildcard: the folder below which every match lies."""
    names = parts(pattern)
    wild = next((number for number, part in enumerate(names) if is_glob(part)), len(names))
    return names[: min(wild, len(names) - 1)]


def compile_glob(pattern: str) -> Callable[[str], bool]:
    """A test for paths, in time linear in the path for any pattern."""
    names = parts(pattern)
    literal = "/".join(names)
    match = re.compile(_translate(names) + r"\Z").match
    return lambda path: match(path) is not None or path == literal


def _translate(names: tuple[str, ...]) -> str:
    """The pattern as a regular expression; what stands between two `**` is taken where it first matches.

    That loses nothing, since the earliest place leaves the most to the rest, and it keeps the time linear.
    """
    first, *rest = ("/".join(map(_part, run)) for run in _split(names, "**"))
    if not rest:
        return first
    middle = "".join(f"(?>{_FOLDERS}{run}/)" for run in rest[:-1] if run)
    return f"{first}/" * bool(first) + middle + (_FOLDERS + rest[-1] if rest[-1] else _BELOW)


def _split(items: Sequence[str], separator: str) -> list[list[str]]:
    runs: list[list[str]] = [[]]
    for item in items:
        if item == separator:
            runs.append([])
        else:
            runs[-1].append(item)
    return runs


def _part(part: str) -> str:
    """One name as a regular expression that, once matched, is not tried in another way: it ends at its slash."""
    runs = _split(list(_tokens(part)), "*")
    first, *middle = map("".join, runs)
    stars = "".join(f"(?>[^/]*?{run})" for run in middle[:-1]) + "".join(f"[^/]*{run}" for run in middle[-1:])
    visible = _VISIBLE if part.startswith(("*", "?", "[")) else ""
    return rf"(?>{visible}{first}{stars}(?=/|\Z))"


def _tokens(part: str) -> Iterator[str]:
    """A name's parts: `*` as it stands, all else as the expression for one character."""
    position = 0
    while position < len(part):
        end = part.find("]", position + 2 + part.startswith("[!", position)) if part[position] == "[" else -1
        if end > 0:
            yield _set(part[position + 1 : end])
            position = end
        else:
            yield {"*": "*", "?": "[^/]"}.get(part[position]) or re.escape(part[position])
        position += 1


def _set(members: str) -> str:
    negated = members.startswith("!")
    ranges = _RANGE.findall(members[negated:])
    body = "".join(f"{re.escape(low)}-{re.escape(high or low)}" for low, high in ranges if low <= (high or low))
    if negated:
        return f"[^/{body}]"
    return f"(?!/)[{body}]" if body else "(?!)"
