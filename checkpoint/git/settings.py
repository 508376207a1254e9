"""The person's configuration of git as it is in force, asked for once and kept until one of its files has changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from checkpoint import marshalled
from checkpoint.errors import CheckpointError
from checkpoint.git.command import Git
from checkpoint.git.environment import Setting
from checkpoint.location import Location

_Look: TypeAlias = list[list[object]]

_VERSION = 1
_NAME = "git-settings.marshal"
_ASKED = ("config", "--list", "-z", "--show-scope")
_INCLUDES = r"(?s)include(if\..*)?\.path"
"""What names further files, which are not looked at here."""
_PRIVATE_KEYS = r"(?is).*(extraheader|pass|token|secret|cookie|oauth).*|.*https?://[^/\s]*@.*"
_PRIVATE_VALUES = r"(?is).*(https?://[^/\s]*@|://[^/\s]*:[^/\s]*@|password=|token=).*"
"""What is nobody's but git's, and is not written down once more. Compiled where it is used, which is seldom."""
_TRUE = ("true", "yes", "on", "1")
_FINE, _COARSE = 0.05, 2.5
"""Seconds after which a file that is changed again gets another time, on most file systems and on all."""


def settings_of(git: Git, location: Location, environ: Mapping[str, str], folder: str = "") -> tuple[Setting, ...]:
    """Every setting, the one in force last. `folder` is private; without one, git is asked each time."""
    if not folder:
        return tuple(parse_settings(git.run(*_ASKED)))
    path = os.path.join(folder, _NAME)
    before = _look(location, environ, git.env)
    kept = _kept(path)
    if kept is not None and kept[0] == before:
        return tuple(Setting(*fields) for fields in kept[1])
    found = tuple(parse_settings(git.run(*_ASKED)))
    if before == _look(location, environ, git.env) and _can_be_kept(found, before, time.time()):
        _keep(path, before, found)
    return found


def parse_settings(data: bytes) -> Iterator[Setting]:
    """What `git config --list -z --show-scope` printed. A key without a value means true."""
    fields = os.fsdecode(data).split("\0")
    for scope, line in zip(fields[0::2], fields[1::2], strict=False):
        key, has_value, value = line.partition("\n")
        yield Setting(key, value if has_value else "true", scope)


def _kept(path: str) -> tuple[_Look, list[list[str]]] | None:
    try:
        found = marshalled.read(path)
    except CheckpointError:
        return None
    is_ours = isinstance(found, list) and len(found) == 3 and found[0] == _VERSION
    return (found[1], found[2]) if is_ours else None


def _keep(path: str, look: _Look, settings: Iterable[Setting]) -> None:
    try:
        marshalled.write(path, [_VERSION, look, [[each.key, each.value, each.scope] for each in settings]])
    except CheckpointError:
        return  # it is asked for again


def _can_be_kept(settings: Iterable[Setting], look: _Look, now: float) -> bool:
    return not any(map(_is_private, settings)) and all(_is_settled(times, now) for times in look[1:])


def _is_private(setting: Setting) -> bool:
    named = (re.fullmatch(pattern, setting.key) for pattern in (_INCLUDES, _PRIVATE_KEYS))
    return any(named) or re.fullmatch(_PRIVATE_VALUES, setting.value) is not None


def _is_settled(seen: list[object], now: float) -> bool:
    """Whether a file that is changed from now on looks otherwise."""
    times = [each for each in seen[1:3] if isinstance(each, int)]
    wait = _FINE if any(each % 1_000_000 for each in times) else _COARSE
    return all(each / 1e9 < now - wait for each in times)


def _look(location: Location, environ: Mapping[str, str], env: Mapping[str, str]) -> _Look:
    """What the configuration depends on: the environment, the program, and each file that there is or could be."""
    program = _program(environ.get("PATH", os.defpath))
    variables = sorted([name, value] for name, value in env.items() if name.startswith("GIT_CONFIG"))
    owners = [_owner(path) for path in (location.top, location.git_folder)]
    return [
        [program, location.top, location.git_folder, owners, variables],
        *(_seen(path) for path in (program, *_files(location, environ, program))),
    ]


def _program(path: str) -> str:
    """The git that is run; empty where there is none. `shutil.which` would take longer to load than git to answer."""
    places = (os.path.join(folder, "git") for folder in path.split(os.pathsep))
    return next((place for place in places if os.path.isfile(place) and os.access(place, os.X_OK)), "")


def _files(location: Location, environ: Mapping[str, str], program: str) -> Iterator[str]:
    if environ.get("GIT_CONFIG_NOSYSTEM", "").lower() not in _TRUE:
        installed = os.path.dirname(os.path.dirname(os.path.realpath(program)))
        yield environ.get("GIT_CONFIG_SYSTEM") or "/etc/gitconfig"
        yield os.path.join(installed, "etc", "gitconfig")
    home = environ.get("HOME", "")
    yield environ.get("GIT_CONFIG_GLOBAL") or os.path.join(home, ".gitconfig")
    yield os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "git", "config")
    yield os.path.join(location.common_folder, "config")
    yield os.path.join(location.git_folder, "config.worktree")


def _seen(path: str) -> list[object]:
    try:
        found = os.stat(path)
    except OSError:
        return [path]
    return [path, found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev, found.st_mode]


def _owner(path: str) -> int:
    try:
        return os.stat(path).st_uid
    except OSError:
        return -1
