"""Single objects in a folder of objects, read and written as git does, without a process for each.

Objects are named by their content: whoever writes one that is there already changes nothing. An object is whole, and on
the disk, before it has its name.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from contextlib import suppress

from checkpoint import private
from checkpoint.lazy import load

_FORMATS = {"": "sha1", "sha1": "sha1", "sha256": "sha256"}
_UNSHARED = ("", "false", "0", "umask")
_FAST = 1
"""The level at which git, too, compresses such an object."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_HEAD = 32
"""More bytes than stand in front of an object's content."""
_BESIDE = "tmp_obj_"
"""So git begins the name of an object that is not complete, and `git gc` knows those that were left."""


def algorithm(value: Callable[[str], str]) -> str:
    """How a repository's objects are named, `sha1` or `sha256`; empty where only git is to write some.

    `value` gives the value of a setting in force, "" where it is not set.
    """
    is_plain = value("core.sharedrepository").lower() in _UNSHARED and not value("extensions.compatobjectformat")
    return _FORMATS.get(value("extensions.objectformat"), "") if is_plain else ""


def read(folder: str, name: str, limit: int) -> tuple[str, bytes] | None:
    """The type and the content of the object of that id; None where it is not there by itself, damaged, or larger."""
    packed = read_packed(folder, name)
    unpack = zlib.decompressobj()
    try:
        whole = unpack.decompress(packed or b"", limit + _HEAD)
    except zlib.error:
        return None
    end = whole.find(b"\0", 0, _HEAD)
    kind, _, size = whole[: max(end, 0)].partition(b" ")
    is_whole = unpack.eof and size == b"%d" % (len(whole) - end - 1)
    return (kind.decode(), whole[end + 1 :]) if is_whole else None


def read_packed(folder: str, name: str) -> bytes | None:
    """The object's file as it is, compressed; None where there is none."""
    try:
        with open(_path(folder, name), "rb", buffering=0) as file:
            return file.readall()
    except OSError:
        return None


def write(folder: str, kind: str, content: bytes, algorithm: str = "sha1") -> str:
    """Puts an object of that type there, and returns its id. Raises Stalled where it cannot be written."""
    whole = b"%s %d\0" % (kind.encode(), len(content))
    made = load("hashlib").new(algorithm, whole, usedforsecurity=False)
    made.update(content)
    name: str = made.hexdigest()
    if not _is_there(folder, name):
        compress = zlib.compressobj(_FAST)
        write_packed(folder, name, compress.compress(whole) + compress.compress(content) + compress.flush())
    return name


def write_packed(folder: str, name: str, packed: bytes) -> None:
    """Puts an object's file there, as `read_packed` gave it. Raises Stalled where it cannot be written."""
    if _is_there(folder, name):
        return
    path = _path(folder, name)
    parent = os.path.dirname(path)
    beside = os.path.join(parent, f"{_BESIDE}{os.getpid()}.{time.monotonic_ns()}")
    try:
        with suppress(FileExistsError):
            os.mkdir(parent)
        _write_new(beside, packed)
        os.replace(beside, path)
    except OSError as error:
        private.discard(beside)
        raise private.unusable(path, error) from error


def _write_new(path: str, packed: bytes) -> None:
    with open(os.open(path, _NEW, 0o444), "wb", buffering=0) as file:
        rest = memoryview(packed)
        while rest:
            rest = rest[file.write(rest) :]
        os.fsync(file.fileno())


def _is_there(folder: str, name: str) -> bool:
    """Whether there is such a file; it then counts as new, so that `git gc` does not take it for old and unused."""
    try:
        os.utime(_path(folder, name))
    except OSError:
        return False
    return True


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name[:2]}/{name[2:]}"
