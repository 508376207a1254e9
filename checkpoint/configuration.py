"""The configuration of this user in this repository, from the places where it can be set."""

from __future__ import annotations

import os
from collections.abc import Mapping

from checkpoint.config import Configuration, Layer, environment, resolve
from checkpoint.lazy import load

COMMAND_LINE = "command line"


def read_configuration(top: str, environ: Mapping[str, str], arguments: Mapping[str, object]) -> Configuration:
    """What the user's file, the repository's `checkpoint.toml`, the environment and the command line say, in order.

    `top` is the repository's top folder, `arguments` holds options by name, None where one was not given. Raises
    ConfigurationError for whatever is wrong in any of them.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    return resolve(
        (
            _file(_user_file(environ), harmless_only=False),
            _file(_repository_file(top), harmless_only=True),
            environment(environ),
            Layer(COMMAND_LINE, given),
        )
    )


def has_files(top: str, environ: Mapping[str, str]) -> bool:
    """Whether there is a file to read: without one, the environment and the command line are all there is."""
    return os.path.lexists(_user_file(environ)) or os.path.lexists(_repository_file(top))


def _user_file(environ: Mapping[str, str]) -> str:
    """Its path; "" where there is no home. A relative one would lie in the repository, and is ignored."""
    for variable, below in (("XDG_CONFIG_HOME", ""), ("HOME", ".config")):
        if os.path.isabs(environ.get(variable, "")):
            return os.path.join(environ[variable], below, "checkpoint", "config.toml")
    return ""


def _repository_file(top: str) -> str:
    return os.path.join(top, "checkpoint.toml")


def _file(path: str, *, harmless_only: bool) -> Layer:
    if not os.path.lexists(path):
        return Layer(path, {})
    return Layer(path, load("checkpoint.config_file").read_file(path, follow=not harmless_only), harmless_only)
