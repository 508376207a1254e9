"""Shows a notice on the desktop: with `notify-send` where there is a session bus, with `osascript` on macOS."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

import msgspec

from checkpoint import process
from checkpoint.errors import ProcessError
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.plain import heading, lines
from checkpoint.redaction import strip_controls

LINES = 6
_WIDTH = 120
SECONDS = 5.0
_SCRIPT = ("on run argv", "display notification (item 3 of argv) with title (item 2 of argv)", "end run")
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\\": "\\\\"})
"""What desktops take for markup in the text below the title, and `notify-send` for an escape."""


class DesktopNotifier:
    """Tells the desktop of the user whose environment this is."""

    name = "desktop"
    template = "desktop"

    def __init__(self, environ: Mapping[str, str], seconds: float = SECONDS) -> None:
        self._environ = environ
        self._seconds = seconds

    def send(self, notice: Notice) -> None:
        """Raises NotifyError where no notification was shown; it is doubtful where the desktop does not answer."""
        title, *text = lines(msgspec.structs.replace(notice, title=heading(notice)), LINES, _WIDTH)
        try:
            self._show(title or "checkpoint", "\n".join(text), "critical" if notice.level == "bad" else "normal")
        except ProcessError as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend, lasting=True) from error

    def _show(self, title: str, text: str, urgency: str) -> None:
        if self._has("osascript"):
            statements = [word for line in _SCRIPT for word in ("-e", line)]
            # The first argument begins with no dash, so that none of those after it is an option.
            return self._run(["osascript", *statements, "checkpoint", title, text], {})
        if not self._has("notify-send"):
            mend = "install libnotify (its package is libnotify-bin, libnotify or libnotify-tools)"
            raise NotifyError("no notification was shown", why="there is no notify-send", mend=mend, lasting=True)
        words = ["notify-send", "--app-name=checkpoint", f"--urgency={urgency}", "--", title, text.translate(_MARKUP)]
        return self._run(words, {"DBUS_SESSION_BUS_ADDRESS": self._bus()})

    def _has(self, program: str) -> bool:
        return shutil.which(program, path=self._environ.get("PATH", os.defpath)) is not None

    def _bus(self) -> str:
        """The address of the session's bus, which a crontab's environment does not name. Raises NotifyError."""
        if address := self._environ.get("DBUS_SESSION_BUS_ADDRESS"):
            return address
        path = os.path.join(self._environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}", "bus")
        if not os.path.exists(path):
            mend = "log in to a desktop, or leave `desktop` out of `notify`"
            raise NotifyError("no notification was shown", why=f"{path} is not there", mend=mend, lasting=True)
        return f"unix:path={path}"

    def _run(self, command: list[str], more: Mapping[str, str]) -> None:
        result = process.run(command, env={**self._environ, **more}, seconds=self._seconds)
        if result.timed_out:
            why = f"{command[0]} did not end within {self._seconds:g} s"
            raise NotifyError("it is not known whether a notification was shown", why=why, doubtful=True)
        if result.status:
            said = strip_controls(result.stderr.decode(errors="replace")).strip().partition("\n")[0]
            raise NotifyError("no notification was shown", why=said or f"{command[0]} ended with {result.status}")


def build(means: Means) -> tuple[DesktopNotifier]:
    return (DesktopNotifier(means.environ),)
