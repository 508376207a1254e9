"""What is known of the person's repository, in its odd states too."""

import os
from pathlib import Path

import pytest

from checkpoint.errors import CheckpointError, Stalled
from checkpoint.git.checkout import Identity, absolute, open_checkout
from checkpoint.git.command import Git
from checkpoint.git.environment import Setting
from checkpoint.git.repository import TeamRepository, team_commit, tracked_paths
from checkpoint.git.settings import parse_settings
from checkpoint.location import find
from tests.git.sourcing import checkout_of, publish, source_of
from tests.helpers.repositories import commit, git, head, make_published, make_repository


def test_a_repository_with_an_upstream(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    found = checkout_of(work)
    assert (found.branch, found.head, found.remote, found.url) == ("main", head(work), "origin", str(remote))
    assert (found.upstream, found.identity) == ("main", Identity("Ada Lovelace", "ada@example.org"))
    assert found.is_checked_out


def test_the_upstream_may_have_another_name(tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    git(work, "push", "-q", "origin", "main:trunk")
    git(work, "branch", "-q", "--set-upstream-to=origin/trunk")
    assert source_of(work).where == "origin/trunk"
    assert publish(source_of(work), "one") == head(remote, "trunk") != head(remote, "main")


def test_a_repository_without_a_remote(tmp_path: Path) -> None:
    found = checkout_of(make_repository(tmp_path / "work"))
    assert (found.remote, found.url, found.upstream) == ("", "", "")


def test_the_only_remote_is_taken(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "remote", "add", "hub", "https://example.org/x.git")
    assert (checkout_of(work).remote, checkout_of(work).upstream) == ("hub", "main")


def test_of_several_remotes_one_must_be_chosen(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    for name in ("hub", "fork"):
        git(work, "remote", "add", name, f"https://example.org/{name}.git")
    with pytest.raises(Stalled, match="not clear which remote") as caught:
        checkout_of(work)
    assert "--set-upstream-to=fork/main" in caught.value.mend
    assert open_checkout(find(str(work)), os.environ, remote="hub").url == "https://example.org/hub.git"


def test_a_remote_that_is_not_there(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    with pytest.raises(Stalled, match="there is no remote nowhere"):
        open_checkout(find(str(work)), os.environ, remote="nowhere")


def test_a_detached_head_needs_a_branch(tmp_path: Path) -> None:
    work, _ = make_published(tmp_path)
    git(work, "checkout", "-q", "--detach")
    with pytest.raises(Stalled, match="HEAD is detached"):
        checkout_of(work)
    found = open_checkout(find(str(work)), os.environ, branch="main")
    assert (found.branch, found.upstream, found.is_checked_out) == ("main", "main", False)


def test_nothing_is_committed_yet(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "new")
    assert checkout_of(tmp_path / "new").head == ""
    with pytest.raises(Stalled, match="main has no commit yet") as caught:
        source_of(tmp_path / "new").tip("plan.md")
    assert caught.value.mend == "git add plan.md && git commit"


def test_a_repository_of_somebody_else_is_gits_own_refusal(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    work = make_repository(tmp_path / "work")
    for path in (work, work / ".git"):
        os.chown(path, 12345, 12345)
    with pytest.raises(CheckpointError) as caught:
        checkout_of(work).git.run("status")
    assert "dubious ownership" in caught.value.why
    assert "safe.directory" in caught.value.mend


def test_settings_with_line_ends_and_without_values() -> None:
    data = b"local\0a.b\none\ntwo\0global\0c.d\0worktree\0e.f\n\xff\0"
    expected = [Setting("a.b", "one\ntwo"), Setting("c.d", "true", "global"), Setting("e.f", "\udcff", "worktree")]
    assert list(parse_settings(data)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/x", "https://example.org/x"),
        ("git@example.org:x/y", "git@example.org:x/y"),
        ("host:x", "host:x"),
        ("/srv/x.git", "/srv/x.git"),
        ("../x.git", "/home/ada/x.git"),
        ("x:y/z", "x:y/z"),
        ("./x:y", "/home/ada/work/x:y"),
    ],
)
def test_a_relative_address_is_one_from_the_top(url: str, expected: str) -> None:
    assert absolute(url, "/home/ada/work") == expected


def test_a_planted_bare_repository_is_not_taken_for_one(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    planted = work / "out/team"
    planted.mkdir(parents=True)
    git(planted, "init", "-q", "--bare", ".")
    done = Git(("-C", str(planted)), checkout_of(work).env).try_run("rev-parse", "--absolute-git-dir")
    assert (done.status, done.stdout) == (128, b"")
    assert b"safe.bareRepository" in done.stderr


def test_a_monitor_of_the_repository_does_not_run(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "config", "core.fsmonitor", f"touch {tmp_path}/ran; false")
    assert not checkout_of(work).git.run("status", "--porcelain")
    assert not (tmp_path / "ran").exists()


def test_what_is_committed_of_a_teams_folder(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work", {"out/a/x": "1", "out/a/y/z": "2", "out/ab": "3"})
    team = TeamRepository(checkout_of(work), "out/a")
    assert team.committed("") == {"x": team.blob_id(b"1"), "y/z": team.blob_id(b"2")}
    assert team.committed("y") == {"y/z": git(work, "rev-parse", "HEAD:out/a/y/z")}
    assert team.committed("nothing") == {}
    git(work, "branch", "old")
    commit(work, {"out/a/x": "new"})
    assert team.committed("x", "old") == {"x": team.blob_id(b"1")}


@pytest.mark.parametrize(
    "ref", ["--output=x", "main^{/Begin}", "main~0", "main@{0}", "main..old", "a b", "@{-1}", "", "nowhere", "x\ny"]
)
def test_what_is_no_ref_is_refused(tmp_path: Path, ref: str) -> None:
    work = make_repository(tmp_path / "work")
    team = TeamRepository(checkout_of(work), "")
    for ask in (lambda: team.committed("plan.md", ref), lambda: team.is_pushed(ref)):
        with pytest.raises(CheckpointError):
            ask()
    assert sorted(path.name for path in work.iterdir()) == [".git", "plan.md"]


def test_what_is_pushed(tmp_path: Path) -> None:
    work, _ = make_published(tmp_path)
    team = TeamRepository(checkout_of(work), "")
    assert team.is_pushed()
    commit(work, {"more": "x"})
    assert not team.is_pushed()
    assert not TeamRepository(checkout_of(make_repository(tmp_path / "alone")), "").is_pushed()


def test_a_content_is_superseded_where_the_file_had_another_since(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    team = TeamRepository(checkout_of(work), "out")
    first, *_ = [commit(work, {"out/a b.txt": text}) for text in ("one", "two", "two ", "one")]
    blobs = {text: team.blob_id(text.encode()) for text in ("one", "two", "two ", "three")}
    found = {text: team.superseded("a b.txt", blob) for text, blob in blobs.items()}
    assert found == {
        "one": first,
        "two": git(work, "rev-parse", "HEAD~2"),
        "two ": git(work, "rev-parse", "HEAD~1"),
        "three": "",
    }
    assert team.superseded("b.txt", blobs["one"]) == ""
    commit(work, {"out/b.txt": "one"})
    assert team.superseded("b.txt", blobs["one"]) == ""


def test_a_new_repository_has_committed_nothing(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "new")
    team = TeamRepository(checkout_of(tmp_path / "new"), "")
    assert team.committed("") == {}
    assert team.superseded("a", team.blob_id(b"")) == ""
    assert not team.is_pushed()


def test_a_teams_branch_is_read_as_it_is_at_the_remote(tmp_path: Path) -> None:
    work, _ = make_published(tmp_path)
    git(work, "push", "-q", "origin", "main:feature/login")
    source = source_of(work)
    source.tip("plan.md")
    assert team_commit(source, "feature/login") == head(work)
    assert team_commit(source, "nowhere") == ""


def test_tracked_paths(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work", {"plan.md": "x", "a\n\u00e9/b": "y"})
    (work / "untracked").touch()
    assert tracked_paths(checkout_of(work)) == {"plan.md", "a\n\u00e9/b"}
