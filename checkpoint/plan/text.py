"""Bytes → text that a plan can be read from."""

from __future__ import annotations

from checkpoint.lazy import pattern
from checkpoint.plan.model import Problem

_CONTROL = pattern("[\x00-\x08\x0e-\x1f\x7f-\x9f]")
"""What acts on a terminal instead of being shown there; nobody writes it on purpose."""
_ASCII_CONTROLS = bytes((*range(9), *range(14, 32), 127))
_LATER_CONTROL = pattern(rb"\xc2[\x80-\x9f]")
_ENDINGS = pattern("\r\n?")
_MARK = b"\xef\xbb\xbf"


def unreadable(data: bytes) -> Problem | None:
    """What keeps these bytes from being read as text at all."""
    if _is_plain(data):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        return _problem(before, f"byte 0x{data[error.start]:02x}, which is not UTF-8", "encoding")
    control = _CONTROL.search(text)
    if control is None:
        return None
    return _problem(text[: control.start()], f"the control character U+{ord(control[0]):04X}", "control")


def _is_plain(data: bytes) -> bool:
    """Whether this is text for certain, found without a look at each character."""
    if not data.isascii() and (_LATER_CONTROL.search(data) or not _is_utf8(data)):
        return False
    return len(data.translate(None, _ASCII_CONTROLS)) == len(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _problem(before: str, found: str, rule: str) -> Problem:
    lines = _ENDINGS.sub("\n", before.removeprefix("\ufeff")).split("\n")
    return Problem(len(lines), len(lines[-1]) + 1, found, "text in UTF-8", "save the plan as UTF-8 text", rule=rule)


def normal(data: bytes) -> bytes:
    """The same lines, each with LF at its end, without a byte order mark."""
    data = data.removeprefix(_MARK)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
