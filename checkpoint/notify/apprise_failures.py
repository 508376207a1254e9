"""What apprise says when a message does not get through: whether it may have arrived nevertheless, and why not.

apprise tells success or failure and nothing else; the rest stands in what it logs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import msgspec

from checkpoint.lazy import load
from checkpoint.redaction import redact

_WHY = 200
_SEPARATORS = re.compile(r"[\s:/@?&=#,;+]+")
_STATUS = re.compile(r"error=(\d{3})\b")
_EXCEPTION = re.compile(r"[A-Z][\w ]{0,20}Exception: ")
_BUSY = (408, 425, 429, 502, 503)
"""Statuses of services that took nothing, but soon may. Others from 300 to 499 stay as they are until somebody acts."""
_UNCONNECTED = re.compile(
    r"\(Caused by (NewConnectionError|ConnectTimeoutError|NameResolutionError|SSLError\(SSLCertVerificationError)\("
    r"|\(Caused by ProxyError\('Unable to connect"
    r"|Connection refused|Name or service not known|nodename nor servname|Temporary failure in name resolution"
    r"|Network is unreachable|No route to host"
)


class Heard(msgspec.Struct, frozen=True):
    """A line that apprise logged while it sent."""

    is_warning: bool
    text: str


class Judgement(msgspec.Struct, frozen=True):
    """What a failure means, as NotifyError has it."""

    doubtful: bool
    lasting: bool


def ear(heard: list[Heard]) -> Any:
    """A logger that keeps what is logged, and hands nothing on."""
    logging = load("logging")
    logger = logging.Logger("apprise", logging.DEBUG)

    def hear(record: Any) -> bool:
        heard.append(Heard(record.levelno >= logging.WARNING, record.getMessage()))
        return False

    logger.addFilter(hear)
    return logger


def judged(heard: Sequence[Heard], targets: int) -> Judgement:
    """Whether what was not sent well may have arrived all the same, and whether it would fail again in the same way.

    In doubt it may have arrived; so it may where an address has several targets, since some of them may have it.
    """
    statuses = [int(status) for each in heard if each.is_warning for status in _STATUS.findall(each.text)[-1:]]
    broken = [each.text for each in heard if not each.is_warning and _EXCEPTION.match(each.text)]
    refused = [300 <= status < 500 or status in _BUSY for status in statuses]
    unconnected = [bool(_UNCONNECTED.search(text)) for text in broken]
    certain = targets == 1 and bool(refused or unconnected) and all((*refused, *unconnected))
    lasting = certain and not broken and not any(status in _BUSY for status in statuses)
    return Judgement(doubtful=not certain, lasting=lasting)


def reason(heard: Sequence[Heard], address: str) -> str:
    """The first warning, without any part of the address."""
    warning = next((each.text for each in heard if each.is_warning), "the service says nothing")
    return " ".join(redact(warning, known=_parts(address)).split())[:_WHY]


def _parts(address: str) -> set[str]:
    """Whatever of an address could be told in a message: all but its schema."""
    words = _SEPARATORS.split(address.partition("://")[2])
    plain = [unquote(word) for word in words]
    pieces = [piece for word in plain for piece in _SEPARATORS.split(word)]
    return {form for each in (address, unquote(address), *words, *plain, *pieces) for form in (each, each.lower())}
