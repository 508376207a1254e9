"""A configuration file. A module of its own because a TOML parser costs start-up time where there is no such file."""

from __future__ import annotations

import os
import stat
import tomllib

from checkpoint.errors import ConfigurationError

_LIMIT = 64 * 1024
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY


def read_file(path: str, *, follow: bool) -> dict[str, object]:
    """What the file says, by option; `follow` allows it to be a link.

    Raises ConfigurationError where it cannot be read, is no regular file, is too long, or is no TOML.
    """
    try:
        content = _content(path, follow)
        return tomllib.loads(content.decode())
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{path} is no TOML", why=str(error), mend='its lines read: plan = "plan.md"'
        ) from error
    except RecursionError as error:
        raise _unusable(path, "it is nested too deeply") from error


def _content(path: str, follow: bool) -> bytes:
    with open(os.open(path, _FLAGS | (0 if follow else os.O_NOFOLLOW)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise _unusable(path, "it is no regular file")
        content = file.read(_LIMIT + 1)
    if len(content) > _LIMIT:
        raise _unusable(path, f"it is longer than {_LIMIT} bytes")
    return content


def _unusable(path: str, why: str) -> ConfigurationError:
    return ConfigurationError(f"{path} cannot be used", why=why, mend="mend it or remove it")
