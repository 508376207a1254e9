"""Two teams' panes in tmux, with the lines of tmux.conf that docs/notifiers.md names."""

from __future__ import annotations

import sys
from pathlib import Path

from checkpoint.demonstration import FALSE_CLAIM, HALF
from docs.pictures.bookshop import bookshop, wait_until
from docs.pictures.screen import WIDTH, screen
from docs.pictures.shells import shells
from tests.helpers.tmux_server import serving

PAGE = Path(__file__).parents[1] / "notifiers.md"
SIZE = (WIDTH, 24)
TERMINALS = (
    ("- agent: `claude`", "- agent: `claude`\n- terminal: `shop:agents.0`"),
    ("- agent: `codex`", "- agent: `codex`\n- terminal: `shop:agents.1`"),
)


def main() -> None:
    with bookshop(*TERMINALS) as shop, shells(shop, "shop", SIZE) as teams, serving() as outer:
        teams.split()
        settings = shop.work.parent / "tmux.conf"
        settings.write_text(lines_of_the_page())
        teams.server.tmux("source-file", str(settings))
        outer.environ |= {"TMUX": ""}
        attach = f"tmux -u -S {teams.server.socket} attach-session -t shop"
        outer.tmux("new-session", "-d", "-s", "outer", "-x", str(SIZE[0]), "-y", str(SIZE[1]), attach)
        outer.tmux("set-option", "-g", "status", "off")
        shop.deliver(HALF)
        shop.pretend(FALSE_CLAIM)
        shop.environ |= {"CHECKPOINT_NOTIFY": "tmux", "TMUX": teams.server.environ["TMUX"]}
        shop.checkpoint("now")
        teams.type(0, "checkpoint next backend")
        teams.type(1, "checkpoint check F2")
        teams.server.tmux("select-pane", "-t", "shop:0.0")
        wait_until(lambda: "\n[shop] " in outer.tmux("capture-pane", "-p", "-t", "outer"))
        sys.stdout.write(screen("tmux", "tmux", outer.tmux("capture-pane", "-epN", "-t", "outer"), SIZE[0]))


def lines_of_the_page() -> str:
    """What the page tells its readers to put into their tmux.conf."""
    return PAGE.read_text().partition("```tmux\n")[2].partition("```")[0]


if __name__ == "__main__":
    main()
