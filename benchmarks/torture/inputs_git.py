"""States that a repository, its remote or the way there can be in."""

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.torture.inputs_case import Case
from benchmarks.torture.inputs_stage import PLAN, Ran, Stage
from tests.helpers.repositories import clone, commit, git, head, make_remote, write
from tests.helpers.smart_http import served

_MISSING = (("X-bad", "missing"),)
_UNRESOLVABLE = f"http://{'x' * 64}.invalid/shop.git"
"""A name that is too long for any server to be asked."""


def _hook(folder: Path, name: str, script: str) -> None:
    path = folder / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _settings(**values: str) -> Callable[[Stage], None]:
    """Settings of the person's repository; `__` stands for the dot."""

    def build(stage: Stage) -> None:
        for name, value in values.items():
            stage.git("config", name.replace("__", "."), value)

    return build


def _detached(stage: Stage) -> None:
    stage.git("checkout", "-q", "--detach")


def _detached_with_a_branch(stage: Stage) -> None:
    _detached(stage)
    stage.env["CHECKPOINT_BRANCH"] = "main"


def _unborn(stage: Stage) -> None:
    """A new clone of an empty remote, with nothing committed."""
    stage.remote = make_remote(stage.folder / "empty.git")
    stage.where = clone(stage.remote, stage.folder / "unborn")
    write(stage.where, {"plan.md": PLAN})


def _empty_remote(stage: Stage) -> None:
    stage.remote = make_remote(stage.folder / "empty.git")
    stage.git("remote", "set-url", "origin", str(stage.remote))


def _worktree(stage: Stage) -> None:
    stage.git("switch", "-q", "-c", "elsewhere")
    stage.where = stage.folder / "linked"
    stage.git("worktree", "add", "-q", str(stage.where), "main")
    write(stage.where, {"out/healthy/page.html": "<ul></ul>\n"})


def _shallow(stage: Stage) -> None:
    stage.where = stage.folder / "shallow"
    git(stage.folder, "clone", "-q", "--depth=1", f"file://{stage.remote}", str(stage.where))
    write(stage.where, {"out/healthy/page.html": "<ul></ul>\n"})


def _branch_renamed(stage: Stage) -> None:
    git(stage.remote, "branch", "-m", "main", "trunk")


def _silent_later(stage: Stage) -> None:
    """The same, once there is a clone to fetch into."""
    stage.checkpoint("now", "--dry-run")
    _silent(stage)


def _unreachable(stage: Stage) -> None:
    stage.git("remote", "set-url", "origin", "http://127.0.0.1:9/shop.git")


def _no_such_host(stage: Stage) -> None:
    stage.git("remote", "set-url", "origin", _UNRESOLVABLE)


def _silent(stage: Stage) -> None:
    """A server that accepts, and never answers."""
    listening = socket.create_server(("127.0.0.1", 0))
    stage.open.callback(listening.close)
    stage.git("remote", "set-url", "origin", f"git://127.0.0.1:{listening.getsockname()[1]}/shop.git")
    stage.env["CHECKPOINT_GIT_TIMEOUT"] = "2s"


def _over_http(stage: Stage, status: int | None = None) -> None:
    git(stage.remote, "config", "http.receivepack", "true")
    url, behaviour = stage.open.enter_context(served(stage.folder))
    behaviour.status = status
    stage.git("remote", "set-url", "origin", f"{url}/remote.git")


def _answers(status: int) -> Callable[[Stage], None]:
    return lambda stage: _over_http(stage, status)


def _runs_a_program(stage: Stage) -> None:
    stage.git("remote", "set-url", "origin", f"ext::sh -c 'touch {stage.outside}/ran'")


def _rewritten(stage: Stage) -> None:
    """A colleague force-pushes another history, in which our last checkpoint is not."""
    stage.checkpoint("now")
    other = clone(stage.remote, stage.folder / "other")
    git(other, "reset", "-q", "--hard", "HEAD~1")
    commit(other, {"theirs.md": "theirs\n"}, "Another history")
    git(other, "push", "-q", "--force")


def _history_is_kept(stage: Stage, ran: Ran) -> Iterable[str]:
    names = git(stage.remote, "log", "--format=%s", "main").splitlines()
    if "Another history" not in names or git(stage.remote, "rev-list", "--merges", "main"):
        yield f"the new history is not kept: {', '.join(names)}"


def _declines(stage: Stage) -> None:
    _hook(stage.remote, "pre-receive", "echo 'main is protected: open a pull request' >&2; exit 1")
    stage.checkpoint("now")


