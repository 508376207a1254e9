"""What must be true of the readers of documents, of redaction and of globs; and that all of it takes linear time.

As in `plan_targets`: an input in, AssertionError where a promise is not kept.
"""

import fnmatch
import re
import time
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from benchmarks.fuzz.mutation import COUNTER
from benchmarks.fuzz.plan_targets import texts
from checkpoint import globs, redaction
from checkpoint.plan import edit, harmless, merge, parse, reading, restore
from checkpoint.strict import Malformed, json_text, read, toml_text, xml_text, yaml_text

assert all((json_text, toml_text, xml_text, yaml_text))  # loaded late by `strict`: here, so that they are looked at

Read: TypeAlias = Callable[[bytes, str], Any]
_MARK = re.compile(r"\[redacted: [A-Za-z ]+\]")
KINDS = {b"j": "json", b"y": "yaml", b"t": "toml", b"x": "xml"}
SMALL, LARGE = 8_000, 32_000
"""Bytes at which times are compared."""
STEEPEST = 9.0
"""Four times as much takes about 4 times as long in linear time, and 16 times in quadratic time."""
STEEPEST_TWICE = 3.0
"""And twice as much 2 and 4 times: that is measured more carefully, where the first looks bad."""
SHORTEST = 0.1
"""Seconds of CPU below which a time says nothing."""


def documents(data: bytes, read: Read = read) -> None:
    """Any bytes are a document, or Malformed with a place in the text."""
    kind, text = KINDS.get(data[:1], "yaml"), data[1:]
    try:
        read(text, kind)
    except Malformed as error:
        _is_placed(error, text)


def _is_placed(error: Malformed, text: bytes) -> None:
    assert error.found
    assert 0 <= error.line <= len(text) + 1
    assert error.column >= 0


def redacts(data: bytes, redact: Callable[[str], str] = redaction.redact) -> None:
    """What is redacted shows no control character, and a second time shows nothing more.

    It may show less: a mark can make a secret of the words before it.
    """
    text = data.decode("utf-8", "surrogateescape")
    found = redact(text)
    rest = iter(_MARK.sub("", found))
    assert all(each in rest for each in _MARK.sub("", redact(found)))
    assert not [each for each in found if unicodedata.category(each).startswith("C") and each not in "\n\t"]


def matches(data: bytes, compile_glob: Callable[[str], Callable[[str], bool]] = globs.compile_glob) -> None:
    """A glob means what its definition says, part by part. No path that is asked about ends in a slash."""
    pattern, path = (text.decode("utf-8", "surrogateescape")[:60] for text in texts(data, 2))
    path = path.removesuffix("/")
    if globs.escapes(pattern) or globs.escapes(path) or not globs.parts(pattern) or not globs.parts(path):
        return
    names = globs.parts(pattern)
    expected = _defined(names, tuple(path.split("/"))) or "/".join(names) == path
    assert compile_glob(pattern)(path) is expected
    globs.start(pattern)


def _defined(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    @cache
    def is_match(at: int, name: int) -> bool:
        if at == len(pattern):
            return name == len(names)
        if pattern[at] != "**":
            return name < len(names) and _is_name(pattern[at], names[name]) and is_match(at + 1, name + 1)
        visible = name < len(names) and not names[name].startswith(".")
        if at + 1 == len(pattern):
            return visible and not any(each.startswith(".") for each in names[name:])
        return is_match(at + 1, name) or (visible and is_match(at, name + 1))

    return is_match(0, 0)


def _is_name(pattern: str, name: str) -> bool:
    return (pattern.startswith(".") or not name.startswith(".")) and fnmatch.fnmatchcase(name, pattern)


def _edit(data: bytes) -> None:
    """Every edit that is made of a plan: a checkpoint, taken back, and merged."""
    plan = parse.parse(data)
    words: dict[edit.Key, str] = {("next", team.name): "words" for team in plan.teams}
    try:
        taken = edit.apply(data, {name: not task.ticked for name, task in plan.tasks.items()}, words)
        restore.restore(taken, data, taken)
        merge.apart(data, taken, data).whole(taken)
    except ValueError:
        return


def _parse(data: bytes) -> None:
    reading.READINGS.forget()
    parse.read.cache_clear()
    parse.parse(data)


def _redact(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    redaction.redact(text)
    harmless.inline(text, 10**9)
    harmless.fenced(text, text, 10**9)
    harmless.sentence(text, 10**9)


def _glob(data: bytes) -> None:
    """The text as a glob for itself, and for another path as long."""
    pattern = data.decode("utf-8", "replace")
    for path in (pattern, pattern.replace("*", "a") + "/b"):
        globs.compile_glob(pattern)(path)
        re.purge()


def _document(letter: bytes) -> Callable[[bytes], None]:
    return lambda data: documents(letter + data)


_PLAIN = {b"p": _parse, b"e": _edit, b"r": _redact, b"g": _glob}
_GROWING = _PLAIN | {letter: _document(letter) for letter in KINDS}


def grown(data: bytes, size: int) -> bytes:
    """The input's first text, its second as often as fits into so many bytes, each time numbered, and its third."""
    head, piece, tail = texts(data, 3)
    times = max(size // max(len(piece), 1), 1)
    if COUNTER in piece:
        return head[1:] + b"".join(piece.replace(COUNTER, b"%d" % number) for number in range(times)) + tail
    return head[1:] + piece * times + tail


def grows(data: bytes, run: Callable[[bytes], None] | None = None) -> None:
    """Four times as much text takes about four times as long, and not sixteen; twice as much twice as long."""
    run = run or _GROWING.get(data[:1], _parse)
    seconds = _seconds(run, grown(data, LARGE))
    if seconds < SHORTEST or seconds < STEEPEST * _seconds(run, grown(data, SMALL)):
        return
    once = min(_seconds(run, grown(data, LARGE)) for _ in range(3))
    twice = min(_seconds(run, grown(data, 2 * LARGE)) for _ in range(2))
    assert twice < STEEPEST_TWICE * once, f"{once:.2f} s of CPU, and {twice:.2f} s for twice as much"


def _seconds(run: Callable[[bytes], None], data: bytes) -> float:
    began = time.thread_time()
    run(data)
    return time.thread_time() - began
