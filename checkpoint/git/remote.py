"""A repository with a remote: fetched into, and published from, a private bare clone.

The clone is a cache. Whatever is odd about it, it is thrown away and made again, once.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from checkpoint import private
from checkpoint.errors import PublishError, Stalled
from checkpoint.git.checkout import Checkout
from checkpoint.git.command import NETWORK_SECONDS, Git
from checkpoint.git.environment import Setting, environment, passed_on
from checkpoint.git.failures import classify, rejection, unknown, unreachable
from checkpoint.git.publish import make_commit
from checkpoint.git.source import Tip, idle, read_tip
from checkpoint.git.status import begin_status
from checkpoint.lazy import load
from checkpoint.location import read_ref
from checkpoint.process import Result, Running

FIRST_FETCH_SECONDS = 1800.0
"""The first fetch brings the whole history; one that crawls is ended by git itself, by its low-speed limits.

Only over HTTP: so a small question is put beside it, and a remote that does not answer that in time is silent.
"""

_NAME = "checkpoint"
_FETCH = ("fetch", "--no-tags", "--prune", "--no-write-fetch-head", "--no-auto-maintenance")
_REFUSED = rb"(?m)^!\t[^\t]*\t\[(?:remote )?(?:rejected|failure)\] ?\(?(.*?)\)?$"
_FORCED = rb"(?m)^ \+ .*-> "
_CHANGING = (errno.ENOTEMPTY, errno.ENOENT)
_TRIES, _PAUSE = 200, 0.02
_CROWDED = 27
"""Loose objects in one of the 256 folders from which on git, too, would tidy up: 6,900 in all."""


class Remote:
    """The upstream branch as the `Source`. `folder` is private to this plan and this user.

    With `aside`, checkpoints are published to that branch.
    """

    is_remote = True

    def __init__(self, checkout: Checkout, folder: str, seconds: float = NETWORK_SECONDS, aside: str = "") -> None:
        self._checkout = checkout
        self._seconds = seconds
        self._folder = os.path.join(folder, "clone.git")
        self._fetch: Running | None = None
        self._question: Running | None = None
        self._looking: Running | None = None
        self._before = ""
        self.branch = checkout.upstream
        self.aside = "" if aside == checkout.upstream else aside
        self._target = self.aside or checkout.upstream
        self.read_at = f"{checkout.remote}/{checkout.upstream}"
        self.where = f"{checkout.remote}/{self._target}"
        self.git = Git(("--git-dir", self._folder), _clone_environment(checkout), checkout.top)

    def begin_fetch(self) -> None:
        self.close()
        seconds = self._seconds
        if not os.path.isfile(os.path.join(self._folder, "HEAD")):
            self._create()
            seconds = FIRST_FETCH_SECONDS
            self._question = self.git.start("ls-remote", "--refs", _NAME, "refs/heads/HEAD", seconds=self._seconds)
        self._before = self._ref(self.branch)
        self._fetch = self.git.start(*_FETCH, _NAME, seconds=seconds)

    def close(self) -> None:
        for running in (self._fetch, self._question, self._looking):
            if running is not None:
                running.cancel()
        self._fetch = self._question = self._looking = None
        self.git.close()

    def tip(self, plan_path: str) -> Tip:
        if self._fetch is None:
            self.begin_fetch()
        done = self._await()
        if done.status == 0 and not done.timed_out:
            try:
                return self._read(plan_path, done)
            except PublishError:
                pass  # an object is missing or broken
        elif done.timed_out or classify(os.fsdecode(done.stderr)) != "unknown":
            raise self._unreachable(done)
        return self._again(plan_path)

    def newest(self, branches: Iterable[str]) -> dict[str, str]:
        refs = {f"refs/heads/{branch}": branch for branch in branches}
        git = self._checkout.git
        asked = ("ls-remote", "--refs", "--end-of-options", self._checkout.remote, *refs)
        done = git.try_run(*asked, seconds=self._seconds)
        if done.status or done.timed_out:
            raise self._unreachable(done)
        if done.truncated:  # git compares the ends of names: whoever can push can make as many as they like
            why = f"it has too many refs that end in {' or '.join([*refs.values()][:3])}"
            raise Stalled(f"{self.read_at} cannot be asked", why=why, mend="delete them on the server")
        lines = (line.partition("\t") for line in os.fsdecode(done.stdout).split("\n"))
        found = {refs[ref]: commit for commit, _, ref in lines if ref in refs}
        return {branch: found.get(branch, "") for branch in refs.values()}

    def look(self) -> None:
        if self._looking is None and self._checkout.is_checked_out and not self.aside:
            self._looking = begin_status(self._checkout)

    def looked(self) -> Running:
        self.look()
        looking, self._looking = self._looking, None
        return looking or begin_status(self._checkout)

    def publish(
        self, tip: Tip, plan_path: str, content: bytes, message: str, meanwhile: Callable[[], object] = idle
    ) -> str:
        commit = make_commit(self.git, self._checkout, tip, plan_path, content, message)
        target = f"{commit}:refs/heads/{self._target}"
        push = self.git.start("push", "--porcelain", "--no-verify", _NAME, target, seconds=self._seconds)
        done = push.wait_beside(meanwhile)
        if done.status or done.timed_out:
            self._settle(done, commit)
        self._tidy()
        return commit

    def _settle(self, done: Result, commit: str) -> None:
        """Returns where the commit is on the branch after all, although the answer to the push did not come."""
        said = os.fsdecode(done.stderr)
        refused = re.search(_REFUSED, done.stdout)
        if refused:
            raise rejection(os.fsdecode(refused[1]), said, self._target, is_aside=bool(self.aside))
        is_there = self._is_there(commit)
        if is_there:
            return
        if classify(said) == "stalled" and not done.timed_out:
            raise unreachable(f"{self.where} cannot be published to", said, timed_out=False)
        if is_there is None:
            raise unknown(self.where, said, done.timed_out)
        raise unreachable(f"{self.where} could not be published to", said, done.timed_out)

    def _is_there(self, commit: str) -> bool | None:
        """Whether the remote has the commit; None where it cannot be asked."""
        try:
            self.begin_fetch()
            return None if self._await().status else self._holds(self._target, commit)
        except PublishError:
            return None

    def _holds(self, branch: str, commit: str) -> bool:
        ref = f"refs/heads/{branch}"
        return self.git.try_run("merge-base", "--is-ancestor", "--end-of-options", commit, ref).status == 0

    def _await(self) -> Result:
        running, self._fetch = self._fetch, None
        question, self._question = self._question, None
        assert running is not None  # noqa: S101 - begun by every caller
        answer = question.wait() if question else None
        if answer is not None and answer.timed_out:
            running.cancel()
            return answer
        return running.wait()

    def _again(self, plan_path: str) -> Tip:
        self.git.close()
        remove_folder(self._folder)
        self.begin_fetch()
        done = self._await()
        if done.status or done.timed_out:
            raise self._unreachable(done)
        return self._read(plan_path, done)

    def _read(self, plan_path: str, done: Result) -> Tip:
        commit = self._ref(self.branch)
        if not commit:
            raise self._no_branch()
        rewritten = self._was_rewritten(done)
        if not self.aside:
            return read_tip(self.git, commit, plan_path, rewritten)
        aside = load("checkpoint.git.aside")  # it imports what a fetch need not wait for
        there = self._ref(self.aside)
        if not there:
            aside.refuse_taken_name(self.git, self.aside)
        tip = read_tip(self.git, commit, plan_path, rewritten, beside=(there,) if there else ())
        found: Tip = aside.tip_aside(self.git, tip, self.aside, there, plan_path)
        return found

    def _was_rewritten(self, done: Result) -> bool:
        """Whether what the branch was before the fetch is no longer in it."""
        some_branch_was = re.search(_FORCED, done.stderr) is not None
        return some_branch_was and bool(self._before) and not self._holds(self.branch, self._before)

    def _ref(self, branch: str) -> str:
        return read_ref(self._folder, f"refs/heads/{branch}")

    def _no_branch(self) -> Stalled:
        names = self.git.text("for-each-ref", "--count=5", "--format=%(refname:short)", "refs/heads").split()
        why = f"it has {', '.join(names)}" if names else "it is empty"
        mend = f"git push -u {self._checkout.remote} {self._checkout.branch}"
        if not self._checkout.head:
            mend = f"commit the plan (git add, git commit), then: {mend}"
        if names:
            mend += ", or follow another branch: git branch --set-upstream-to"
        return Stalled(f"{self._checkout.remote} has no branch {self.branch}", why=why, mend=mend)

    def _unreachable(self, done: Result) -> Exception:
        return unreachable(f"{self.read_at} cannot be fetched", os.fsdecode(done.stderr), done.timed_out)

    def _create(self) -> None:
        remove_folder(self._folder)
        private.make_folder(os.path.dirname(self._folder))
        kind = self._checkout.value("extensions.objectformat") or "sha1"
        self.git.run("init", "-q", "--bare", "--template=", f"--object-format={kind}")

    def _tidy(self) -> None:
        """Packs the clone where it has grown crowded: every few thousand checkpoints."""
        try:
            crowded = len(os.listdir(os.path.join(self._folder, "objects", "17"))) > _CROWDED
        except OSError:
            return
        if crowded:
            with suppress(PublishError):  # what is published is published
                self.git.try_run("gc", "-q", "--prune=now", seconds=NETWORK_SECONDS)


def _clone_environment(checkout: Checkout) -> dict[str, str]:
    """Configuration goes by the environment: an address may hold a password, which arguments would show to all."""
    prefix = f"remote.{checkout.remote}."
    urls = [
        Setting(f"remote.{_NAME}.url", checkout.url),
        Setting(f"remote.{_NAME}.fetch", "+refs/heads/*:refs/heads/*"),
    ]
    for setting in checkout.settings:
        rest = setting.key.removeprefix(prefix)
        if rest != setting.key and rest in ("proxy", "proxyauthmethod", "pushurl", "receivepack", "uploadpack"):
            urls.append(Setting(f"remote.{_NAME}.{rest}", setting.value))
    settings = (*passed_on(checkout.settings), *urls, Setting("init.defaultRefFormat", "files"))
    return environment(checkout.environ, settings, checkout.value("core.sshcommand"))


def remove_folder(folder: str) -> None:
    """Removes a folder with all that is in it, or what stands in its place; where nothing is, that is fine.

    git of a run that was killed may be at work in it for a while yet. Raises Stalled where it cannot be removed.
    """
    for left in reversed(range(_TRIES)):
        try:
            _remove(folder)
            return
        except OSError as error:
            if not left or error.errno not in _CHANGING:
                raise private.unusable(folder, error) from error
            time.sleep(_PAUSE)


def _remove(folder: str) -> None:
    if os.path.islink(folder) or os.path.isfile(folder):
        os.unlink(folder)
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            os.unlink(os.path.join(parent, name))
        for name in folders:
            path = os.path.join(parent, name)
            os.unlink(path) if os.path.islink(path) else os.rmdir(path)
    if os.path.isdir(folder):
        os.rmdir(folder)
