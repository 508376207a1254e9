"""Finds validators by name: ours, those that installed packages bring, and a repository's own.

Ours and a repository's own are known by their file: `json_schema.py` holds `json-schema`. A package brings its own by
an entry point of that name in the group `checkpoint.validators`. Nothing is imported but what is asked for, and no
name can mean two things.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Collection, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any

from checkpoint.arguments import Signature
from checkpoint.documents import Described
from checkpoint.errors import CheckpointError, ConfigurationError, NotApproved, UsageError
from checkpoint.lazy import load, pattern
from checkpoint.validator import Validator

GROUP = "checkpoint.validators"
"""The group of entry points, and the package that holds ours."""

_NAME = pattern(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FILE = pattern(r"([a-z][a-z0-9_]*)\.py")


class Registry:
    """The validators that one run may use.

    `plugins` are the repository's own: the sha256 of the content that was approved, by the path of its file.
    `unapproved` are the paths of files that nobody approved: they are not run, and take no name from another.
    """

    def __init__(self, plugins: Mapping[str, str] | None = None, unapproved: Collection[str] = ()) -> None:
        self._plugins = {plugin_name(path): (path, digest) for path, digest in (plugins or {}).items()}
        self._unapproved = {plugin_name(path): path for path in unapproved}
        self._found: dict[str, Validator] = {}

    def find(self, name: str) -> Validator:
        """Raises UsageError where there is none, NotApproved, and ConfigurationError where it cannot be loaded."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def names(self) -> tuple[str, ...]:
        """All of them, sorted. Raises ConfigurationError where two have the same name."""
        found = sorted([*our_names(), *(point.name for point in _entry_points()), *self._plugins])
        for name, following in pairwise(found):
            if name == following:
                raise _collision(name)
        return tuple(found)

    def describe(self, name: str) -> Described:
        """What the help shows of one. Raises as `find` does."""
        validator = self.find(name)
        summary, _, rest = validator.help.partition("\n")
        text = f"{summary}\n{load('textwrap').dedent(rest)}".strip()
        usage = Signature(validator.check).usage
        return Described(name, usage, summary, text, validator.examples, self._origin(name))

    def _find(self, name: str) -> Validator:
        ours = _ours(name) if _NAME.fullmatch(name) else None
        own = self._plugins.get(name)
        if ours and not own:
            return ours
        installed = [] if ours else [point for point in _entry_points() if point.name == name]
        if len(installed) + bool(ours) + bool(own) > 1:
            raise _collision(name)
        if own:
            return _run(name, *own)
        if installed:
            return _from_package(name, installed[0])
        if name in self._unapproved:
            raise _unapproved(name, self._unapproved[name])
        raise _unknown(name, self.names())

    def _origin(self, name: str) -> str:
        if name in self._plugins:
            return f"this repository: validators/{os.path.basename(self._plugins[name][0])}"
        point = next((point for point in _entry_points() if point.name == name), None)
        return f"installed: {point.dist.name} {point.dist.version}" if point and point.dist else "built in"


def our_names() -> tuple[str, ...]:
    """The names of the validators that come with checkpoint."""
    names = {name for folder in load(GROUP).__path__ for name in _modules_in(folder)}
    return tuple(sorted(name.replace("_", "-") for name in names if name != "__init__"))


def _modules_in(folder: str) -> list[str]:
    """What `pkgutil.iter_modules` finds there, which imports what is slow to import."""
    try:
        return [name.removesuffix(".py") for name in os.listdir(folder) if name.endswith(".py")]
    except NotADirectoryError:  # within a zip file
        return [module.name for module in load("pkgutil").iter_modules([folder])]


def plugin_name(path: str) -> str:
    """The name of the validator that a file of a repository's `validators/` folder holds; empty where it cannot."""
    match = _FILE.fullmatch(os.path.basename(path))
    return match[1].replace("_", "-") if match else ""


def _ours(name: str) -> Validator | None:
    module = f"{GROUP}.{name.replace('-', '_')}"
    try:
        return _defined(name, load(module))
    except ModuleNotFoundError as error:
        if error.name == module:
            return None
        raise _unavailable(name, error) from error
    except ImportError as error:
        raise _unavailable(name, error) from error


def _entry_points() -> tuple[Any, ...]:
    return tuple(load("importlib.metadata").entry_points(group=GROUP))


def _from_package(name: str, point: Any) -> Validator:
    try:
        found = point.load()
    except (Exception, SystemExit) as error:  # somebody else's code may fail in any way
        raise _unavailable(name, error) from error
    if not isinstance(found, Validator) or found.name != name:
        raise _unavailable(name, TypeError(f"{point.value} is not a validator of that name"))
    return found


def _run(name: str, path: str, digest: str) -> Validator:
    """Runs a repository's own validator: the very bytes that were approved, never a second reading of its file."""
    module = ModuleType(f"checkpoint_plugin_{name.replace('-', '_')}")
    module.__file__ = path
    sys.modules[module.__name__] = module
    try:
        with open(path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise _unavailable(name, error) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise _unapproved(name, path)
    try:
        exec(compile(content, path, "exec"), module.__dict__)  # noqa: S102 - a person approved exactly this
    except (Exception, SystemExit) as error:  # somebody else's code may fail in any way
        raise _unavailable(name, error) from error
    return _defined(name, module)


def _defined(name: str, module: ModuleType) -> Validator:
    for value in vars(module).values():
        if isinstance(value, Validator) and value.name == name:
            return value
    raise _unavailable(name, TypeError(f"{module.__file__} defines no validator of that name"))


def _unknown(name: str, names: tuple[str, ...]) -> UsageError:
    near = load("difflib").get_close_matches(name, names, 3)
    mend = f"did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else "see `checkpoint validators`"
    return UsageError(f"there is no validator `{name}`", mend=mend)


def _unavailable(name: str, error: BaseException) -> CheckpointError:
    mend = "mend or install what it needs, then try `checkpoint validators " + name + "`"
    return ConfigurationError(f"validator `{name}` cannot be loaded", why=f"{type(error).__name__}: {error}", mend=mend)


def _unapproved(name: str, path: str) -> NotApproved:
    why = f"`{path}` is not as a person approved it"
    return NotApproved(f"validator `{name}` is not approved", why=why, mend="a person runs `checkpoint approve`")


def _collision(name: str) -> ConfigurationError:
    mend = "rename one; `checkpoint validators` lists all"
    return ConfigurationError(f"more than one validator is named `{name}`", mend=mend)
