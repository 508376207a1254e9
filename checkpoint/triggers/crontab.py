"""A service as a line of the user's crontab, where there is no systemd: crontab(5)."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping

from checkpoint.errors import ProcessError, Stalled
from checkpoint.process import Result, run
from checkpoint.triggers.service import Service

_OFTEN = "*/5 * * * *"
_LONGEST = 990
"""Bytes of a line: some crons refuse a command of a thousand."""
_NONE = (b"no crontab", b"No such file")
"""What a crontab program says of a user who has none; it ends with the status of every other failure."""


def cron_line(service: Service) -> str:
    """The line that looks every five minutes; its last word, in a comment, is the service's name.

    Raises Stalled for what no crontab can hold.
    """
    variables = (f"{name}={_word(value)}" for name, value in service.environ)
    words = map(_word, (*service.argv, "--once", "--quiet"))
    line = " ".join((_OFTEN, *variables, *words, "#", service.name))
    length = len(os.fsencode(line))
    if length > _LONGEST:
        why = f"it takes {length} bytes, and cron may refuse more than {_LONGEST}"
        raise Stalled("the line is too long for a crontab", why=why, mend="run it again with a shorter PATH")
    return line


def _word(text: str) -> str:
    """One word as cron and then the shell read it; cron takes a bare `%` for the end of the line."""
    if any(ord(character) < 32 for character in text):
        raise Stalled(f"no crontab can hold {text!r}", why="it has a control character", mend="give it another name")
    # Some crons drop a backslash before another one, too. So two quotes that hold nothing part it from what follows.
    return shlex.quote(text).replace("\\", r"\''").replace("%", r"''\%")


def crontab(old: str, line: str) -> str:
    """The crontab with this line instead of the one of the same name, or at its end; all else stays."""
    name = line.rpartition(" ")[2]
    lines = re.findall(r"[^\n]*\n|[^\n]+", old)  # `splitlines` also breaks where cron does not: at U+2028, say
    ours = [number for number, each in enumerate(lines) if each.split()[-2:] == ["#", name]]
    if not ours:
        end = "" if old.endswith("\n") or not old else "\n"
        return f"{old}{end}{line}\n"
    lines[ours[0]] = f"{line}\n"
    return "".join(each for number, each in enumerate(lines) if number not in ours[1:])


def install_line(line: str, environ: Mapping[str, str]) -> None:
    """Puts the line into the user's crontab. Raises ProcessError where that cannot be read or written."""
    old = _crontab("-l", environ)
    if old.status and any(words in old.stderr for words in _NONE):
        old = Result(0)
    _refuse(old, "the crontab cannot be read")
    new = crontab(os.fsdecode(old.stdout), line)
    _refuse(_crontab("-", environ, os.fsencode(new)), "the crontab cannot be written")


def _crontab(argument: str, environ: Mapping[str, str], text: bytes = b"") -> Result:
    return run(("crontab", argument), env={**environ, "LC_ALL": "C"}, input=text)


def _refuse(result: Result, what: str) -> None:
    if result.status or result.timed_out or result.truncated:
        why = result.stderr.decode(errors="replace").strip().partition("\n")[0] or "it gave no reason"
        raise ProcessError(what, why=f"crontab: {why}", mend="add the line by hand: crontab -e")
