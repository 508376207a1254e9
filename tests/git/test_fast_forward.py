"""The person's checkout after a checkpoint: brought up to date, or the same to the last byte."""

import errno
import os
from pathlib import Path

import msgspec
import pytest

from checkpoint.git.checkout import open_checkout
from checkpoint.git.command import Git
from checkpoint.git.fast_forward import Forwarded, fast_forward, is_modified
from checkpoint.git.log import RECENT
from checkpoint.git.remote import Remote
from checkpoint.git.status import parse_status
from checkpoint.location import find
from tests.git.sourcing import checkout_of, message, source_of
from tests.helpers.programs import Program
from tests.helpers.repositories import PLAN, clone, commit, git, head, make_published, make_repository, push_edit

FILES: dict[str, str | bytes] = {"docs/plan.md": PLAN, "other": "x"}
PATH = "docs/plan.md"


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return make_published(tmp_path, FILES)[0]


@pytest.fixture
def alone(tmp_path: Path) -> Path:
    return make_repository(tmp_path / "work", FILES)


def take(work: Path, name: str = "one") -> Forwarded:
    """One publication, and the checkout after it."""
    checkout, source = checkout_of(work), source_of(work)
    tip = source.tip(PATH)
    assert tip.plan is not None
    made = source.publish(tip, PATH, tip.plan + name.encode() + b"\n", message(name))
    return fast_forward(checkout, source, tip, made, PATH)


def everything(work: Path) -> dict[str, tuple[bytes, int]]:
    """Content and time of each file, index and HEAD included."""
    ours = [*(path for path in work.rglob("*") if ".git" not in path.parts), work / ".git/index", work / ".git/HEAD"]
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in ours if path.is_file()}


@pytest.mark.parametrize("kind", ["shared", "alone"])
def test_a_clean_checkout_is_brought_up_to_date(request: pytest.FixtureRequest, kind: str) -> None:
    work: Path = request.getfixturevalue(kind)
    (work / "untracked").write_text("mine")
    assert take(work) == Forwarded.UPDATED
    assert (work / PATH).read_text() == f"{PLAN}one\n"
    assert git(work, "status", "--porcelain", "-b", "--untracked-files=no").startswith("## main")
    assert git(work, "status", "--porcelain") == "?? untracked"


def test_the_upstream_is_known_to_be_reached(shared: Path) -> None:
    take(shared)
    assert git(shared, "rev-parse", "origin/main") == head(shared)


def test_the_commits_of_others_come_along(shared: Path, tmp_path: Path) -> None:
    push_edit(clone(tmp_path / "remote.git", tmp_path / "colleague"), {"theirs": "x"})
    assert take(shared) == Forwarded.UPDATED
    assert (shared / "theirs").read_text() == "x"


def test_a_checkout_that_is_far_behind_comes_along(shared: Path) -> None:
    begin = f"reset refs/heads/main\nfrom {head(shared)}\n\n"
    times = range(1_750_000_000, 1_750_000_000 + RECENT + 1)
    commits = "".join(f"commit refs/heads/main\ncommitter A <a@b.c> {each} +0000\ndata 1\nx\n\n" for each in times)
    git(shared.parent / "remote.git", "fast-import", "--quiet", content=begin + commits)
    assert take(shared) == Forwarded.UPDATED
    assert git(shared, "rev-parse", "origin/main") == head(shared)


