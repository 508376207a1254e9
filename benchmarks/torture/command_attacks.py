"""What no command should do: run in a team's folder as `python attacks.py ATTACK WORD [ARGUMENT…]`.

WORD stands among the arguments of every process that an attack leaves behind. The exit status is a sum of what it got
hold of: `LOOT` names the parts.
"""

import functools
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PREFIX = b"xoxb-torture-"
"""How the secret begins that stands in the environment of whoever runs the commands."""
LOOT = {
    "thief": {
        1: "the token in its environment",
        2: "the token in its parent's environment",
        4: "the key in ~/.ssh",
        8: "a service on this machine",
        16: "the approvals",
        32: "the token in another process's environment",
    },
    "glutton": {
        1: "a file of 20 GB",
        2: "memory before all others",
        4: "processes without end",
        8: "CPU time without end",
        16: "a core file",
    },
}
DAEMONS = 4
_LONG = 600.0
_PATIENCE = 60.0


def thief(word: str, home: str, port: str) -> int:
    """Looks for what is none of its business, and writes into the repository."""
    for path in ("../plan.md", "../forged"):
        _may(functools.partial(_append, path))
    return (
        1 * any(value.startswith(PREFIX) for value in os.environb.values())
        + 2 * (PREFIX in _read(f"/proc/{os.getppid()}/environ"))
        + 4 * bool(_read(f"{home}/.ssh/id_ed25519"))
        + 8 * _may(lambda: socket.create_connection(("127.0.0.1", int(port)), 5).close())
        + 16 * any(map(_read, Path(f"{home}/.local/share/checkpoint").glob("*/approvals.json")))
        + 32 * any(PREFIX in _read(path) for path in _processes("environ"))
    )


def glutton(word: str) -> int:
    """Looks whether anything keeps it from using up the machine."""
    own = int(_read("/proc/sys/kernel/threads-max"))
    return (
        1 * _may(_write_far)
        + 2 * (int(_read("/proc/self/oom_score_adj")) < 1000)
        + 4 * (not 0 < resource.getrlimit(resource.RLIMIT_NPROC)[1] < own // 4)
        + 8 * (resource.getrlimit(resource.RLIMIT_CPU)[1] == resource.RLIM_INFINITY)
        + 16 * (resource.getrlimit(resource.RLIMIT_CORE)[1] != 0)
    )


def daemons(word: str) -> int:
    """Leaves processes behind: in its group, in sessions of their own, with an empty environment, forked twice."""
    sleeper = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({_LONG})", word, "asleep"]
    start = functools.partial(subprocess.Popen, sleeper)
    away = functools.partial(
        start,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    start()
    away()
    away(env={})
    if os.fork() == 0:
        os.setsid()
        away(env={}, cwd="/")
        os._exit(0)
    end = time.monotonic() + _PATIENCE
    while _asleep(word) < DAEMONS and time.monotonic() < end:
        time.sleep(0.01)
    os._exit(0)


def stubborn(word: str) -> int:
    """Never ends, and does not listen when told to; nor does its child, in a session of its own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
    time.sleep(_LONG)
    return 0


def flood(word: str, size: str) -> int:
    """Says more than anybody wants to hear."""
    line = b"x" * 65535 + b"\n"
    for _ in range(int(size) // len(line)):
        sys.stdout.buffer.write(line)
    return 0


def bomb(word: str, depth: str) -> int:
    """Forks and forks, each in a session of its own, and ends while its children still do; they stay."""
    main = os.getpid()
    for _ in range(int(depth)):
        if os.fork() == 0:
            os.setsid()
            for number in range(3):
                _may(functools.partial(os.close, number))
            _fork_on(int(depth) - 1)
            time.sleep(_LONG)
    return int(os.getpid() != main)


def _fork_on(depth: int) -> None:
    """2 to the power of `depth` processes, of one."""
    for _ in range(depth):
        if os.fork() == 0:
            os.setsid()


def _asleep(word: str) -> int:
    wanted = f"\0{word}\0asleep\0".encode()
    return sum(_read(path).endswith(wanted) for path in _processes("cmdline"))


def _processes(file: str) -> Iterable[Path]:
    return Path("/proc").glob(f"[0-9]*/{file}")


def _may(work: Callable[[], object]) -> bool:
    try:
        work()
    except OSError:
        return False
    return True


def _append(path: str) -> None:
    with Path(path).open("a", encoding="utf-8") as file:
        file.write("forged")


def _write_far() -> None:
    with Path("large").open("wb") as file:
        file.seek(20 << 30)
        file.write(b"x")


def _read(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:
        return b""


ATTACKS: dict[str, Callable[..., int]] = {
    "thief": thief,
    "glutton": glutton,
    "daemons": daemons,
    "stubborn": stubborn,
    "flood": flood,
    "bomb": bomb,
}

if __name__ == "__main__":
    sys.exit(ATTACKS[sys.argv[1]](*sys.argv[2:]))
