"""A service as units of systemd, in its own quotes: systemd.unit(5), systemd.service(5), systemd.syntax(7)."""

from __future__ import annotations

import re

from checkpoint.errors import Stalled
from checkpoint.triggers.service import Service

MARK = "# Made by `checkpoint serve --install --write`. To change a setting: systemctl --user edit"
"""How every unit of ours begins."""

_PLAIN = re.compile(r"[A-Za-z0-9_/.:=@,+-]+")
_STRANGE = re.compile(r"[$\"'\\\x00-\x1f\x7f]")
_ESCAPED = {"\\": r"\\", '"': r"\"", "%": "%%", "$": "$$", "\n": r"\n", "\t": r"\t"}
_ENV = "/usr/bin/env"
_SERVICE = """\
{mark} {name}.service
[Unit]
Description=checkpoint serve ({title})

[Service]
Type=exec
ExecStart={command}
{environment}\
Restart=on-failure
RestartSec=10s
# The command line, the plan, an approval or something that only a person can mend: trying again at once is no use.
RestartPreventExitStatus=3 5 6 64
# A checkpoint at hand is finished: git and the commands that it runs are not told to end.
KillMode=mixed
KillSignal=SIGTERM
TimeoutStopSec=15min
OOMPolicy=continue
# No more than this: a plan's commands run here, and need the folders, terminals and sockets of their user.
NoNewPrivileges=yes
RestrictRealtime=yes
"""
_TIMER = """\
{mark} {name}.timer
[Unit]
Description=starts checkpoint serve where it is not running ({title})

[Timer]
OnActiveSec=1s
OnCalendar=*:0/5
Persistent=true

[Install]
WantedBy=timers.target
"""


def unit_texts(service: Service) -> dict[str, str]:
    """The units' texts by their names. Raises Stalled for a path that no unit can name."""
    environment = "".join(f"Environment={word(f'{name}={value}', '$')}\n" for name, value in service.environ)
    values = {"mark": MARK, "name": service.name, "title": service.title.replace("%", "%%")}
    return {
        f"{service.name}.service": _SERVICE.format(command=command(service.argv), environment=environment, **values),
        f"{service.name}.timer": _TIMER.format(**values),
    }


def command(argv: tuple[str, ...]) -> str:
    """The value of `ExecStart=` that runs this command."""
    # A program's own path may not hold quotes and the like, and in it `$$` would be two dollars.
    whole = (_ENV, *argv) if _STRANGE.search(argv[0]) else argv
    return " ".join(map(word, whole))


def word(text: str, bare: str = "") -> str:
    """One word as systemd reads it back: no blank, quote, specifier or variable of the text means anything.

    Characters of `bare` mean nothing where it stands, and are left as they are.
    """
    if _PLAIN.fullmatch(text):
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        mend = "give it a name in UTF-8, or use cron"
        raise Stalled(f"systemd cannot name {text!r}", why="it is not in UTF-8", mend=mend) from error
    return '"' + "".join(c if c in bare else _escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    if character in _ESCAPED:
        return _ESCAPED[character]
    return f"\\x{ord(character):02x}" if ord(character) < 32 or ord(character) == 127 else character