def _nothing_piles_up(stage: Stage, ran: Ran) -> Iterable[str]:
    if head(stage.work) != stage.git("rev-parse", "origin/main"):
        yield "commits pile up in the person's clone"


def _hook_marks(stage: Stage) -> None:
    for name in ("pre-commit", "commit-msg", "pre-push", "post-commit", "reference-transaction"):
        _hook(stage.work / ".git", name, f"touch {stage.outside}/ran; exit 1")


def _hook_hangs(stage: Stage) -> None:
    for name in ("pre-commit", "pre-push"):
        _hook(stage.work / ".git", name, "exec sleep 15")


def _no_key(stage: Stage) -> None:
    _settings(commit__gpgsign="true", gpg__format="ssh", user__signingkey=str(stage.home / "no-such-key"))(stage)


def _attributes(stage: Stage) -> None:
    """A filter that changes what a work tree has, and line ends that a checkout would change."""
    stage.git("config", "filter.odd.clean", "sed s/Inputs/Filtered/")
    stage.commit({".gitattributes": "*.md eol=crlf filter=odd\n"})


def _plan_is_unfiltered(stage: Stage, ran: Ran) -> Iterable[str]:
    if b"\r" in (stage.plan() or b"") or b"# Inputs" not in (stage.plan() or b""):
        yield "a filter or other line ends were applied"


def _nobody(stage: Stage) -> None:
    (stage.home / ".gitconfig").write_text("")


def _index_locked(stage: Stage) -> None:
    (stage.work / ".git/index.lock").touch()


def _lock_is_kept(stage: Stage, ran: Ran) -> Iterable[str]:
    if not (stage.work / ".git/index.lock").exists():
        yield "the person's index.lock was removed"


def _edited(stage: Stage) -> None:
    path = stage.work / "plan.md"
    path.write_text(path.read_text() + "\nNot committed yet.\n")


def _edit_is_kept(stage: Stage, ran: Ran) -> Iterable[str]:
    if "Not committed yet." not in (stage.work / "plan.md").read_text():
        yield "an edit that was not committed is lost"
    if b"Not committed yet." in (stage.plan() or b""):
        yield "an edit that was not committed is published"


def _staged(stage: Stage) -> None:
    write(stage.work, {"secret.env": "TOKEN=1\n"})
    stage.git("add", "secret.env")


def _is_still_staged(stage: Stage, ran: Ran) -> Iterable[str]:
    if stage.git("diff", "--cached", "--name-only") != "secret.env":
        yield "what was staged is no longer"


def _odd_names(stage: Stage) -> None:
    """Names of any bytes on a branch of the team's own, and on disk."""
    blob = git(stage.work, "hash-object", "-w", "--stdin", content="no\n")
    for name in (b"-rf.txt", b"two\nlines.txt", b"\xff\xfe.txt", b":(glob).txt"):
        stage.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{os.fsdecode(b'out/bad/' + name)}")
    stage.git("commit", "-qm", "Deliver")
    stage.git("push", "-q", "origin", "main:refs/heads/team")
    stage.git("reset", "-q", "--hard", "HEAD~1")


def _submodule(stage: Stage) -> None:
    """The team's folder is a repository of its own, in a clone that was made without it."""
    inner = make_remote(stage.folder / "inner.git")
    commit_to = clone(inner, stage.folder / "inner")
    commit(commit_to, {"api.json": '{"paths": {}}\n'})
    git(commit_to, "push", "-q", "-u", "origin", "HEAD:main")
    stage.git("-c", "protocol.file.allow=always", "submodule", "-q", "add", "-b", "main", str(inner), "out/bad")
    stage.git("commit", "-qm", "Deliver as a submodule")
    stage.git("push", "-q")
    stage.where = clone(stage.remote, stage.folder / "without")
    write(stage.where, {"out/healthy/page.html": "<ul></ul>\n"})


def _in_a_hook(stage: Stage) -> None:
    """The variables that git leaves to a hook, of a commit in another repository."""
    other = stage.folder / "another"
    git(stage.folder, "init", "-q", str(other))
    commit(other, {"a.txt": "a\n"})
    variables = {"GIT_DIR": ".git", "GIT_INDEX_FILE": "index", "GIT_WORK_TREE": ".", "GIT_PREFIX": ""}
    stage.env |= {
        name: str(other / ".git" / value) if value != "." else str(other) for name, value in variables.items()
    }
    stage.env |= {"GIT_AUTHOR_NAME": "Somebody else", "GIT_DIR": str(other / ".git")}


