"""What git's words mean: lost a race, needs a person, or may work later. A fixed table decides."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from checkpoint.errors import CheckpointError, PublishError, Stalled

Class: TypeAlias = Literal["stalled", "retry", "unknown"]


class LostRace(PublishError):
    """Somebody else published first: fetch, render on the new tip, and publish again."""


_RACE = (
    r"non-fast-forward|fetch first|cannot lock ref|failed to (update ref|lock)|reference already exists"
    r"|incorrect old value|stale info|but expected"
)
_ACCESS = (
    r"authentication failed|could not read (username|password)|terminal prompts disabled|permission denied"
    r"|permission to .* denied|access denied|not authorized|unauthorized|error: 40[13]|returned error: 40[134]"
    r"|repository .*not found|does not (appear to be a git repository|exist)|read-only|host key verification failed"
    r"|transport '.*' not allowed|insufficient permission|certificate|not found: did you run|no such remote"
)
_NETWORK = (
    r"could not resolve|couldn't resolve|couldn't connect|failed to connect|connection (refused|reset|timed out|closed)"
    r"|network is unreachable|no route to host|timed out|operation too slow|early eof|hung up unexpectedly|remote end"
    r"|returned error: (408|429|5\d\d)|rpc failed|unexpected disconnect|empty reply|ssl_connect|gnutls|no space left"
    r"|unable to access|temporary failure|broken pipe|not valid: is this a git repository|invalid content-type"
    r"|protocol error|bad line length|expected flush|invalid server response"
)
_FOREIGN = r"dubious ownership"
_TRUST = "if you trust it: git config --global --add safe.directory FOLDER"
_MENDS = (
    (r"please tell me who you are|empty ident|unable to auto-detect|no (name|email) was given|useconfigonly",
     "tell git who you are: git config user.name 'NAME' and git config user.email ADDRESS"),
    (r"no space left|disk quota exceeded|input/output error|read-only file system",
     "free some space on the disk, or mend it: nothing is lost"),
    (_FOREIGN, _TRUST),
)  # fmt: skip
_BROKEN = r"no space left|disk quota|read-only file system|unable to (write|create)|not a valid object|bad object"
_FULL = r"unpacker error|no space left|disk quota exceeded"
_NOISE = r"^(remote: )?(hint:|To |Everything up-to-date|Done$|!|\s*$)"
_PREFIX = r"^(remote:\s*|fatal:\s*|error:\s*)+"


def _says(text: str, pattern: str) -> bool:
    # Compiled when something has failed, not at every start.
    return re.search(pattern, text, re.IGNORECASE) is not None


def words(text: str) -> str:
    """What git or the server said, as one short line without prefixes and hints."""
    kept = [re.sub(_PREFIX, "", line).strip() for line in text.splitlines() if not _says(line, _NOISE)]
    return "; ".join(dict.fromkeys(line.rstrip(".") for line in kept if line))[:300]


def classify(text: str) -> Class:
    """The class of a failure that came from the remote or the way there."""
    if _says(text, _NETWORK) and not _says(text, _ACCESS):
        return "retry"
    if _says(text, _ACCESS):
        return "stalled"
    return "unknown"


def rejection(reason: str, said: str, branch: str, *, is_aside: bool = False) -> CheckpointError:
    """The error for a push that the server answered with a refusal; `reason` is what stands in its brackets.

    `is_aside`: to another branch than the plan's own, already.
    """
    if _says(reason, _RACE):
        return LostRace("somebody else published first", why=reason, mend="fetch and publish again")
    if _says(f"{reason}\n{said}", _FULL):
        mend = "free some space on its disk; nothing is lost: try again later"
        return PublishError(f"the server could not store what was pushed to {branch}", why=words(said), mend=mend)
    mend = f"allow pushes to {branch} for this account"
    if not is_aside:
        mend = f"publish to a branch of their own, for a pull request: --branch checkpoint/status; or {mend}"
    return Stalled(f"the server declines pushes to {branch}", why=words(said) or reason, mend=mend)


def unreachable(what: str, said: str, timed_out: bool) -> CheckpointError:
    """The error for a fetch or push that got no answer to its question."""
    why = words(said) or ("no answer in time" if timed_out else "git gave no reason")
    if _says(said, _FOREIGN):
        return Stalled(what, why=why, mend=_TRUST)
    if classify(said) == "stalled" and not timed_out:
        return Stalled(what, why=why, mend="check the address and your access: git ls-remote")
    return PublishError(what, why=why, mend="nothing is lost: try again later")


def not_signed(said: str, *, timed_out: bool) -> CheckpointError:
    """The error for a commit that was to be signed and was not made; mostly the key's, or its program's."""
    if _says(said, _BROKEN) or any(_says(said, pattern) for pattern, _ in _MENDS):
        return failed("git commit-tree failed", said)
    why = "the program that signs did not end: the key may wait for its passphrase" if timed_out else words(said)
    mend = (
        "make the key available (is it there, valid, unlocked?), or turn signing off: git config commit.gpgsign false"
    )
    return PublishError("the commit could not be signed", why=why or "git gave no reason", mend=mend)


def unknown(where: str, said: str, timed_out: bool) -> PublishError:
    """The error for a push after which the remote answers nothing any more."""
    why = words(said) or ("no answer in time" if timed_out else "git gave no reason")
    mend = "nothing is lost: the next checkpoint finds out, and goes on from there"
    return PublishError(f"it is not known whether {where} has the new commit", why=why, mend=mend)


def failed(what: str, said: str) -> CheckpointError:
    """The error for a git command on this machine."""
    for pattern, mend in _MENDS:
        if _says(said, pattern):
            return Stalled(what, why=words(said), mend=mend)
    return PublishError(what, why=words(said), mend="try again; if it stays: checkpoint doctor")
