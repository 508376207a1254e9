"""Where configuration files are: every command asks whether there are any, and few then need the options."""

from __future__ import annotations

import os
from collections.abc import Mapping


def has_files(top: str, environ: Mapping[str, str]) -> bool:
    """Whether there is a file to read: without one, the environment and the command line are all there is."""
    return os.path.lexists(user_file(environ)) or os.path.lexists(repository_file(top))


def user_file(environ: Mapping[str, str]) -> str:
    """Its path; "" where there is no home. A relative one would lie in the repository, and is ignored."""
    for variable, below in (("XDG_CONFIG_HOME", ""), ("HOME", ".config")):
        if os.path.isabs(environ.get(variable, "")):
            return os.path.join(environ[variable], below, "checkpoint", "config.toml")
    return ""


def repository_file(top: str) -> str:
    return os.path.join(top, "checkpoint.toml")
