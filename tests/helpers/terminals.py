"""A real terminal of the tests' own, and what it was sent."""

import os
import select
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple


class Terminal(NamedTuple):
    """A pseudo terminal by its two ends."""

    master: int
    slave: int

    @property
    def device(self) -> str:
        return os.ttyname(self.slave)

    def received(self) -> bytes:
        """What has arrived so far: an end mark is sent behind it, and waited for."""
        os.write(self.slave, b"\x04")
        data = b""
        while not data.endswith(b"\x04"):
            assert select.select([self.master], [], [], 20.0)[0], data
            data += os.read(self.master, 65536)
        return data[:-1]


def open_terminal(mode: int = 0o620) -> Terminal:
    """A terminal in raw mode; it accepts messages unless `mode` says otherwise."""
    made = Terminal(*os.openpty())
    tty.setraw(made.slave)
    os.fchmod(made.slave, mode)
    return made


@contextmanager
def opened_terminal() -> Iterator[Terminal]:
    """A terminal that accepts messages, closed when the context ends."""
    made = open_terminal()
    try:
        yield made
    finally:
        os.close(made.master)
        os.close(made.slave)
