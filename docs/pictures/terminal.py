"""A notice that comes while Ada works in a terminal."""

from __future__ import annotations

import sys

from checkpoint.demonstration import FALSE_CLAIM, HALF
from docs.pictures.bookshop import bookshop, wait_until
from docs.pictures.screen import WIDTH, screen
from docs.pictures.shells import shells


def main() -> None:
    with bookshop() as shop, shells(shop, "ada", (WIDTH, 20)) as ada:
        shop.deliver(HALF)
        shop.pretend(FALSE_CLAIM)
        ada.type(0, "mesg y; clear")
        ada.type(0, "grep -c . out/*/*")
        device = ada.server.tmux("display-message", "-p", "-t", "ada", "#{pane_tty}")
        shop.environ |= {"CHECKPOINT_NOTIFY": "terminal", "CHECKPOINT_TERMINALS": device}
        shop.checkpoint("now")
        wait_until(lambda: FALSE_CLAIM in ada.shown(0))
        sys.stdout.write(screen("terminal", "ada: ~/bookshop", ada.shown(0, "-e")))


if __name__ == "__main__":
    main()
