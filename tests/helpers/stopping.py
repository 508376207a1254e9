"""The command line, run so that it stops itself (SIGSTOP) when a function of the product is entered or left.

python -m tests.helpers.stopping enter checkpoint.git.fast_forward:fast_forward now -C FOLDER

Somebody outside then kills it at leisure, at exactly that point, whatever it has running beside it. The product has
no hook for this: the point is any function there is, `MODULE:NAME` or `MODULE:CLASS.NAME`, in whichever thread.
"""

import os
import signal
import sys
import threading
from importlib.util import find_spec
from types import FrameType

from checkpoint.cli import main as run

_EVENTS = {"enter": "call", "leave": "return"}


def stop_at(when: str, function: str) -> None:
    """From now on this process stops when that function is entered, or left. Raises LookupError for no module."""
    module, _, name = function.partition(":")
    spec = find_spec(module)
    if spec is None:
        raise LookupError(f"there is no module {module}")
    file, wanted = spec.origin, _EVENTS[when]

    def look(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if event == wanted and code.co_qualname == name and code.co_filename == file:
            os.kill(os.getpid(), signal.SIGSTOP)

    threading.setprofile(look)
    sys.setprofile(look)


def main() -> int:
    when, function, *words = sys.argv[1:]
    stop_at(when, function)
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
