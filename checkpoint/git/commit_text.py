"""A commit as git writes it, byte by byte; where git would have a word to say about it, git is left to write it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from checkpoint.lazy import load, pattern

_NAME = pattern(r"""[^\0-\x20.,:;<>"\\']([^\0-\x1f<>\x7f]*[^\0-\x20.,:;<>"\\'\x7f])?""")
"""A name or an address that git takes as it stands: at its ends git leaves out such marks, and within it others."""
_UTF8 = ("", "utf-8", "utf8")
_PARTS = ("NAME", "EMAIL")


def compose(
    tree: str,
    parents: Sequence[str],
    message: str,
    values: Mapping[str, str],
    env: Mapping[str, str],
    now: float,
) -> bytes | None:
    """The content of the commit that `git commit-tree -F -` would make; None where only git can tell.

    `values` are the person's settings, `env` the variables that git would run in, `now` is in seconds.
    """
    author, committer = (_signed(role, values, env, now) for role in ("author", "committer"))
    if not author or not committer or "\0" in message or values.get("i18n.commitencoding", "").lower() not in _UTF8:
        return None
    heads = "".join(f"parent {parent}\n" for parent in dict.fromkeys(parents))
    text = f"tree {tree}\n{heads}author {author}\ncommitter {committer}\n\n{message}"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return None


def _signed(role: str, values: Mapping[str, str], env: Mapping[str, str], now: float) -> str:
    """Who it is, and when, as a line of a commit has it; empty where only git can tell."""
    name, email = (_told(role, part, values, env) for part in _PARTS)
    moment = _moment(env.get(f"GIT_{role.upper()}_DATE", ""), now)
    return f"{name} <{email}> {moment}" if _NAME.fullmatch(name) and _NAME.fullmatch(email) and moment else ""


def _told(role: str, part: str, values: Mapping[str, str], env: Mapping[str, str]) -> str:
    chosen = env.get(f"GIT_{role.upper()}_{part}")
    configured = values.get(f"{role}.{part.lower()}") or values.get(f"user.{part.lower()}", "")
    return configured if chosen is None else chosen


def _moment(date: str, now: float) -> str:
    """The seconds since the epoch with the zone; empty for a date in words that are git's to read."""
    if not date:
        return f"{int(now)} {time.strftime('%z', time.localtime(now))}"
    try:
        found = load("datetime").datetime.fromisoformat(date)
    except ValueError:
        return ""
    is_whole = len(date) == len("2026-01-02T03:04:05+00:00") and found.tzinfo is not None and found.timestamp() >= 0
    return f"{int(found.timestamp())} {found.strftime('%z')}" if is_whole else ""
