"""Writes the latest notice to a file, for a shell prompt or an agent to read.

`all.txt` holds what everybody is told, `teams/NAME.txt` what one team is. Each notice replaces the one before.
"""

from __future__ import annotations

import os

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.notify import Means, Notice, NotifyError
from checkpoint.notify.plain import lines

_LINES = 1000
_WIDTH = 1000
_NAME_LIMIT = 100


class FileNotifier:
    """Writes below one folder, which is created where there is none."""

    name = "file"

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def send(self, notice: Notice) -> None:
        path = os.path.join(self._folder, _file(notice.team))
        content = "\n".join((*lines(notice, _LINES, _WIDTH), ""))
        try:
            for folder in (self._folder, os.path.dirname(path)):
                os.makedirs(folder, 0o700, exist_ok=True)
            private.write(path, content.encode())
        except Stalled as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend) from error
        except OSError as error:
            raise NotifyError(f"{path} cannot be written", why=error.strerror or str(error)) from error


def _file(team: str) -> str:
    if not team:
        return "all.txt"
    if "/" in team or team.startswith(".") or not team.isprintable() or len(team) > _NAME_LIMIT:
        raise NotifyError("a team's name is no name of a file", why=repr(team[:_NAME_LIMIT]))
    return f"teams/{team}.txt"


def build(means: Means) -> FileNotifier:
    return FileNotifier(means.folder)
