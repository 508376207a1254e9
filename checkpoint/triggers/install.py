"""What keeps `checkpoint serve` running: units of the user's systemd with a timer, or else a line of the crontab."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Mapping

import msgspec

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.triggers.crontab import cron_line, install_line
from checkpoint.triggers.service import Service
from checkpoint.triggers.units import MARK, unit_texts

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
_MODE = 0o644


class Installation(msgspec.Struct, frozen=True):
    """Units, texts by their full paths; or a crontab's line. `steps` are the commands that are left to the user."""

    files: dict[str, str] = {}
    line: str = ""
    steps: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it as it would be written, each file below a line with its path."""
        return self.line + "\n" if self.line else "\n".join(f"# {path}\n{text}" for path, text in self.files.items())


def installation(service: Service, environ: Mapping[str, str], *, systemd: bool) -> Installation:
    """What would be installed. Raises Stalled where the service's paths fit into neither unit nor crontab."""
    if not systemd:
        return Installation(line=cron_line(service))
    folder = os.path.join(_configuration(environ), "systemd", "user")
    files = {os.path.join(folder, name): text for name, text in unit_texts(service).items()}
    return Installation(files, steps=_steps(service.name))


def has_systemd(environ: Mapping[str, str], booted: str = "/run/systemd/system") -> bool:
    """Whether systemd runs this machine, as sd_booted(3) finds out, and can be spoken to."""
    return os.path.isdir(booted) and shutil.which("systemctl", path=environ.get("PATH")) is not None


def install(what: Installation, environ: Mapping[str, str]) -> None:
    """Writes the units, or the line into the crontab; what was there of the same name is replaced, if it was ours.

    Raises Stalled, before anything is written, where it was not; and ProcessError where the crontab cannot be changed.
    """
    if what.line:
        install_line(what.line, environ)
    _refuse_foreign(what.files)
    for path, text in what.files.items():
        _write(path, text)


def _configuration(environ: Mapping[str, str]) -> str:
    folder = environ.get("XDG_CONFIG_HOME", "")
    return folder if os.path.isabs(folder) else os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".config")


def _steps(name: str) -> tuple[str, ...]:
    enable = f"systemctl --user enable --now {name}.timer"
    return ("systemctl --user daemon-reload", enable, "loginctl enable-linger")


def _refuse_foreign(paths: Iterable[str]) -> None:
    for path in paths:
        if not _is_free(path):
            mend = f"move it away, then run this again: mv '{path}' '{path}.old'"
            raise Stalled(f"{path} is not ours", why="it was not made by `checkpoint serve --install`", mend=mend)


def _is_free(path: str) -> bool:
    """Whether nothing is there, or a unit that we made."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(len(MARK)) == MARK
    except FileNotFoundError:
        return True
    except OSError as error:
        raise private.unusable(path, error) from error


def _write(path: str, text: str) -> None:
    """Replaces the file at once; systemd may read it at any moment."""
    new = private.beside(path)
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(os.open(new, _CREATE, _MODE), "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError as error:
        private.remove(new)
        raise private.unusable(path, error) from error
