"""Writes the latest notice to a file, for a shell prompt or an agent to read.

`all.txt` holds what everybody is told, `teams/NAME.txt` what one team is; `trouble.txt` is there while something keeps
checkpoints or notices from people. Each notice replaces the one before.
"""

from __future__ import annotations

import os

import msgspec

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
    template = "terminal"
    repeatable = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def send(self, notice: Notice) -> str:
        """The file that holds it now."""
        if notice.kind == "trouble":
            return self._say("trouble.txt", "" if notice.level == "good" else _content(notice))
        if notice.kind == "test":
            return self._say("test.txt", _content(notice))
        for team in notice.teams:
            self._say(_file(team.team), _content(msgspec.structs.replace(notice, text=team.text)))
        return self._say("all.txt", _content(notice))

    def _say(self, name: str, content: str) -> str:
        path = os.path.join(self._folder, name)
        try:
            for folder in (self._folder, os.path.dirname(path)):
                os.makedirs(folder, 0o700, exist_ok=True)
            private.write(path, content.encode()) if content else private.remove(path)
        except Stalled as error:
            raise NotifyError(error.what, why=error.why, mend=error.mend) from error
        except OSError as error:
            raise NotifyError(f"{path} cannot be written", why=error.strerror or str(error)) from error
        return path


def _content(notice: Notice) -> str:
    return "\n".join((*lines(notice, _LINES, _WIDTH), ""))


def _file(team: str) -> str:
    if "/" in team or team.startswith(".") or not team.isprintable() or len(team) > _NAME_LIMIT:
        raise NotifyError("a team's name is no name of a file", why=repr(team[:_NAME_LIMIT]))
    return f"teams/{team}.txt"


def build(means: Means) -> tuple[FileNotifier]:
    return (FileNotifier(means.folder),)
