"""Writes the latest notice to a file, for a shell prompt or an agent to read.

`all.txt` holds what everybody is told, `teams/NAME.txt` what one team is; each notice replaces the one before.
`trouble.txt` is there while something keeps checkpoints or notices from people: what is open, the latest first. It is
made of a file for each trouble, in `trouble/`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager

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
    silent = True

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def send(self, notice: Notice) -> str:
        """The file that holds it now."""
        if notice.kind == "trouble":
            return self._say_what_is_open(notice)
        if notice.kind == "test":
            return self._say("test.txt", _content(notice))
        for team in notice.teams:
            self._say(_file(team.team), _content(msgspec.structs.replace(notice, text=team.text)))
        return self._say("all.txt", _content(notice))

    def _say_what_is_open(self, notice: Notice) -> str:
        about = hashlib.sha256(f"{notice.plan}\0{notice.about}".encode(errors="surrogatepass")).hexdigest()[:16]
        part = self._say(f"trouble/{about}.txt", "" if notice.level == "good" else _content(notice))
        return self._say("trouble.txt", "\n".join(_open(os.path.dirname(part))))

    def _say(self, name: str, content: str) -> str:
        """Writes the file, or removes it where there is nothing to say."""
        path = os.path.join(self._folder, name)
        with _refusals_of(path):
            for folder in (self._folder, os.path.dirname(path)):
                os.makedirs(folder, 0o700, exist_ok=True)
            private.write(path, content.encode()) if content else private.remove(path)
        return path


def _open(folder: str) -> Iterator[str]:
    """What the files of a folder say, the latest first."""
    with _refusals_of(folder):
        paths = [entry.path for entry in os.scandir(folder) if not entry.name.startswith(".")]
        for path in sorted(paths, key=os.path.getmtime, reverse=True):
            yield (private.read(path) or b"").decode(errors="replace")


@contextmanager
def _refusals_of(path: str) -> Iterator[None]:
    """Says as a NotifyError what the system has against it."""
    try:
        yield
    except Stalled as error:
        raise NotifyError(error.what, why=error.why, mend=error.mend) from error
    except OSError as error:
        raise NotifyError(f"{path} cannot be written", why=error.strerror or str(error)) from error


def _content(notice: Notice) -> str:
    return "\n".join((*lines(notice, _LINES, _WIDTH), ""))


def _file(team: str) -> str:
    if "/" in team or team.startswith(".") or not team.isprintable() or len(team) > _NAME_LIMIT:
        raise NotifyError("a team's name is no name of a file", why=repr(team[:_NAME_LIMIT]))
    return f"teams/{team}.txt"


def build(means: Means) -> tuple[FileNotifier]:
    return (FileNotifier(means.folder),)
