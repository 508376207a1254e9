"""The person's repository: what is asked of it before a checkpoint, in one process at most."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import msgspec

from checkpoint.errors import Stalled
from checkpoint.git.command import Git
from checkpoint.git.environment import Setting, clean, environment
from checkpoint.git.settings import settings_of
from checkpoint.lazy import pattern
from checkpoint.location import Head, Location, keeps_refs_in_files, read_head

_SCHEME_OR_HOST = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://|[^/]+:")


class Identity(msgspec.Struct, frozen=True):
    """Who commits here; empty where git has not been told."""

    name: str
    email: str


class Checkout(msgspec.Struct, frozen=True):
    """The person's repository as it stands.

    `branch` is the one the plan is on, `head` its commit (empty before the first one). Where there is a remote,
    `url` is its address and `upstream` the branch's name there; else all three are empty.
    """

    location: Location
    branch: str
    head: str
    remote: str
    url: str
    upstream: str
    identity: Identity
    settings: tuple[Setting, ...]
    environ: Mapping[str, str]
    env: Mapping[str, str]
    is_checked_out: bool = True
    """Whether HEAD is on `branch`."""

    @property
    def top(self) -> str:
        return self.location.top

    @property
    def git(self) -> Git:
        """git in the work tree: with the person's own configuration, but no hooks."""
        return Git(("-C", self.top), self.env)

    @property
    def address(self) -> str:
        """The remote's address as git understands it, which may know it by a shorter one."""
        return self.git.text("ls-remote", "--get-url", "--end-of-options", self.remote) if self.remote else ""

    def value(self, key: str) -> str:
        """The value in force of a setting, `true` for one without; empty where it is not set."""
        return next((setting.value for setting in reversed(self.settings) if setting.key == key), "")

    def is_on(self, key: str) -> bool:
        return self.value(key).lower() in ("true", "yes", "on", "1")


def open_checkout(
    location: Location, environ: Mapping[str, str], *, remote: str = "", branch: str = "", folder: str = ""
) -> Checkout:
    """What there is to know. `remote` and `branch` are the user's choice; else HEAD's branch and its upstream.

    In `folder`, which is private, the configuration is kept for the next time.

    Raises Stalled, with the mend, where HEAD is detached and no branch was chosen, or the remote is in doubt.
    """
    git = Git(("-C", location.top), clean(environ))
    settings = settings_of(git, location, environ, folder)
    head = current_head(git, location)
    if not branch and not head.branch:
        mend = "git switch BRANCH, or choose one: the option `branch`"
        raise Stalled("HEAD is detached", why="a checkpoint is published to a branch", mend=mend)
    on = not branch or branch == head.branch
    return _checkout(location, environ, settings, head if on else _other(git, branch), remote, on)


def _checkout(
    location: Location, environ: Mapping[str, str], settings: tuple[Setting, ...], head: Head, remote: str, on: bool
) -> Checkout:
    values = {setting.key: setting.value for setting in settings}
    remote = remote or choose_remote(values, head.branch)
    env = environment(environ, ssh=values.get("core.sshcommand", ""))
    return Checkout(
        location,
        head.branch,
        head.commit,
        remote,
        _url(settings, remote, location.top),
        _upstream(values, head.branch, remote),
        _identity(values, env),
        settings,
        environ,
        env,
        on,
    )


def choose_remote(values: Mapping[str, str], branch: str) -> str:
    """The branch's upstream remote, else origin, else the only one; empty where there is none. Raises Stalled."""
    names = sorted({key[7:-4] for key in values if key.startswith("remote.") and key.endswith(".url")})
    wanted = values.get(f"branch.{branch}.remote", "")
    for name in (wanted, "origin"):
        if name in names:
            return name
    if len(names) > 1:
        mend = f"git branch --set-upstream-to={names[0]}/{branch}, or choose one: the option `remote`"
        raise Stalled(f"it is not clear which remote {branch} is published to", why=", ".join(names), mend=mend)
    return names[0] if names else ""


def _url(settings: Iterable[Setting], remote: str, top: str) -> str:
    if not remote:
        return ""
    found = next((setting.value for setting in settings if setting.key == f"remote.{remote}.url"), "")
    if not found:
        raise Stalled(f"there is no remote {remote}", mend=f"git remote add {remote} URL")
    return absolute(found, top)


def absolute(url: str, top: str) -> str:
    """The address as it is understood from anywhere: git reads a relative path from the top of the work tree."""
    return url if _SCHEME_OR_HOST.match(url) else os.path.normpath(os.path.join(top, url))


def _upstream(values: Mapping[str, str], branch: str, remote: str) -> str:
    if not remote:
        return ""
    merged = values.get(f"branch.{branch}.merge", "") if values.get(f"branch.{branch}.remote") == remote else ""
    return merged.removeprefix("refs/heads/") or branch


def _identity(values: Mapping[str, str], env: Mapping[str, str]) -> Identity:
    def find(part: str) -> str:
        own = values.get(f"committer.{part}") or values.get(f"user.{part}", "")
        return env.get(f"GIT_COMMITTER_{part.upper()}") or own

    return Identity(find("name"), find("email"))


def current_head(git: Git, location: Location) -> Head:
    """What is checked out now: without a process, unless refs are kept in tables."""
    if keeps_refs_in_files(location):
        return read_head(location)
    branch = os.fsdecode(git.try_run("symbolic-ref", "-q", "--short", "HEAD").stdout).strip()
    return Head(branch, commit_of(git, "HEAD"))


def _other(git: Git, branch: str) -> Head:
    return Head(branch, commit_of(git, f"refs/heads/{branch}"))


def commit_of(git: Git, ref: str) -> str:
    """The commit that a ref names; empty where there is none."""
    done = git.try_run("rev-parse", "-q", "--verify", "--end-of-options", f"{ref}^{{commit}}")
    return done.stdout.decode().strip() if done.status == 0 else ""
