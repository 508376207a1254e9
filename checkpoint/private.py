"""Folders and files that belong to the user alone, and are whole or absent whatever happens.

Folders have mode 0700 and files 0600. Nothing is trusted that is a link, belongs to somebody else, or
that others may read or write. Light enough for the fastest commands: nothing is imported but `os`.
"""

from __future__ import annotations

import errno
import os
import stat
import time

from checkpoint.errors import Stalled

_OTHERS = 0o077
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK
_NEW = os.O_CREAT | os.O_EXCL


def make_folder(path: str) -> None:
    """Creates the folder, and those above it, where there is none. Raises Stalled for one not the user's alone."""
    try:
        _make(path)
        found = os.lstat(path)
    except OSError as error:
        raise unusable(path, error) from error
    if not stat.S_ISDIR(found.st_mode):
        raise Stalled(f"{path} is a link", why="a link could lead anywhere", mend=f"remove it: rm '{path}'")
    refuse_foreign(path, found)


def _make(path: str) -> None:
    """As `os.makedirs`, which gives the folders above the one that is asked for the mode of any other."""
    try:
        os.mkdir(path, 0o700)
    except FileNotFoundError:
        above = os.path.dirname(path)
        if above in ("", path):
            raise
        _make(above)
        _make(path)
    except FileExistsError:
        if not os.path.isdir(path):
            raise


def refuse_foreign(path: str, found: os.stat_result) -> None:
    """Raises Stalled where somebody else owns what was found at the path, or may read or write it."""
    if found.st_uid != os.geteuid():
        why = f"its owner is user {found.st_uid}, and you are user {os.geteuid()}"
        raise Stalled(f"{path} belongs to somebody else", why=why, mend="remove it, or run as its owner")
    if found.st_mode & _OTHERS:
        why = f"its mode is {stat.S_IMODE(found.st_mode):04o}"
        raise Stalled(f"{path} is open to others", why=why, mend=f"look into it, then: chmod go= '{path}'")


def file_name(text: str) -> str:
    """The text as the name of one file; different texts have different names."""
    return text.replace("%", "%25").replace("/", "%2F")


def unusable(path: str, error: OSError) -> Stalled:
    """The error for a path that the operating system refuses: no space, no permission, no such device."""
    mend = "free some space, or make the folder writable for you"
    return Stalled(f"{path} cannot be used", why=error.strerror or str(error), mend=mend)


def read(path: str) -> bytes | None:
    """The content of a private file; None where there is none. Raises Stalled for one that is not private."""
    descriptor = open_to_read(path)
    if descriptor is None:
        return None
    with open(descriptor, "rb") as file:
        return file.read()


def open_to_read(path: str) -> int | None:
    """A descriptor of a private file; None where there is none. Raises Stalled for one that is not private."""
    return _open(path, _READ)


def open_to_append(path: str) -> int:
    """A descriptor of a private file that can only grow, made where there is none. Raises Stalled as above."""
    found = _open(path, _APPEND)
    if found is None:
        found = _open(path, _APPEND | _NEW)
    if found is None:  # the folder is gone
        raise unusable(path, FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    return found


def _open(path: str, flags: int) -> int | None:
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(path, error) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise Stalled(f"{path} is no regular file", mend=f"remove it: rm '{path}'")
        refuse_foreign(path, found)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def write(path: str, content: bytes) -> None:
    """Replaces the file at once: a reader, also after a crash, finds all of the old content or all of the new.

    The content is on the disk before the name is. Raises Stalled where it cannot be written; the old file stays.
    """
    new = beside(path)
    try:
        _write_new(new, content)
        os.replace(new, path)
    except OSError as error:
        discard(new)
        raise unusable(path, error) from error


def beside(path: str) -> str:
    """A name in the same folder for what is not complete yet. It begins with a dot, and nobody else takes it."""
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.getpid()}.{time.monotonic_ns()}")


def _write_new(path: str, content: bytes) -> None:
    with open(os.open(path, _CREATE, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def discard(path: str) -> None:
    """Removes a file that nobody needs any more; where that fails it stays, until pruning finds it."""
    try:
        os.unlink(path)
    except OSError:
        return


def remove(path: str) -> None:
    """Removes a file, if it is there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return
