"""What a command is shown of this machine: a bubblewrap of its own, where that is installed and works.

The system is there, read-only. Homes, `/run` and temporary folders are empty ones, the repository can be written to
but keeps nothing of it (a layer above it takes what is written), other processes are not seen, and there is no
network. Where the kernel gives no layer the repository is read-only.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from checkpoint import process
from checkpoint.errors import ProcessError
from checkpoint.lazy import pattern

PROGRAM = "bwrap"
TOOLS = (
    *(".local/bin", ".local/lib", ".local/pipx", ".local/share/pipx", ".local/share/uv", ".local/share/mise"),
    *(".local/share/pnpm", ".local/share/virtualenvs", ".virtualenvs", ".pyenv", ".rbenv", ".asdf", ".sdkman"),
    *(".nvm", ".volta", ".bun/bin", ".deno/bin", ".cargo/bin", ".rustup", "go/bin", "go/pkg", "bin"),
    *("miniconda3", "anaconda3", "miniforge3"),
)
"""Where people keep programs in their home, and nothing else: these are shown, read-only."""

EMPTY = ("/tmp", "/run", "/var/tmp")  # noqa: S108 - names of what is hidden
"""Of these every sandbox shows nothing of the machine's."""

_SYSTEM = ("/run/current-system", "/run/wrappers", "/run/systemd/resolve")
"""In `/run`, but parts of a system: programs, and who answers for names of hosts."""
_ACROSS = ("--setenv", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "1")
"""A folder that can be written to is a mount of its own, at which git would give up looking for its repository."""
_KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/proc/fs")
"""Of the kernel as a whole: root could write there, without any capability, what the kernel is to run as root."""
_MOUNTS = 'while [ "$1" != -- ]; do mount -n "$1" "$2" "$3" "$4" || exit 125; shift 4; done; shift; exec "$@"'
_ODD = pattern(r'[,:\\"\n]')
"""What an option of mount cannot hold."""
_PATIENCE = 20.0
_SHORTEST = 200


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What a command is shown. Each is the real path of a folder that is there; the command runs in `folder`.

    `scratch` is a private folder, made ready by `prepare` and kept for all commands that are to see what one of them
    has written.
    """

    folder: str
    scratch: str
    home: str
    hidden: tuple[str, ...] = ()
    """Of these nothing is there but what the others name."""
    readable: tuple[str, ...] = ()
    layered: tuple[str, ...] = ()
    """What is written here is kept in `scratch`; read-only where no layer is possible."""
    writable: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    """Files that cannot be read."""
    empty: tuple[str, ...] = ()
    """Folders in what is shown, of which nothing is there."""
    network: bool = False


def inside(view: View, *, layers: bool = True) -> tuple[str, ...]:
    """The words before a program's own that show it this view alone. `layers` needs a kernel that has them."""
    if not layers or not view.layered:
        binds = {path: path for path in view.writable}
        return tuple(_bubblewrap(view, view.layered, binds))
    kept = {path: _kept(view, number) for number, path in enumerate(view.writable)}
    mounts = [word for path, place in kept.items() for word in ("--bind", "--", path, place)]
    mounts += [word for number in range(len(view.layered)) for word in _mount(view, number)]
    binds = {path: path for path in view.layered} | kept
    outer = ("unshare", "--user", "--map-root-user", "--mount", "--", "/bin/sh", "-c", _MOUNTS, "sh")
    return (*outer, *mounts, "--", *_bubblewrap(view, (), binds))


def prepare(view: View) -> None:
    """Makes the folders of the scratch space; nothing where they are there."""
    for name in ("tmp", "home"):
        os.makedirs(os.path.join(view.scratch, name), mode=0o700, exist_ok=True)
    for number in range(len(view.writable)):
        os.makedirs(_kept(view, number), mode=0o700, exist_ok=True)
    for number, target in enumerate(view.layered):
        for name in ("upper", "work"):
            os.makedirs(_layer(view, number, name), mode=0o700, exist_ok=True)
        if not os.path.lexists(_layer(view, number, "lower")):
            os.symlink(target, _layer(view, number, "lower"))


def objection(view: View, *, layers: bool) -> str:
    """Why a program cannot be shown this view alone, in a line; empty where it can. Tries it: some 20 ms."""
    if layers and _ODD.search(view.scratch):
        return f"the name of {view.scratch} holds what mount cannot be told"
    if layers and not all(map(_is_own, view.layered)):
        return "it belongs to another user or group"
    try:
        tried = process.run((*inside(view, layers=layers), "/bin/true"), seconds=_PATIENCE)
    except ProcessError as error:
        return "bubblewrap is not installed" if error.what.startswith(PROGRAM) else error.line
    if not tried.status:
        return ""
    said = tried.stderr.decode("utf-8", "replace").strip().splitlines() or [f"exit status {tried.status}"]
    return said[-1][:_SHORTEST]


