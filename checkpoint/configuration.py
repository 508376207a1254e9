"""The configuration of this user in this repository, from the places where it can be set."""

from __future__ import annotations

import os
from collections.abc import Mapping

from checkpoint.config import Configuration, Layer, environment, resolve
from checkpoint.config_paths import repository_file, user_file
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
            _file(user_file(environ), harmless_only=False),
            _file(repository_file(top), harmless_only=True),
            environment(environ),
            Layer(COMMAND_LINE, given),
        )
    )


def _file(path: str, *, harmless_only: bool) -> Layer:
    if not os.path.lexists(path):
        return Layer(path, {})
    return Layer(path, load("checkpoint.config_file").read_file(path, follow=not harmless_only), harmless_only)
