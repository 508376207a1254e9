"""Runs a program within limits of time and address space, and writes down what it took.

python -I benchmarks/torture/inputs_limits.py RESULT SECONDS BYTES PROGRAM ARGUMENTS…

A small process of its own: a child's peak of memory counts from the size of the process that it was forked from.
"""

import json
import os
import resource
import signal
import sys
import time
from pathlib import Path


def main() -> None:
    """RESULT becomes `{"status", "seconds", "peak"}`: the exit status, -9 where it was ended, and bytes of memory."""
    target, seconds, size, *argv = sys.argv[1:]
    began = time.monotonic()
    child = os.fork()
    if not child:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_AS, (int(size), int(size)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.execvp(argv[0], argv)
    signal.signal(signal.SIGALRM, lambda number, frame: os.killpg(child, signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, float(seconds))
    _, status, usage = os.wait4(child, 0)
    signal.setitimer(signal.ITIMER_REAL, 0)
    took = {
        "status": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - began,
        "peak": usage.ru_maxrss * 1024,
    }
    Path(target).write_text(json.dumps(took), encoding="utf-8")


if __name__ == "__main__":
    main()
