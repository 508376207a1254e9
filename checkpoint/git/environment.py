"""The environment that git runs in: what a hook or a terminal left there goes, and no configuration may run code."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterable, Mapping

import msgspec

from checkpoint.lazy import pattern


class Setting(msgspec.Struct, frozen=True):
    """One line of git's configuration as it is in force. `key` is as git prints it; `scope` is git's word."""

    key: str
    value: str
    scope: str = "local"


FIXED = (
    Setting("core.hooksPath", "/dev/null"),
    Setting("core.fsmonitor", "false"),
    Setting("core.fsync", "committed"),
    Setting("core.quotePath", "false"),
    Setting("safe.bareRepository", "explicit"),
    Setting("protocol.ext.allow", "never"),
    Setting("gc.auto", "0"),
    Setting("maintenance.auto", "false"),
    Setting("fetch.recurseSubmodules", "false"),
    Setting("push.recurseSubmodules", "no"),
    Setting("user.useConfigOnly", "true"),
    Setting("log.showSignature", "false"),
    Setting("color.ui", "false"),
)
"""No hook or monitor runs, nothing is written but what was asked for, and that reaches the disk."""

PATIENCE = (Setting("http.lowSpeedLimit", "1000"), Setting("http.lowSpeedTime", "20"))
"""A transfer below 1000 bytes a second for 20 seconds is given up. A person's own setting goes before."""

_ALWAYS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh",
    "GIT_MERGE_AUTOEDIT": "no",
    "GIT_EDITOR": "false",
    "LC_ALL": "C",
}
# Compiled where they are used: mostly nobody has set such variables.
_KEPT = pattern(
    r"GIT_(EXEC_PATH|SSH|SSH_VARIANT|SSL_\w+|PROXY_SSL_\w+|HTTP_\w+|CONFIG_(GLOBAL|SYSTEM|NOSYSTEM)|TRACE\w*)"
)
_PERSON = pattern(r"GIT_(AUTHOR|COMMITTER)_(NAME|EMAIL|DATE)")
_WITHIN_HOOK = ("GIT_DIR", "GIT_INDEX_FILE")
"""Inside a hook, git sets these, and perhaps the author of the commit at hand, who is not the author of ours."""

_PASSED_ON = pattern(
    r"(url\..*\.(insteadof|pushinsteadof)|https?\..*|credential\..*|core\.(sshcommand|gitproxy)|ssh\.variant"
    r"|(user|author|committer)\..*|commit\.gpgsign|push\.gpgsign|gpg\..*)",
    re.DOTALL,
)
_LISTS = pattern(r"(credential\..*helper|credential\.helper|http\..*extraheader)", re.DOTALL)
_SSH_OPTIONS = "-o BatchMode=yes -o ConnectTimeout=20 -o ServerAliveInterval=15 -o ServerAliveCountMax=2"


def environment(environ: Mapping[str, str], settings: Iterable[Setting] = (), ssh: str = "") -> dict[str, str]:
    """The variables for git. `settings` are in force for it beside the files that it reads itself.

    `ssh` is the person's `core.sshCommand`, if there is one.
    """
    variables = clean(environ) | _ssh_command(environ, ssh)
    return variables | _as_variables([*PATIENCE, *_given(environ), *settings, *FIXED])


def clean(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables with which git tells a person's own configuration, and no more."""
    within_hook = _is_within_hook(environ)
    kept = {name: value for name, value in environ.items() if _is_kept(name, within_hook)}
    return kept | _ALWAYS | _as_variables(_given(environ))


def passed_on(settings: Iterable[Setting]) -> tuple[Setting, ...]:
    """What of a person's configuration a private clone needs: addresses, access, identity, signing.

    Git reads the person's own files in the clone too; where a key holds a list, an empty value first makes the list
    start anew, or a header would be sent twice.
    """
    wanted = [setting for setting in settings if _PASSED_ON.fullmatch(setting.key)]
    lists = dict.fromkeys(setting.key for setting in wanted if _LISTS.fullmatch(setting.key))
    return (*(Setting(key, "") for key in lists), *wanted)


def _is_within_hook(environ: Mapping[str, str]) -> bool:
    return any(name in environ for name in _WITHIN_HOOK)


def _is_kept(name: str, within_hook: bool) -> bool:
    if not name.startswith("GIT_"):
        return True
    return bool(_KEPT.fullmatch(name)) or (not within_hook and bool(_PERSON.fullmatch(name)))


def _given(environ: Mapping[str, str]) -> list[Setting]:
    """Configuration that came by the environment, as continuous integration gives it."""
    count = "" if _is_within_hook(environ) else environ.get("GIT_CONFIG_COUNT", "")
    numbers = range(int(count)) if count.isascii() and count.isdigit() and len(count) < 5 else ()
    pairs = [(environ.get(f"GIT_CONFIG_KEY_{n}", ""), environ.get(f"GIT_CONFIG_VALUE_{n}", "")) for n in numbers]
    return [Setting(key, value, "command") for key, value in pairs if key]


def _as_variables(settings: list[Setting]) -> dict[str, str]:
    variables = {"GIT_CONFIG_COUNT": str(len(settings))}
    for number, setting in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = setting.key
        variables[f"GIT_CONFIG_VALUE_{number}"] = setting.value
    return variables


def _ssh_command(environ: Mapping[str, str], configured: str) -> dict[str, str]:
    """Without a person to answer, ssh must neither ask nor wait for ever. Another program than ssh is left alone."""
    command = environ.get("GIT_SSH_COMMAND") or configured
    if not command:
        return {} if environ.get("GIT_SSH") else {"GIT_SSH_COMMAND": f"ssh {_SSH_OPTIONS}"}
    is_ssh = os.path.basename(command.split()[0]) == "ssh"
    return {"GIT_SSH_COMMAND": f"{command} {_SSH_OPTIONS}" if is_ssh else command}
