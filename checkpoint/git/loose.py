"""Single objects in a folder of objects, read and written as git does, without a process for each.

Objects are named by their content: whoever writes one that is there already changes nothing. An object is whole, and on
the disk, before it has its name.
"""

from __future__ import annotations

import os
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
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
_AT_ONCE = 8
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


def write(folder: str, kind: str, content: bytes, algorithm: str = "sha1", *, durable: bool = True) -> str:
    """Puts an object of that type there, and returns its id. Raises Stalled where it cannot be written.

    Where that is not to be `durable`, a power cut may damage it.
    """
    name = _name(_head(kind, content), content, algorithm)
    if not _is_there(folder, name):
        write_packed(folder, [(name, pack(kind, content))], durable=durable)
    return name


def pack(kind: str, content: bytes) -> bytes:
    """What the file of that object holds."""
    compress = zlib.compressobj(_FAST)
    return compress.compress(_head(kind, content)) + compress.compress(content) + compress.flush()


def _head(kind: str, content: bytes) -> bytes:
    return b"%s %d\0" % (kind.encode(), len(content))


def is_whole(packed: bytes, name: str, algorithm: str) -> bool:
    """Whether this is the file of that object, undamaged."""
    try:
        return _name(zlib.decompress(packed), b"", algorithm) == name
    except zlib.error:
        return False


def _name(whole: bytes, more: bytes, algorithm: str) -> str:
    made = load("hashlib").new(algorithm, whole, usedforsecurity=False)
    made.update(more)
    name: str = made.hexdigest()
    return name


def write_packed(folder: str, objects: Iterable[tuple[str, bytes]], *, durable: bool = True) -> None:
    """Puts files of objects there, by their ids, as `read_packed` gave them; those that are there stay.

    None has its name before all of them are on the disk. Raises Stalled where they cannot be written.
    """
    written: list[tuple[str, str]] = []
    try:
        for name, packed in objects:
            if not _is_there(folder, name):
                path = _path(folder, name)
                beside = f"{os.path.dirname(path)}/{_BESIDE}{os.getpid()}.{time.monotonic_ns()}"
                written.append((beside, path))
                _write_new(beside, packed)
        if durable:
            _sync([beside for beside, _ in written])
        for beside, path in written:
            os.replace(beside, path)
    except OSError as error:
        raise private.unusable(folder, error) from error
    finally:
        for beside, _ in written:
            private.discard(beside)


def _write_new(path: str, packed: bytes) -> None:
    with suppress(FileExistsError):
        os.mkdir(os.path.dirname(path))
    with open(os.open(path, _NEW, 0o444), "wb", buffering=0) as file:
        rest = memoryview(packed)
        while rest:
            rest = rest[file.write(rest) :]


def _sync(paths: Sequence[str]) -> None:
    """Waits until all of these are on the disk: asked for at once they take little longer than one."""
    errors: list[OSError] = []
    shares = [paths[at::_AT_ONCE] for at in range(1, _AT_ONCE)]
    others = [threading.Thread(target=_sync_each, args=(share, errors)) for share in shares if share]
    for each in others:
        each.start()
    _sync_each(paths[::_AT_ONCE], errors)
    for each in others:
        each.join()
    if errors:
        raise errors[0]


def _sync_each(paths: Sequence[str], errors: list[OSError]) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            errors.append(error)


def _is_there(folder: str, name: str) -> bool:
    """Whether there is such a file; it then counts as new, so that `git gc` does not take it for old and unused."""
    try:
        os.utime(_path(folder, name))
    except OSError:
        return False
    return True


def _path(folder: str, name: str) -> str:
    return f"{folder}/{name[:2]}/{name[2:]}"