def test_what_the_log_has_told_is_not_asked_again(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push_edit(clone(tmp_path / "remote.git", tmp_path / "colleague"), {"theirs": "x"})
    path = os.environ["PATH"]
    calls = Program(tmp_path, "git", f'PATH="{path}"; exec git "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}:{path}")
    assert take(shared) == Forwarded.UPDATED
    assert not [call for call in calls.calls() if "merge-base" in call]


EDITS = {
    "modified elsewhere": "echo mine > other",
    "modified plan": "echo mine >> docs/plan.md",
    "staged": "echo mine > other; git add other",
    "staged new": "echo mine > new; git add new",
    "staged, then modified": "echo mine > other; git add other; echo more > other",
    "deleted": "rm other",
    "removed": "git rm -q other",
    "in the middle of a merge": "git checkout -q -b side; echo a > other; git commit -qam a; git checkout -q main; "
    "echo b > other; git commit -qam b; git merge -q side || true",
}


@pytest.mark.parametrize("edit", EDITS)
def test_uncommitted_work_stays_to_the_last_byte(shared: Path, edit: str) -> None:
    os.system(f"cd {shared} && ({EDITS[edit]}) > /dev/null 2>&1")
    before, commit_before = everything(shared), head(shared)
    expected = Forwarded.UNDER_WAY if "merge" in edit else Forwarded.MODIFIED
    assert [take(shared, name) for name in "ab"] == [expected] * 2
    assert (everything(shared), head(shared)) == (before, commit_before)


def test_commits_of_ones_own_stay(shared: Path) -> None:
    commit(shared, {"other": "mine"})
    before, commit_before = everything(shared), head(shared)
    assert take(shared) == Forwarded.DIVERGED
    assert (everything(shared), head(shared)) == (before, commit_before)


def test_an_untracked_file_in_the_way_stays(shared: Path, tmp_path: Path) -> None:
    push_edit(clone(tmp_path / "remote.git", tmp_path / "colleague"), {"untracked": "theirs"})
    (shared / "untracked").write_text("mine")
    before = everything(shared)
    assert take(shared) == Forwarded.MODIFIED
    assert everything(shared) == before


@pytest.mark.parametrize("kind", ["shared", "alone"])
def test_a_lock_of_the_persons_is_respected(request: pytest.FixtureRequest, kind: str) -> None:
    work: Path = request.getfixturevalue(kind)
    (work / ".git/index.lock").write_text("somebody's")
    before = everything(work)
    assert take(work) == Forwarded.IN_USE
    assert everything(work) == before
    assert (work / ".git/index.lock").read_text() == "somebody's"


def test_another_branch_is_left_alone(shared: Path) -> None:
    source, tip = source_of(shared), source_of(shared, "tip").tip(PATH)
    source.tip(PATH)
    made = source.publish(tip, PATH, b"x", message("one"))
    git(shared, "checkout", "-q", "-b", "side")
    checkout = open_checkout(find(str(shared)), os.environ, branch="main")
    assert fast_forward(checkout, source, tip, made, PATH) == Forwarded.ELSEWHERE


@pytest.mark.parametrize(
    "edit", ["echo mine >> docs/plan.md", "echo mine >> docs/plan.md; git add docs", "rm docs/plan.md"]
)
def test_without_a_remote_an_edited_plan_stays(alone: Path, edit: str) -> None:
    os.system(f"cd {alone} && ({edit})")
    before = everything(alone)
    assert take(alone) == Forwarded.MODIFIED
    assert everything(alone) == before


def test_without_a_remote_what_is_edited_elsewhere_stays(alone: Path) -> None:
    (alone / "other").write_text("staged")
    git(alone, "add", "other")
    (alone / "other").write_text("and modified")
    (alone / "untracked").write_text("mine")
    assert take(alone) == Forwarded.UPDATED
    assert (alone / PATH).read_text() == f"{PLAN}one\n"
    assert (alone / "other").read_text() == "and modified"
    assert git(alone, "status", "--porcelain").splitlines() == ["MM other", "?? untracked"]


def test_without_a_remote_a_touched_plan_counts_as_unmodified(alone: Path) -> None:
    os.utime(alone / PATH, (1, 1))
    assert take(alone) == Forwarded.UPDATED
    assert git(alone, "status", "--porcelain") == ""


def test_an_index_without_the_plans_folder_checked_out(alone: Path) -> None:
    git(alone, "sparse-checkout", "set", "--no-cone", "/other")
    assert take(alone) in (Forwarded.UPDATED, Forwarded.CURRENT, Forwarded.MODIFIED)
    assert git(alone, "status", "--porcelain") == ""


def test_line_ends_are_the_checkouts_own(alone: Path) -> None:
    commit(alone, {".gitattributes": "*.md text eol=crlf\n"})
    (alone / PATH).unlink()
    git(alone, "checkout", "--", PATH)
    assert take(alone) == Forwarded.UPDATED
    assert (alone / PATH).read_bytes().endswith(b"one\r\n")
    assert git(alone, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("edit", "expected"), [("true", False), ("echo x >> docs/plan.md", True), ("git rm -q --cached docs/plan.md", True)]
)
def test_whether_the_plan_has_uncommitted_changes(alone: Path, edit: str, expected: bool) -> None:
    os.system(f"cd {alone} && {edit}; echo mine > other")
    assert is_modified(checkout_of(alone), PATH) is expected


def test_a_status_with_odd_names() -> None:
    data = b"1 M. N... 100644 100644 100644 aaa bbb a b\nc\0? u v\0u UU N... 1 2 3 4 a b c merged name\0"
    found = [(each.staged, each.modified, each.path, each.blob) for each in parse_status(data)]
    assert found == [("M", ".", "a b\nc", "bbb"), (".", "?", "u v", ""), ("U", "U", "merged name", "")]


def test_an_ignored_file_in_the_way_stays(shared: Path, tmp_path: Path) -> None:
    push_edit(clone(tmp_path / "remote.git", tmp_path / "colleague"), {"secret.cfg": "theirs"})
    (shared / ".git/info/exclude").write_text("secret.cfg\n")
    (shared / "secret.cfg").write_text("mine")
    before = everything(shared)
    assert take(shared) == Forwarded.MODIFIED
    assert everything(shared) == before


def test_where_something_is_under_way_nothing_moves_although_nothing_is_modified(shared: Path) -> None:
    commit(shared, {"other": "theirs"})
    os.system(f"cd {shared} && git format-patch -q -1 -o ../patches && git reset -q --hard HEAD~1")
    commit(shared, {"other": "mine"})
    git(shared, "push", "-q")
    os.system(f"cd {shared} && git am -q ../patches/* > /dev/null 2>&1")
    assert git(shared, "status", "--porcelain") == ""
    before, commit_before = everything(shared), head(shared)
    assert take(shared) == Forwarded.UNDER_WAY
    assert (everything(shared), head(shared)) == (before, commit_before)


@pytest.mark.parametrize("edit", ["true", "echo mine > other; git commit -qam mine", "touch .git/index.lock"])
def test_the_way_back_that_git_keeps_for_the_person_stays(shared: Path, edit: str) -> None:
    begin = head(shared)
    commit(shared, {"other": "y"})
    git(shared, "push", "-q")
    git(shared, "update-ref", "ORIG_HEAD", begin)
    os.system(f"cd {shared} && ({edit})")
    take(shared)
    (shared / ".git/index.lock").unlink(missing_ok=True)
    assert head(shared, "ORIG_HEAD") == begin


@pytest.mark.parametrize("flag", ["--assume-unchanged", "--skip-worktree"])
@pytest.mark.parametrize("kind", ["shared", "alone"])
def test_an_edit_of_the_plan_that_git_was_told_to_overlook_stays(
    request: pytest.FixtureRequest, kind: str, flag: str
) -> None:
    work: Path = request.getfixturevalue(kind)
    git(work, "config", "merge.autoStash", "true")
    git(work, "update-index", flag, PATH)
    (work / PATH).write_text("mine")
    before = everything(work)
    assert take(work) in (Forwarded.MODIFIED, Forwarded.CURRENT)
    assert everything(work) == before


@pytest.mark.parametrize("kind", ["shared", "alone"])
def test_a_filter_that_fails_takes_no_file_away(request: pytest.FixtureRequest, kind: str) -> None:
    work: Path = request.getfixturevalue(kind)
    for key, value in (("required", "true"), ("smudge", "false"), ("clean", "cat")):
        git(work, "config", f"filter.broken.{key}", value)
    (work / ".git/info/attributes").write_text("*.md filter=broken\n")
    before = everything(work)
    assert take(work) == Forwarded.REFUSED
    assert everything(work) == before


def test_a_filter_that_works_is_applied(shared: Path) -> None:
    for key, value in (("required", "true"), ("smudge", "sed s/one/ONE/"), ("clean", "sed s/ONE/one/")):
        git(shared, "config", f"filter.loud.{key}", value)
    (shared / ".git/info/attributes").write_text("*.md filter=loud\n")
    assert take(shared) == Forwarded.UPDATED
    assert (shared / PATH).read_text().endswith("ONE\n")


def test_a_touched_file_counts_as_unmodified(shared: Path) -> None:
    os.utime(shared / PATH, (1, 1))
    assert take(shared) == Forwarded.UPDATED
    assert git(shared, "status", "--porcelain") == ""


def test_where_git_cannot_be_run_the_rest_is_done_all_the_same(shared: Path) -> None:
    checkout, source = checkout_of(shared), source_of(shared)
    tip = source.tip(PATH)
    made = source.publish(tip, PATH, b"x\n", message("one"))
    without = msgspec.structs.replace(checkout, env={**checkout.env, "PATH": "/nowhere"})
    done: list[str] = []
    assert fast_forward(without, source, tip, made, PATH, lambda: done.append("recorded")) == Forwarded.REFUSED
    assert done == ["recorded"]


class FullDisk(Remote):
    """A source whose repository cannot be reached any more."""

    @property
    def git(self) -> Git:
        raise OSError(errno.ENOSPC, "No space left on device")

    @git.setter
    def git(self, git: Git) -> None:
        """It was there when this was made."""


def test_where_the_disk_is_full_the_rest_is_done_all_the_same(shared: Path) -> None:
    checkout, source = checkout_of(shared), source_of(shared)
    tip = source.tip(PATH)
    made = source.publish(tip, PATH, b"x\n", message("one"))
    full = FullDisk(checkout, str(shared.parent / "full"))
    done: list[str] = []
    assert fast_forward(checkout, full, tip, made, PATH, lambda: done.append("recorded")) == Forwarded.REFUSED
    assert done == ["recorded"]
