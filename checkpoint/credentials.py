"""Secrets of the user's own: never in a configuration file, but named there by where they are.

`env:NAME` is a variable of the environment, `file:PATH` a file that is the user's alone (`~` is the home).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from checkpoint.errors import ConfigurationError

_LIMIT = 64 * 1024
_OTHERS = 0o077
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_NOFOLLOW
_HOW = "say where the secret is, as `file:PATH` or `env:NAME`"


def read(reference: str, environ: Mapping[str, str]) -> str:
    """The secret, without blanks around it; it may have several lines.

    Raises ConfigurationError where it is not there, is not text, or is not the user's alone. No error quotes it,
    nor a reference that may be one by mistake.
    """
    kind, _, name = reference.partition(":")
    if kind not in ("env", "file") or not name:
        raise ConfigurationError("no secret is named" if not reference else "this names no secret", mend=_HOW)
    secret = (environ.get(name, "") if kind == "env" else _content(os.path.expanduser(name))).strip()
    if not secret:
        raise ConfigurationError(f"{reference} is empty", mend="put the secret there")
    if "\0" in secret:
        raise ConfigurationError(f"{reference} is no text", mend="put the secret there, and nothing else")
    return secret


def _content(path: str) -> str:
    if not os.path.isabs(path):
        # In whatever folder a command is called, it is the same file; and none that a repository brings along.
        why = "it would be another file in another folder"
        raise ConfigurationError(f"{path} is relative", why=why, mend="write its full path, or one below `~/`")
    try:
        return _opened(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is no text", mend="write the secret there, and nothing else") from None
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _opened(path: str) -> bytes:
    descriptor = os.open(path, _FLAGS)
    try:
        _refuse_open(path, os.fstat(descriptor))
        return os.read(descriptor, _LIMIT)
    finally:
        os.close(descriptor)


def _unreadable(path: str, error: OSError | ValueError) -> ConfigurationError:
    if os.path.islink(path):
        why = "a link could lead anywhere"
        return ConfigurationError(f"{path} is a link", why=why, mend="name the file itself")
    why = getattr(error, "strerror", "") or str(error)
    return ConfigurationError(
        f"{path} cannot be read", why=why, mend="write the secret there, for you alone: chmod 600"
    )


def _refuse_open(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"{path} is no regular file", mend="write the secret into a file of its own")
    if found.st_uid != os.geteuid():
        why = f"its owner is user {found.st_uid}, and you are user {os.geteuid()}"
        raise ConfigurationError(f"{path} belongs to somebody else", why=why, mend="make a copy that is yours alone")
    if found.st_mode & _OTHERS:
        why = f"its mode is {stat.S_IMODE(found.st_mode):04o}"
        raise ConfigurationError(f"{path} is open to others", why=why, mend=f"chmod 600 '{path}'")
    if found.st_size > _LIMIT:
        why = f"it has {found.st_size} bytes, and {_LIMIT} are the most"
        raise ConfigurationError(f"{path} is too large", why=why, mend="write the secret there, and nothing else")
