"""Temporary folders in which commands of a plan work: private, and removed whatever those have put into them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from checkpoint.lazy import load

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_MODE = 0o700


def make() -> str:
    """The real path of a new folder that is the user's alone. Raises OSError where there is no room for one."""
    path: str = load("tempfile").mkdtemp(prefix="checkpoint-")
    return os.path.realpath(path)


def remove(folder: str) -> None:
    """Removes it with all that is in it, once nothing runs there any more; what cannot be removed stays.

    `shutil.rmtree` calls itself for each folder in a folder, and gives up on deep ones; the clean-up of
    `tempfile.TemporaryDirectory` in Python up to 3.11.7 changes the mode of what links lead to. Here every folder is
    first brought to the top: none is too deep, no path too long, and no link is followed.
    """
    with suppress(OSError):
        os.chmod(folder, _MODE)
        top = os.open(folder, _FOLDER)
        try:
            _empty(top)
        finally:
            os.close(top)
        os.rmdir(folder)


def _empty(top: int) -> None:
    mark = os.urandom(8).hex()  # no name that is there already
    waiting = list(_without_files(top))
    number = 0
    while waiting:
        name = waiting.pop()
        inner = os.open(name, _FOLDER, dir_fd=top)
        try:
            for each in _without_files(inner):
                number += 1
                waiting.append(f"{mark}.{number}")
                os.rename(each, waiting[-1], src_dir_fd=inner, dst_dir_fd=top)
        finally:
            os.close(inner)
        os.rmdir(name, dir_fd=top)


def _without_files(folder: int) -> Iterator[str]:
    """Removes what is no folder from an open folder; the names of the folders in it, which can now be opened."""
    with os.scandir(folder) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            os.chmod(entry.name, _MODE, dir_fd=folder)
            yield entry.name
        else:
            os.unlink(entry.name, dir_fd=folder)
