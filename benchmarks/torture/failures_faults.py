"""What fails: git, the disk beneath the private files, the remote over HTTP, and Slack."""

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import get_args

from benchmarks.torture.failures_series import Series, Struck
from benchmarks.torture.failures_world import World
from tests.helpers.failing_git import How
from tests.helpers.slack_answers import Fault
from tests.helpers.slack_answers import Kind as SlackKind
from tests.helpers.smart_http import Kind

_STALLED = ("401", "403", "404")
"""Statuses of a remote over HTTP after which a person is needed."""
_WRITES = "pwrite64,fdatasync,fsync,ftruncate,fallocate"
_NAMES = "rename,link,mkdir,unlink"
_BESIDE = ("", "-wal", "-shm", "-journal")
"""What SQLite has beside a database, by the ends of its names."""
_INJECTED = re.compile(r"(\w+)\((.*)\).*\(INJECTED")


def git_series() -> Iterator[Series]:
    hows: tuple[How, ...] = ("fails", "lies", "killed", "killed after")
    for how in hows:
        few = {"fails": (6,), "lies": (4, 8)}.get(how, ())
        yield Series("git", f"git {how}", partial(_by_git, how), few)
    yield Series("git", "git fails at first", partial(_by_git, "fails"), first=True)
    yield Series("git", "git lies at first", partial(_by_git, "lies"), first=True)
    for number in range(1, 15):
        yield Series("git", "git hangs", partial(_by_git, "hangs"), only=number, limit=75.0)


def _by_git(how: How, world: World, number: int) -> Struck:
    world.git.fail(number, how)
    ended = world.run(seconds=75.0)
    return Struck(ended, world.git.struck.replace(str(world.live), ""))


def disk_series() -> Iterator[Series]:
    """Needs strace. What is struck is what the system answers to the program's own calls, not to git's."""
    for name, calls, error, further, few in (
        ("I/O error", _WRITES, "EIO", "", (14,)),
        ("no space from there on", _WRITES, "ENOSPC", "+", ()),
        ("unreadable", "pread64", "EIO", "", ()),
        ("not to be opened", "openat", "EACCES", "", ()),
    ):
        strike = partial(_by_journal, calls, error, further)
        yield Series("SQLite", f"the journal: {name}", strike, few)
    locked = partial(_by_journal, "fcntl", "EAGAIN", "+")
    for number in range(1, 80, 6):
        name = "the journal: locked from there on"
        yield Series("SQLite", name, locked, only=number, limit=60.0, statuses=(7, 75))
    for name, calls, error in (("no space", _NAMES, "ENOSPC"), ("no permission", _NAMES, "EACCES")):
        yield Series("files", f"private files: {name}", partial(_by_call, calls, error))
        yield Series("files", f"private files at first: {name}", partial(_by_call, calls, error), first=True)
    yield Series("files", "private files at first: I/O error", partial(_by_call, _WRITES, "EIO"), first=True)
    yield Series("files", "no more processes", partial(_by_call, "vfork,fork", "EAGAIN"))
    yield Series("files", "the lock: I/O error", partial(_by_lock, "openat,flock,ftruncate,pwrite64", "EIO"))


def _by_journal(calls: str, error: str, further: str, world: World, number: int) -> Struck:
    paths = [f"{world.way.journal(world)}{end}" for end in _BESIDE]
    return _injected(world, calls, error, f"{number}{further}", paths)


def _by_lock(calls: str, error: str, world: World, number: int) -> Struck:
    return _injected(world, calls, error, str(number), [str(world.store / "lock")])


def _by_call(calls: str, error: str, world: World, number: int) -> Struck:
    return _injected(world, calls, error, str(number), ())


def _injected(world: World, calls: str, error: str, when: str, paths: Sequence[str]) -> Struck:
    """With paths, in all threads of the program; without, in its first alone, and so in none of git's processes."""
    log = world.live.parent / "strace"
    threads = ("-f", "--seccomp-bpf") if paths else ()
    inject = f"inject={calls}:error={error}:when={when}"
    on = [word for path in paths for word in ("-P", path)]
    ended = world.run(["strace", *threads, "-qqq", "-y", "-o", str(log), "-e", f"trace={calls}", "-e", inject, *on])
    found = _INJECTED.search(log.read_text(errors="replace"))
    what = f"{found[1]} {found[2]}".replace(str(world.store), "").replace(str(world.live), "") if found else ""
    return Struck(ended, what[:100])


def remote_series() -> Iterator[Series]:
    kinds: tuple[Kind, ...] = get_args(Kind)[1:]
    for kind in kinds:
        statuses = (6,) if kind in _STALLED else (4,)
        strike = partial(_by_remote, kind, False)
        yield Series("HTTP", f"the remote: {kind}", strike, statuses=statuses, served=True)
    for kind in ("reset", "silent", "500", "403"):
        statuses = (6,) if kind in _STALLED else (4,)
        strike = partial(_by_remote, kind, True)
        yield Series("HTTP", f"the remote: {kind}, having done its work", strike, statuses=statuses, served=True)
    strike = partial(_by_remote, "reset", True, lasts=True)
    few = (4,)
    yield Series("HTTP", "the remote: gone, having done its work", strike, few, statuses=(4,), served=True)


def _by_remote(kind: Kind, served: bool, world: World, number: int, *, lasts: bool = False) -> Struck:
    world.server.fail(number, kind, served=served, lasts=lasts)
    ended = world.run()
    asked = world.server.requests[number - 1 : number]
    return Struck(ended, "".join(asked))


def slack_series() -> Iterator[Series]:
    kinds: tuple[SlackKind, ...] = get_args(SlackKind)[1:]
    for kind in kinds:
        few = (1,) if kind == "dropped" else ()
        yield Series("HTTP", f"Slack: {kind}", partial(_by_slack, kind), few, statuses=())


def _by_slack(kind: SlackKind, world: World, number: int) -> Struck:
    value = "fatal_error" if kind == "refused" else 1
    world.slack.fail(*(Fault("none") for _ in range(number - 1)), Fault(kind, value=value))
    ended = world.run()
    struck = not world.slack.faults
    return Struck(ended, world.slack.requests[number - 1] if struck else "")
