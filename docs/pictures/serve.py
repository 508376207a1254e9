"""A minute of `checkpoint serve`: two people's edits, what they deliver, and a time of the schedule."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

from docs.pictures.bookshop import BEGINNING, Bookshop, bookshop, expect, wait_until
from docs.pictures.screen import screen
from tests.helpers.slack_server import SlackServer

SCHEDULE = 'schedule: "*/5 * * * *"\n'
SECONDS = 50
"""As long before a time of the schedule it begins."""


class Session:
    """The command at work, its output in a file."""

    def __init__(self, shop: Bookshop) -> None:
        self._file = Path(shop.work.parent / "said")
        with self._file.open("w") as file:
            environ = shop.environ | {"FORCE_COLOR": "1"}
            self._process = subprocess.Popen(shop.command("serve"), env=environ, stdout=file)  # noqa: S603 - ours

    @property
    def text(self) -> str:
        return self._file.read_text()

    def until(self, words: str, times: int = 1) -> None:
        """Waits until that has been said so many times."""
        wait_until(lambda: self.text.count(words) >= times or self._process.poll() is not None)

    def end(self) -> None:
        self._process.send_signal(signal.SIGINT)
        expect(self._process.wait(30) == 0, "it did not end well")


def main() -> None:
    with bookshop(("transparency:", f"{SCHEDULE}transparency:")) as shop, SlackServer() as slack:
        shop.environ |= told_by(slack)
        time.sleep(-(time.time() + SECONDS) % 300)
        session = Session(shop)
        session.until("slack was told")
        shop.deliver(BEGINNING)
        session.until("slack was told", 2)
        shop.pretend("B4")
        session.until("slack was told", 3)
        shop.tick("F3")
        session.until("uncommitted")
        shop.push()
        session.until("slack was told", 4)
        session.until("a scheduled checkpoint is due")
        session.until("nothing new")
        session.end()
        sys.stdout.write(screen("serve", "checkpoint serve", f"$ checkpoint serve\n{session.text}"))


def told_by(slack: SlackServer) -> dict[str, str]:
    """The options with which that Slack's channel is told."""
    return {
        "CHECKPOINT_NOTIFY": "slack",
        "CHECKPOINT_SLACK_API": slack.url,
        "CHECKPOINT_SLACK_CHANNEL": "#plans",
        "CHECKPOINT_SLACK_TOKEN": "env:SLACK_TOKEN",
        "SLACK_TOKEN": slack.token,
    }


if __name__ == "__main__":
    main()