def tools(homes: Iterable[str], hidden: Sequence[str], search_path: str, others: Iterable[str]) -> tuple[str, ...]:
    """The folders that hold programs and would be hidden: the usual ones of homes, those of the search path, others.

    With the `bin` of a virtual environment comes all of it. None that is hidden itself.
    """
    named = [os.path.realpath(each) for each in (*map(_environment, search_path.split(":")), *others) if each]
    usual = [os.path.join(home, each) for home in homes for each in TOOLS]
    there = (each for each in (*usual, *named) if any(is_below(each, folder) for folder in hidden))
    return tuple(dict.fromkeys(each for each in there if each not in homes and os.path.isdir(each)))


def _environment(folder: str) -> str:
    """The virtual environment whose programs lie there, or the folder; empty for one that depends on where we are."""
    above = os.path.dirname(folder)
    marks = (os.path.join(above, name) for name in ("pyvenv.cfg", "conda-meta"))
    return (above if any(map(os.path.exists, marks)) else folder) if os.path.isabs(folder) else ""


def is_below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder.rstrip('/')}/")


def written(view: View, most: int) -> list[str]:
    """Files that commands have written into layers, relative to these: sorted, and not more than so many."""
    found: list[str] = []
    for number in range(len(view.layered)):
        upper = _layer(view, number, "upper")
        files = itertools.islice(_files(upper), most)
        found += [os.path.relpath(path, upper) for path in files]
    return sorted(found)[:most]


def is_untouched(view: View) -> bool:
    """Whether nothing is there that a command has left to the next one that has the same scratch space."""
    left = (*(_layer(view, number, "upper") for number in range(len(view.layered))), *_shared(view))
    return not any(map(os.listdir, filter(os.path.isdir, left)))


def _shared(view: View) -> tuple[str, str]:
    return os.path.join(view.scratch, "tmp"), os.path.join(view.scratch, "home")


def _files(folder: str) -> Iterator[str]:
    """What is no folder, as far down as a path reaches. `os.walk` calls itself for each folder in a folder."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                entries = list(found)
        except OSError:
            continue
        waiting += (each.path for each in entries if each.is_dir(follow_symlinks=False))
        yield from (each.path for each in entries if not each.is_dir(follow_symlinks=False))


def _is_own(folder: str) -> bool:
    """Whether a layer above it could take a copy of it: others' ids mean nothing in a user namespace."""
    found = os.stat(folder)
    return (found.st_uid, found.st_gid) == (os.getuid(), os.getgid())


def _layer(view: View, number: int, name: str) -> str:
    return os.path.join(view.scratch, "layers", f"{number}", name)


def _kept(view: View, number: int) -> str:
    """Where a writable folder is found that lies beneath a layer."""
    return os.path.join(view.scratch, "writable", f"{number}")


def _mount(view: View, number: int) -> tuple[str, ...]:
    lower, upper, work = (_layer(view, number, name) for name in ("lower", "upper", "work"))
    options = f"-olowerdir={lower},upperdir={upper},workdir={work},userxattr"
    return "-toverlay", options, "checkpoint", view.layered[number]


def _bubblewrap(view: View, shown: Iterable[str], binds: Mapping[str, str]) -> Iterator[str]:
    """Later words overrule earlier ones: what is hidden first, then what is shown of it."""
    yield from (PROGRAM, "--unshare-all", "--unshare-user", "--uid", f"{os.getuid()}", "--gid", f"{os.getgid()}")
    yield from ("--share-net",) if view.network else ()
    yield from _ACROSS if view.writable else ()
    yield from ("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--ro-bind", "/", "/")
    yield from ("--dev", "/dev", "--proc", "/proc", "--bind", os.path.join(view.scratch, "tmp"), "/tmp")  # noqa: S108
    for path in (*EMPTY[1:], *view.hidden):
        yield from ("--tmpfs", path)
    yield from ("--bind", os.path.join(view.scratch, "home"), view.home)
    for path in _KERNEL:
        yield from ("--ro-bind-try", path, path)
    for path in _SYSTEM:
        yield from ("--ro-bind-try", path, path)
    for path in (*view.readable, *shown):
        yield from ("--ro-bind", path, path)
    for path, source in binds.items():
        yield from ("--bind", source, path)
    for path in view.empty:
        yield from ("--tmpfs", path)
    for path in view.blank:
        yield from ("--ro-bind", "/dev/null", path)
    yield from ("--chdir", view.folder, "--")
