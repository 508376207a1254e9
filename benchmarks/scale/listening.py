"""What the programs have in common that listen to changes of files: what they are asked, and what they answer.

They run with the packages of whoever is measured, so there is nothing here but the standard library. A listener says
`ready`, then the moment (of the monotonic clock, which all processes share) of each callback. `block` makes the next
callback take three seconds, `count` asks how many of the files it knows that were written meanwhile.
"""

import sys
import threading
import time
from collections.abc import Callable

BLOCKED = 3.0
BURST = "burst-"
"""How the names begin of files that are written while a callback is blocked."""


class Listener:
    """One side of the conversation: `heard` is the callback."""

    def __init__(self) -> None:
        self._is_to_block = threading.Event()

    def heard(self) -> None:
        print(time.monotonic(), flush=True)
        if self._is_to_block.is_set():
            self._is_to_block.clear()
            time.sleep(BLOCKED)

    def converse(self, count: Callable[[], int]) -> None:
        """Answers until nobody asks any more."""
        print("ready", flush=True)
        for line in sys.stdin:
            if line.strip() == "block":
                self._is_to_block.set()
            else:
                print("count", count(), flush=True)
