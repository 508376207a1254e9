"""Asking people to merge: a pull request for the branch that checkpoints are published to, by the forge's own program.

The program is the person's, and so is its access. It is called with fixed words, and told what nobody can choose who
pushes. Whatever becomes of it, the checkpoint is published.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Mapping

import msgspec

from checkpoint.errors import ProcessError
from checkpoint.process import Result, run
from checkpoint.redaction import redact

SECONDS = 15.0
"""For each call of the program."""

_ADDRESS = re.compile(
    r"(?:[a-z+]+://)?(?:[^@/]*@)?([A-Za-z0-9.-]+)"  # the host
    r"(?::[0-9]+(?=/))?[:/]/?"
    r"([\w.~-]+(?:/[\w.~-]+)+)/?"  # the repository, in at least one folder
)
_QUIET = {"GH_PROMPT_DISABLED": "1", "GH_NO_UPDATE_NOTIFIER": "1", "NO_PROMPT": "1", "NO_COLOR": "1", "LC_ALL": "C"}
_HOSTS = (("github", "gh"), ("gitlab", "glab"), ("gitea", "tea"), ("forgejo", "tea"), ("codeberg", "tea"))
_BODY = """\
This branch holds the checkpoints of `{plan}`, each on the newest `{into}` when it was taken. They change nothing but
the status, the next actions and the boxes of proven tasks in that file. Merge it whenever you like: the next checkpoint
goes on from there. Changes of your own belong on `{into}`, where the plan is read.
"""


class Forge(msgspec.Struct, frozen=True):
    """A program on PATH, and what it is asked about: a repository of a host."""

    program: str
    host: str
    repository: str


class Request(msgspec.Struct, frozen=True):
    """What is to be merged into what: branches of one repository. `remote` is its name in the folder `top`."""

    branch: str
    into: str
    plan: str
    top: str
    remote: str

    @property
    def title(self) -> str:
        return redact(f"Checkpoints of {self.plan}")

    @property
    def body(self) -> str:
        return redact(_BODY.format(plan=self.plan, into=self.into))


def find_forge(addresses: Iterable[str], chosen: str) -> Forge | None:
    """The forge at a remote's address, by the program that was chosen or, for `auto`, by its host.

    `addresses` are the remote's as it was written, and as git understands it. None where there is none, where it is
    off, or where its program is not installed.
    """
    matches = [match for match in map(_ADDRESS.fullmatch, addresses) if match]
    if chosen == "off" or not matches:
        return None
    found = next((match for match in matches if _program_of(match[1].lower())), matches[-1])
    host, repository = found[1].lower(), found[2].removesuffix(".git")
    program = _program_of(host) if chosen == "auto" else chosen
    return Forge(program, host, repository) if program and shutil.which(program) else None


def _program_of(host: str) -> str:
    """By the parts of the host's name: `github.com`, `gitlab.example.org`; not `my-github.example.org`."""
    return next((program for word, program in _HOSTS if word in host.split(".")), "")


def ask_to_merge(forge: Forge, request: Request, environ: Mapping[str, str]) -> str:
    """Opens a pull request unless there is one; what there is to say about it, which is nothing where there is one."""
    env = {name: value for name, value in environ.items() if not name.startswith("GIT_")} | _QUIET

    def call(*words: str) -> Result:
        return run((forge.program, *words), cwd=request.top, env=env, seconds=SECONDS)

    finder, opener = _WAYS[forge.program]
    try:
        return _asked(call, finder(forge, request), opener(forge, request), request)
    except (ProcessError, ValueError) as error:
        return _failed(forge, str(error))


def _asked(call: Callable[..., Result], find: tuple[str, ...], open_: tuple[str, ...], request: Request) -> str:
    found = call(*find)
    if found.status or found.timed_out:
        raise ValueError(_said(found))
    if _is_open(found.stdout, request):
        return ""
    opened = call(*open_)
    if (opened.status or opened.timed_out) and b"already exists" not in opened.stderr:
        raise ValueError(_said(opened))
    address = re.search(rb"https?://\S+", opened.stdout)
    where = f": {redact(address[0].decode(errors='replace'))}" if address else ""
    return f"opened a pull request of {request.branch} into {request.into}{where}"


def _is_open(listed: bytes, request: Request) -> bool:
    """Whether one is among those listed; where the program cannot be asked for one branch, its rows name theirs."""
    rows = msgspec.json.decode(listed or b"[]", type=list[dict[str, object]] | None) or []
    return any((row.get("head", request.branch), row.get("base", request.into)) == _ends(request) for row in rows)


def _ends(request: Request) -> tuple[str, str]:
    return request.branch, request.into


def _said(done: Result) -> str:
    if done.timed_out:
        return f"no answer within {SECONDS:.0f} s"
    words = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
    return words or f"it ended with status {done.status}"


def _failed(forge: Forge, why: str) -> str:
    plain = "".join(c for c in redact(why) if c.isprintable())[:200]
    return f"{forge.program} could not open a pull request: {plain}"


Words = tuple[str, ...]


def _gh_find(forge: Forge, request: Request) -> Words:
    place = f"--repo={forge.host}/{forge.repository}"
    ends = (f"--head={request.branch}", f"--base={request.into}")
    return ("pr", "list", place, *ends, "--state=open", "--limit=1", "--json=url")


def _gh_open(forge: Forge, request: Request) -> Words:
    place = f"--repo={forge.host}/{forge.repository}"
    ends = (f"--head={request.branch}", f"--base={request.into}")
    return ("pr", "create", place, *ends, f"--title={request.title}", f"--body={request.body}")


def _glab_find(forge: Forge, request: Request) -> Words:
    place = f"--repo=https://{forge.host}/{forge.repository}"
    ends = (f"--source-branch={request.branch}", f"--target-branch={request.into}")
    return ("mr", "list", place, *ends, "--per-page=1", "--output=json")


def _glab_open(forge: Forge, request: Request) -> Words:
    place = f"--repo=https://{forge.host}/{forge.repository}"
    ends = (f"--source-branch={request.branch}", f"--target-branch={request.into}")
    return ("mr", "create", place, *ends, f"--title={request.title}", f"--description={request.body}", "--yes")


def _tea_find(forge: Forge, request: Request) -> Words:
    return ("pulls", "list", f"--remote={request.remote}", "--state=open", "--fields=head,base", "--output=json")


def _tea_open(forge: Forge, request: Request) -> Words:
    ends = (f"--head={request.branch}", f"--base={request.into}")
    words = (f"--title={request.title}", f"--description={request.body}")
    return ("pulls", "create", f"--remote={request.remote}", *ends, *words)


_WAYS: dict[str, tuple[Callable[[Forge, Request], Words], Callable[[Forge, Request], Words]]] = {
    "gh": (_gh_find, _gh_open),
    "glab": (_glab_find, _glab_open),
    "tea": (_tea_find, _tea_open),
}
"""By program: how an open request is looked for, and how one is opened."""