def _other_is_unharmed(stage: Stage, ran: Ran) -> Iterable[str]:
    other = stage.folder / "another"
    if git(other, "status", "--porcelain") or git(other, "rev-list", "--count", "HEAD") != "1":
        yield "the repository of the hook was changed"
    author = git(stage.remote, "log", "-1", "--format=%an", "main")
    if author != "Ada Lovelace":
        yield f"the commit is {author}'s"


def _clock_back(stage: Stage) -> None:
    """The occasion has its checkpoint already when the clock goes back by an hour."""
    stage.checkpoint("now", "--slot", "cron:1")
    stage.prefix = ["faketime", "-f", "-1h"]


def _planted(stage: Stage) -> None:
    """A bare repository in the team's folder whose configuration runs a program."""
    planted = stage.bad / "planted"
    git(stage.folder, "init", "-q", "--bare", str(planted))
    git(planted, "config", "core.fsmonitor", f"touch {stage.outside}/ran")
    stage.where = planted


_REF = PLAN.replace("- folder: `out/bad`", "- folder: `out/bad`\n- ref: `team`").replace(
    "`api.json` contains `paths`", "`*.txt` contains `no such words`"
)

CASES = (
    Case("23", "HEAD is detached", _detached, 6, False, ("HEAD is detached", "git switch")),
    Case("23", "HEAD is detached, a branch is chosen", _detached_with_a_branch, states=_MISSING),
    Case("23", "nothing committed, the remote empty", _unborn, 6, False, ("git add", "git push -u origin main")),
    Case("23", "the remote is empty", _empty_remote, 6, False, ("it is empty", "git push -u origin main")),
    Case("23", "a linked work tree", _worktree, states=_MISSING),
    Case("23", "a shallow clone", _shallow, states=_MISSING),
    Case("git", "the branch was renamed there", _branch_renamed, 6, False, ("it has trunk", "--set-upstream-to")),
    Case("26", "nobody listens", _unreachable, 4, False, ("cannot be fetched", "try again later")),
    Case("26", "no such host", _no_such_host, 4, False, ("cannot be fetched", "try again later")),
    Case("26", "a server that never answers", _silent, 4, False, ("no answer in time", "try again later")),
    Case("26", "one that answered before", _silent_later, 4, False, ("no answer in time", "try again later")),
    Case("26", "a server that asks who it is", _answers(401), 6, False, ("cannot be fetched", "your access")),
    Case("25", "a token that may not read", _answers(403), 6, False, ("403", "your access")),
    Case("25", "a server that is broken", _answers(503), 4, False, ("503", "try again later")),
    Case("git", "an address that runs a program", _runs_a_program, 6, False, ("'ext' not allowed",)),
    Case(
        "24",
        "the branch was force-pushed, our commit gone",
        _rewritten,
        says=("rewritten",),
        states=_MISSING,
        also=_history_is_kept,
        short=True,
    ),
    Case(
        "25",
        "the server declines, again",
        _declines,
        6,
        False,
        ("main is protected: open a pull request",),
        also=_nothing_piles_up,
        short=True,
    ),
    Case("git", "hooks that fail", _hook_marks, states=_MISSING),
    Case("git", "hooks that hang", _hook_hangs, states=_MISSING),
    Case(
        "27",
        "the key to sign with is missing",
        _no_key,
        4,
        False,
        ("could not be signed", "commit.gpgsign"),
        needs=("ssh-keygen",),
    ),
    Case("git", "attributes with a filter and other line ends", _attributes, states=_MISSING, also=_plan_is_unfiltered),
    Case("git", "git does not know who commits", _nobody, 6, False, ("git config user.name",)),
    Case("git", "an index.lock left over", _index_locked, states=_MISSING, also=_lock_is_kept),
    Case("git", "an edit that is not committed", _edited, states=_MISSING, also=_edit_is_kept, short=True),
    Case("git", "a file that is staged", _staged, states=_MISSING, also=_is_still_staged),
    Case(
        "20",
        "odd names on a team's branch",
        _odd_names,
        says=("two\\nlines.txt", "-rf.txt", ":(glob).txt"),
        states=(("X-bad", "failing"),),
        plan=_REF,
    ),
    Case(
        "30+",
        "the team's folder is a submodule that is not checked out",
        _submodule,
        says=("not checked out", "git submodule update --init"),
        states=(("X-bad", "failing"),),
    ),
    Case("28", "called within a hook of another repository", _in_a_hook, states=_MISSING, also=_other_is_unharmed),
    Case("git", "called in a bare repository that a team has planted", _planted, 64, False, ("no work tree",)),
    Case(
        "29",
        "the clock goes back by an hour",
        _clock_back,
        0,
        False,
        ("has its checkpoint already",),
        words=("now", "--json", "--slot", "cron:1"),
        needs=("faketime",),
    ),
)
