"""Changes to an input that keep it a plan, or nearly: on lines, marks, blanks, ends of lines and encoding.

An input is one or more texts with SEPARATOR between them. Everything is drawn from a `Random`, so that a seed says all.
"""

import random
from collections.abc import Callable
from typing import TypeAlias

from tests.helpers.plans import MARKS, ODD, PLAIN

SEPARATOR = b"\x1e"
"""Stands in no plan, which refuses it, and so can part the texts of an input."""
COUNTER = b"\x1f"
"""Stands for a number, which `targets.growth` counts up."""

Change: TypeAlias = Callable[[list[bytes], random.Random], None]

_MORE = """\
- [X] **A3** Three (after A1, A2)
- [ ] **A%d** Some
  - `a/**/*.txt` exists
  - `*` count at-least 3
  - `x` lines at-least 3 — because
  - `$ make test` passes within 30s
  - `` a`b `` contains `c d`
- ref: `r`
- notify: `slack, terminal`
## Team: c%d
# Title
checkpoint: 1
schedule: "0 9 * * *"
timezone: Europe/Berlin
approval: strict
notify: [slack, terminal]
key: &a [*a, !!float "", {b: 1}]
<!--checkpoint:status-->
<!-- checkpoint:next b -->
<!-- /checkpoint:next b -->
>>>>>>> theirs
|||||||
<pre>
<?php
<![CDATA[
<!DOCTYPE x
&amp; \\* \\
http://a:b@c/d?e=f
TOKEN=a1B2c3D4e5f6G7h8i9
key: AKIAIOSFODNN7EXAMPLE
-----BEGIN PRIVATE KEY-----
""".splitlines()
LINES = [each.encode() for each in (*PLAIN, *ODD, *_MORE)]
PIECES = [each.encode() for each in (*MARKS, "\u00e9", "\u2028", "\ufeff", "\u200b", "\U0001f600", "    ", "**", "``")]
PIECES += [b"\0", b"\xff", b"\xc3", b"\x85", b"\x0b", b"\x0c", b"\x1b", b"\r\n", b"\r", COUNTER, SEPARATOR]


def mutated(data: bytes, seed: int, other: bytes = b"", most: int = 1 << 16) -> bytes:
    """The input after between one and four changes, the same for the same seed, of at most so many bytes."""
    chance = random.Random(seed)
    parts = data.split(SEPARATOR)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(parts))
        parts[at] = _changed(parts[at], chance, other)
        if chance.random() < 0.1:
            _parts_changed(parts, chance, other)
    return SEPARATOR.join(parts)[:most]


def _parts_changed(parts: list[bytes], chance: random.Random, other: bytes) -> None:
    """Another order of the texts, one of them twice, one more, or one less."""
    kind, at = chance.randrange(4), chance.randrange(len(parts))
    if kind == 0:
        chance.shuffle(parts)
    elif kind == 1:
        parts.insert(chance.randrange(len(parts) + 1), parts[at])
    elif kind == 2:
        parts.append(other.split(SEPARATOR)[0] or chance.choice(LINES))
    elif len(parts) > 1:
        del parts[at]


def _changed(text: bytes, chance: random.Random, other: bytes) -> bytes:
    if chance.random() < 0.15:
        return chance.choice(_WHOLE)(text, chance)
    lines = text.splitlines(keepends=True) or [b""]
    if other and chance.random() < 0.2:
        _spliced(lines, chance, other)
    else:
        chance.choice(_CHANGES)(lines, chance)
    return b"".join(lines)


def _spliced(lines: list[bytes], chance: random.Random, other: bytes) -> None:
    """Some lines of another input."""
    donor = other.splitlines(keepends=True) or [b""]
    start, at = chance.randrange(len(donor)), chance.randrange(len(lines) + 1)
    lines[at : at + chance.randrange(3)] = donor[start : start + chance.randint(1, 12)]


def _ending(lines: list[bytes]) -> bytes:
    return next((end for end in (b"\r\n", b"\n", b"\r") if lines and lines[0].endswith(end)), b"\n")


def _line_in(lines: list[bytes], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(LINES) + _ending(lines))


def _line_instead(lines: list[bytes], chance: random.Random) -> None:
    lines[chance.randrange(len(lines))] = chance.choice(LINES) + _ending(lines)


def _lines_out(lines: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    del lines[at : at + chance.choice((1, 1, 1, 2, 5))]


def _lines_again(lines: list[bytes], chance: random.Random) -> None:
    """Some lines once more, elsewhere; now and then many times."""
    at = chance.randrange(len(lines))
    some = lines[at : at + chance.choice((1, 1, 2, 4))]
    times = chance.choice((1, 1, 1, 2, 8, 64))
    to = chance.randrange(len(lines) + 1)
    lines[to:to] = some * times


def _lines_moved(lines: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    some = lines[at : at + chance.choice((1, 2, 4))]
    del lines[at : at + len(some)]
    to = chance.randrange(len(lines) + 1)
    lines[to:to] = some


def _indented(lines: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    lead = chance.choice((b" ", b"  ", b"    ", b"\t", b"> ", b"- ", b"1. "))
    for number in range(at, min(at + chance.choice((1, 1, 3, 10)), len(lines))):
        line = lines[number]
        lines[number] = line.removeprefix(lead) if chance.random() < 0.3 else lead + line


def _piece_in(lines: list[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(lines))
    line, column = lines[at], chance.randrange(len(lines[at]) + 1)
    piece = chance.choice(PIECES) * chance.choice((1, 1, 1, 1, 2, 3, 40, 500))
    lines[at] = line[:column] + piece + line[column + chance.choice((0, 0, 1, 2)) :]


def _word_instead(lines: list[bytes], chance: random.Random) -> None:
    """A word of the vocabulary in place of one that is there."""
    at = chance.randrange(len(lines))
    words = lines[at].split(b" ")
    words[chance.randrange(len(words))] = chance.choice(chance.choice(LINES).split(b" "))
    lines[at] = b" ".join(words)


def _ticked(lines: list[bytes], chance: random.Random) -> None:
    boxes = [number for number, line in enumerate(lines) if b"[" in line]
    if boxes:
        at = chance.choice(boxes)
        head, _, tail = lines[at].partition(b"[")
        lines[at] = head + b"[" + chance.choice((b" ", b"x", b"X", b"~", b"")) + tail[1:]


_CHANGES: tuple[Change, ...] = (
    _line_in,
    _line_in,
    _line_instead,
    _lines_out,
    _lines_again,
    _lines_moved,
    _indented,
    _piece_in,
    _piece_in,
    _word_instead,
    _ticked,
)


def _other_endings(text: bytes, chance: random.Random) -> bytes:
    end = chance.choice((b"\n", b"\r\n", b"\r"))
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", end)


def _mark_at_the_start(text: bytes, _chance: random.Random) -> bytes:
    mark = b"\xef\xbb\xbf"
    return text.removeprefix(mark) if text.startswith(mark) else mark + text


def _cut(text: bytes, chance: random.Random) -> bytes:
    return text[: chance.randrange(len(text) + 1)]


def _flipped(text: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(text) + 1)
    return text[:at] + bytes([chance.randrange(256)]) + text[at + 1 :]


_WHOLE = (_other_endings, _mark_at_the_start, _cut, _flipped)
