"""How a team's folder looks from outside, so that one which nobody has touched need not be looked into again.

A file whose content was changed has another time of status change (ctime), which, unlike its time of modification,
nobody can set. Light enough for the fastest commands.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat

TYPE_CHECKING = False  # typing itself takes longer to import than all of this module
if TYPE_CHECKING:
    from typing import TypeAlias

    Looks: TypeAlias = tuple[int, int, int, int, int]
    """Mode, inode, bytes, and the times of modification and of status change in ns; of a folder only the first two."""
    Glance: TypeAlias = dict[str, Looks]
    """Everything below a folder by its path in it, and the folder itself as ""; empty where there is none."""

UNSETTLED_NS = 2_000_000_000
"""What was changed so shortly before a look may be changed again without looking otherwise: times are that coarse."""
ENTRIES_LIMIT = 200_000
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_UNREADABLE = (0, 0, 0, 0, 0)
_DEEPEST = 100
_SAME_BYTES = 2
"""The version of marshal that writes equal values alike; later ones tell which of them are one object."""


def glance(root: str, folder: str = "") -> Glance | None:
    """What is in a folder below `root`, without what git keeps for itself. Some 3 µs an entry.

    No link below the root is followed. None where there is more than a look goes through.
    """
    try:
        top = os.open(root, _FOLDER & ~os.O_NOFOLLOW)
    except OSError as error:
        return {"": (0, 0, 0, 0, error.errno or 0)} if os.path.lexists(root) else {}
    found: Glance = {}
    try:
        for name in [each for each in folder.split("/") if each not in ("", ".")]:
            inner = os.open(name, _FOLDER, dir_fd=top)
            os.close(top)
            top = inner
        found[""] = _looks(os.fstat(top))
        return found if _below(top, "", found) else None
    except OSError as error:
        return {"": (0, os.fstat(top).st_ino, _is_empty(top), 0, error.errno or 0)}
    finally:
        os.close(top)


def _is_empty(folder: int) -> bool:
    """Whether an open folder has nothing in it: a submodule that is not checked out is such a one."""
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _below(folder: int, prefix: str, found: Glance) -> bool:
    """Adds what is in an open folder; whether that is all."""
    if prefix.count("/") > _DEEPEST:
        return False
    inner = []
    for name in os.listdir(folder):
        if name == ".git":
            continue
        path = prefix + name
        try:
            looks = _looks(os.stat(name, dir_fd=folder, follow_symlinks=False))
        except FileNotFoundError:
            continue
        except OSError:
            looks = _UNREADABLE
        found[path] = looks
        if stat.S_ISDIR(looks[0]):
            inner.append(name)
    return len(found) <= ENTRIES_LIMIT and all(_inside(folder, name, prefix, found) for name in inner)


def _inside(folder: int, name: str, prefix: str, found: Glance) -> bool:
    try:
        inner = os.open(name, _FOLDER, dir_fd=folder)
    except OSError:
        found[prefix + name] = _UNREADABLE
        return True
    try:
        return _below(inner, f"{prefix}{name}/", found)
    finally:
        os.close(inner)


def _looks(found: os.stat_result) -> Looks:
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        return mode, found.st_ino, 0, 0, 0
    return mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def digest(found: Glance | None, began_ns: int) -> bytes:
    """16 bytes that stand for a look that began then; none where the same bytes could stand for something else."""
    if found is None or newest(found) > began_ns - UNSETTLED_NS:
        return b""
    return state_of(packed(found))


def packed(found: Glance) -> bytes:
    """A glance in a third of the space; the same for the same one."""
    return marshal.dumps(sorted(found.items()), _SAME_BYTES)


def unpacked(content: bytes) -> Glance:
    # Only ever what was packed here, from a file that the user alone can write (checkpoint.private).
    return dict(marshal.loads(content))  # noqa: S302


def state_of(content: bytes) -> bytes:
    """The bytes that stand for a packed glance."""
    return hashlib.blake2b(content, digest_size=16).digest()


def newest(found: Glance) -> int:
    """When anything in it was last changed, in nanoseconds since the epoch."""
    return max((max(each[3], each[4]) for each in found.values()), default=0)


def changed(old: Glance, new: Glance, began_ns: int) -> frozenset[str]:
    """The paths that do not look as they did in a look that began then, or may have changed without looking so."""
    last = began_ns - UNSETTLED_NS
    settled = {path for path, looks in old.items() if looks[3] <= last and looks[4] <= last}
    return frozenset(path for path in old.keys() | new.keys() if path not in settled or old.get(path) != new.get(path))
