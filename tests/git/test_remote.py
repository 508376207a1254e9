"""Remotes that decline, vanish, lie or change; clones that are damaged; processes that die."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkpoint.errors import CheckpointError, PublishError, Stalled
from checkpoint.git.failures import rejection
from checkpoint.git.remote import Remote, remove_folder
from checkpoint.git.source import LostRace
from tests.git.sourcing import message, publish, source_of
from tests.helpers.repositories import (
    PLAN,
    clone,
    commit,
    git,
    head,
    make_published,
    make_remote,
    make_repository,
    push_edit,
)
from tests.helpers.smart_http import Behaviour, Kind, served


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    return make_published(tmp_path)


@pytest.fixture
def http(pair: tuple[Path, Path]) -> Iterator[Behaviour]:
    """The remote, now reached over HTTP."""
    work, remote = pair
    git(remote, "config", "http.receivepack", "true")
    with served(remote.parent) as (url, behaviour):
        git(work, "remote", "set-url", "origin", f"{url}/remote.git")
        yield behaviour


def decline(remote: Path, script: str, hook: str = "pre-receive") -> None:
    path = remote / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_over_http(pair: tuple[Path, Path], http: Behaviour) -> None:
    work, remote = pair
    assert publish(source_of(work), "one") == head(remote, "main")
    assert http.pushes == 1


def test_an_answer_that_got_lost_does_not_publish_twice(pair: tuple[Path, Path], http: Behaviour) -> None:
    work, remote = pair
    http.drop_pushes = True
    assert publish(source_of(work), "one") == head(remote, "main")
    assert git(remote, "rev-list", "--count", "main") == "2"


@pytest.mark.parametrize("fault", ["reset", "500", "403", "html"])
def test_what_was_taken_is_known_whatever_the_answer(pair: tuple[Path, Path], http: Behaviour, fault: Kind) -> None:
    work, remote = pair
    source = source_of(work)
    tip = source.tip("plan.md")
    http.fail(2, fault, served=True)
    assert source.publish(tip, "plan.md", b"x", message("one")) == head(remote, "main")


def test_a_page_for_people_leaves_the_clone_in_peace(pair: tuple[Path, Path], http: Behaviour) -> None:
    source = source_of(pair[0])
    source.tip("plan.md")
    http.fail(1, "html")
    with pytest.raises(PublishError, match="cannot be fetched"):
        source.tip("plan.md")
    assert len(http.requests) == 1
    assert source.tip("plan.md").plan


def test_a_server_without_space_may_have_some_later() -> None:
    said = "remote: fatal: write error: No space left on device\nremote: unpack failed"
    error = rejection("unpacker error", said, "main")
    assert type(error) is PublishError
    assert "space" in error.mend


def test_where_nothing_can_be_learnt_the_next_fetch_decides(pair: tuple[Path, Path], http: Behaviour) -> None:
    work, remote = pair
    source = source_of(work)
    tip = source.tip("plan.md")
    http.status = 503
    with pytest.raises(PublishError, match="it is not known whether"):
        source.publish(tip, "plan.md", b"x", message("one"))
    http.status = None
    assert source.tip("plan.md").by_slot("one", "plan.md") is None
    made = publish(source, "one")
    found = source.tip("plan.md").by_slot("one", "plan.md")
    assert found is not None
    assert found.commit == made == head(remote, "main")


@pytest.mark.parametrize(
    ("status", "error"), [(401, Stalled), (403, Stalled), (404, Stalled), (500, PublishError), (429, PublishError)]
)
def test_the_class_of_an_http_failure(
    pair: tuple[Path, Path], http: Behaviour, status: int, error: type[CheckpointError]
) -> None:
    source = source_of(pair[0])
    http.status = status
    with pytest.raises(error, match="cannot be fetched") as caught:
        source.tip("plan.md")
    assert caught.value.why


def test_a_server_that_is_not_there(pair: tuple[Path, Path]) -> None:
    git(pair[0], "remote", "set-url", "origin", "http://127.0.0.1:1/x.git")
    with pytest.raises(PublishError, match="origin/main cannot be fetched"):
        source_of(pair[0]).tip("plan.md")


def test_an_address_that_runs_a_program_is_refused(pair: tuple[Path, Path], tmp_path: Path) -> None:
    git(pair[0], "remote", "set-url", "origin", f"ext::sh -c 'touch {tmp_path}/ran'")
    with pytest.raises(Stalled, match="cannot be fetched"):
        source_of(pair[0]).tip("plan.md")
    assert not (tmp_path / "ran").exists()


def test_a_server_that_declines_is_quoted(pair: tuple[Path, Path]) -> None:
    work, remote = pair
    before = head(remote, "main")
    decline(remote, "echo 'main is protected: open a pull request' >&2; exit 1")
    with pytest.raises(Stalled) as caught:
        publish(source_of(work), "one")
    assert caught.value.what == "the server declines pushes to main"
    assert "main is protected: open a pull request" in caught.value.why
    assert head(remote, "main") == before


def test_a_race_lost_within_the_server_is_a_race(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    source, tip = source_of(work), source_of(work, "tip").tip("plan.md")
    other = clone(remote, tmp_path / "other")
    theirs = commit(other, {"theirs": "x"})
    git(other, "push", "-q", "origin", "main:refs/heads/parked")
    decline(remote, f"git update-ref refs/heads/main {theirs}", "update")
    source.tip("plan.md")
    with pytest.raises(PublishError, match="somebody else published first"):
        source.publish(tip, "plan.md", b"x", message("one"))
    assert head(remote, "main") == theirs


@pytest.mark.parametrize("is_first", [True, False])
def test_a_server_that_says_nothing_is_given_up_in_time(pair: tuple[Path, Path], is_first: bool) -> None:
    work, _ = pair
    if not is_first:
        source_of(work).tip("plan.md")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        git(work, "remote", "set-url", "origin", f"git://127.0.0.1:{silent.getsockname()[1]}/x.git")
        with pytest.raises(PublishError, match="origin/main cannot be fetched") as caught:
            source_of(work, seconds=0.3).tip("plan.md")
    assert caught.value.why == "no answer in time"


def test_an_unborn_branch_and_an_empty_remote_ask_for_a_commit_first(tmp_path: Path) -> None:
    work = clone(make_remote(tmp_path / "remote.git"), tmp_path / "work")
    with pytest.raises(Stalled, match="origin has no branch main") as caught:
        source_of(work).tip("plan.md")
    assert caught.value.mend == "commit the plan (git add, git commit), then: git push -u origin main"


def test_an_empty_remote_says_how_to_begin(tmp_path: Path) -> None:
    work = make_repository(tmp_path / "work")
    git(work, "remote", "add", "origin", str(make_remote(tmp_path / "remote.git")))
    with pytest.raises(Stalled, match="origin has no branch main") as caught:
        source_of(work).tip("plan.md")
    assert (caught.value.why, caught.value.mend) == ("it is empty", "git push -u origin main")


def test_a_branch_renamed_there_is_named(pair: tuple[Path, Path]) -> None:
    work, remote = pair
    source_of(work).tip("plan.md")
    git(remote, "branch", "-m", "main", "trunk")
    with pytest.raises(Stalled, match="origin has no branch main") as caught:
        source_of(work).tip("plan.md")
    assert caught.value.why == "it has trunk"


def test_a_remote_that_moved_is_followed(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    source_of(work).tip("plan.md")
    remote.rename(tmp_path / "moved.git")
    with pytest.raises(Stalled, match="cannot be fetched"):
        source_of(work).tip("plan.md")
    git(work, "remote", "set-url", "origin", "../moved.git")
    assert publish(source_of(work), "one") == head(tmp_path / "moved.git", "main")


def test_a_rewritten_branch_is_followed_and_said(pair: tuple[Path, Path]) -> None:
    work, remote = pair
    source = source_of(work)
    publish(source, "one")
    assert not source.tip("plan.md").rewritten
    git(work, "commit", "-q", "--amend", "-m", "Another beginning")
    git(work, "push", "-q", "--force")
    tip = source.tip("plan.md")
    assert (tip.rewritten, tip.commit, tip.by_slot("one", "plan.md")) == (True, head(remote, "main"), None)
    assert publish(source, "one") == head(remote, "main")


def test_another_branch_rewritten_is_not_this_one(pair: tuple[Path, Path]) -> None:
    work, _ = pair
    git(work, "push", "-q", "origin", "main:side")
    source = source_of(work)
    source.tip("plan.md")
    git(work, "commit", "-q", "--amend", "-m", "Another beginning")
    git(work, "push", "-q", "--force", "origin", "main:side")
    assert not source.tip("plan.md").rewritten


def test_a_folder_in_place_of_a_branch_is_followed(pair: tuple[Path, Path]) -> None:
    work, _ = pair
    git(work, "push", "-q", "origin", "main:team")
    source = source_of(work)
    source.tip("plan.md")
    git(work, "push", "-q", "origin", ":team", "main:team/a")
    assert source.tip("plan.md").commit == head(work)


DAMAGE = {
    "no HEAD": "rm HEAD",
    "empty ref": ": > refs/heads/main",
    "odd ref": "echo 1234567890123456789012345678901234567890 > refs/heads/main",
    "no objects": "rm -rf objects/??",
    "empty objects": "for f in objects/??/*; do chmod +w $f; : > $f; done",
    "stale lock": "touch refs/heads/main.lock packed-refs.lock",
    "no folders": "rm -rf refs objects",
    "a file": "cd ..; rm -rf clone.git; touch clone.git",
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_clone_is_made_anew(pair: tuple[Path, Path], tmp_path: Path, damage: str) -> None:
    work, remote = pair
    source = source_of(work)
    publish(source, "one")
    push_edit(clone(remote, tmp_path / "other"), {"other": "x"})
    subprocess.run(["sh", "-c", DAMAGE[damage]], cwd=source.git.where[1], check=True)
    assert publish(source_of(work), "two") == head(remote, "main")
    git(remote, "fsck", "--strict")


def test_a_crowded_clone_is_packed(pair: tuple[Path, Path]) -> None:
    source = source_of(pair[0])
    source.tip("plan.md")
    crowded = Path(source.git.where[1], "objects/17")
    crowded.mkdir(exist_ok=True)
    for number in range(30):
        (crowded / f"{number:038x}").touch()
    publish(source, "one")
    assert list(Path(source.git.where[1], "objects/pack").glob("*.pack"))


def test_a_password_in_the_address_is_in_no_argument(pair: tuple[Path, Path]) -> None:
    git(pair[0], "remote", "set-url", "origin", "https://ada:hunter2@127.0.0.1:1/x.git")
    source = source_of(pair[0])
    assert any("hunter2" in value for value in source.git.env.values())
    running = source.git.start("fetch", "checkpoint")
    arguments = Path(f"/proc/{running.pid}/cmdline").read_bytes()
    running.wait()
    assert b"hunter2" not in arguments


def test_the_persons_configuration_reaches_the_clone_once(pair: tuple[Path, Path], home: Path) -> None:
    work, remote = pair
    git(work, "config", "--global", "http.extraHeader", "X-Global: 1")
    git(work, "config", "http.extraHeader", "X-Local: 1")
    git(work, "config", "url.file:///.insteadOf", "here:")
    git(work, "remote", "set-url", "origin", f"here:{str(remote)[1:]}")
    source = source_of(work)
    assert publish(source, "one") == head(remote, "main")
    sent = source.git.text("config", "--get-all", "http.extraHeader").splitlines()
    assert sent[sent.index("") :] == ["", "X-Global: 1", "X-Local: 1"]


def test_configuration_that_only_holds_in_the_persons_folder(
    pair: tuple[Path, Path], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work, remote = pair
    git(work, "config", "--global", f"includeIf.gitdir:{work}/.path", str(home / "work.inc"))
    (home / "work.inc").write_text("[user]\n\temail = ada@work.example\n")
    monkeypatch.delenv("GIT_AUTHOR_EMAIL")
    publish(source_of(work), "one")
    assert git(remote, "log", "-1", "--format=%ae", "main") == "ada@work.example"


RACER = """
import os, random, sys, time
from pathlib import Path
from checkpoint.git.source import LostRace
from tests.git.sourcing import publish, source_of
source = source_of(Path(sys.argv[1]), sys.argv[2])
for number in range(int(sys.argv[3])):
    for attempt in range(60):
        try:
            publish(source, f"{sys.argv[2]}{number}")
            break
        except LostRace:
            time.sleep(random.random() * 0.05 * min(attempt + 1, 6))
    else:
        sys.exit("gave up")
"""


def race(work: Path, names: str, rounds: int) -> list[subprocess.Popen[bytes]]:
    return [
        subprocess.Popen([sys.executable, "-c", RACER, str(work), name, str(rounds)], cwd=Path(__file__).parents[2])
        for name in names
    ]


def test_orchestrators_and_an_editor_at_once(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    editor = clone(remote, tmp_path / "editor")
    racers = race(work, "ab", 6)
    edits = [_edit_until_accepted(editor, number) for number in range(4)]
    assert [racer.wait(60) for racer in racers] == [0, 0]
    lines = git(remote, "cat-file", "blob", "main:plan.md").splitlines()
    assert sorted(line for line in lines if line[:1] in ("a", "b")) == [f"{name}{n}" for name in "ab" for n in range(6)]
    assert [line for line in lines if line.startswith("edit")] == edits
    assert git(remote, "rev-list", "--merges", "main") == ""
    assert git(remote, "rev-list", "--count", "main") == str(1 + 12 + 4)


def _edit_until_accepted(editor: Path, number: int) -> str:
    for _ in range(60):
        git(editor, "fetch", "-q")
        git(editor, "reset", "-q", "--hard", "origin/main")
        text = (editor / "plan.md").read_text()
        commit(editor, {"plan.md": f"{text}edit {number}\n"})
        if not subprocess.run(["git", "push", "-q"], cwd=editor, capture_output=True, check=False).returncode:
            return f"edit {number}"
    raise AssertionError("the editor never got through")


KILLED = """
import sys
from pathlib import Path
from tests.git.sourcing import publish, source_of
source = source_of(Path(sys.argv[1]))
number = 0
while True:
    publish(source, f"k{number}")
    print(number, flush=True)
    number += 1
"""


@pytest.mark.parametrize(("after", "pause"), [(1, 0.004), (1, 0.018), (2, 0.012)])
def test_after_a_kill_the_next_run_works(pair: tuple[Path, Path], after: int, pause: float) -> None:
    work, remote = pair
    command = [sys.executable, "-c", KILLED, str(work)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        try:
            process.wait(pause)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
    git(remote, "fsck", "--strict")
    source = source_of(work)
    try:
        made = publish(source, "next")
    except LostRace:  # the push of the one that was killed went on without it, and has landed now
        made = publish(source, "next")
    lines = git(remote, "cat-file", "blob", "main:plan.md").removeprefix(PLAN).splitlines()
    assert lines == [*(f"k{n}" for n in range(len(lines) - 1)), "next"]
    assert len(lines) - 1 >= after
    assert made == head(remote, "main")


def test_a_fetch_that_nobody_waited_for_is_ended(pair: tuple[Path, Path]) -> None:
    source = source_of(pair[0])
    source.begin_fetch()
    source.close()
    source.close()
    assert source.tip("plan.md").commit == head(pair[1], "main")


def test_a_shallow_clone_publishes_like_any(pair: tuple[Path, Path], tmp_path: Path) -> None:
    _, remote = pair
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{remote}", "shallow")
    assert (tmp_path / "shallow/.git/shallow").exists()
    assert publish(source_of(tmp_path / "shallow"), "one") == head(remote, "main")


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "--object-format=sha256", "remote.git")
    git(tmp_path, "init", "-q", "--object-format=sha256", "work")
    commit(tmp_path / "work", {"docs/plan.md": PLAN})
    git(tmp_path / "work", "remote", "add", "origin", "../remote.git")
    git(tmp_path / "work", "push", "-q", "-u", "origin", "main")
    made = publish(source_of(tmp_path / "work"), "one", "docs/plan.md")
    assert made == head(tmp_path / "remote.git", "main")
    assert len(made) == 64


def test_a_linked_worktree_publishes_its_own_branch(pair: tuple[Path, Path], tmp_path: Path) -> None:
    work, remote = pair
    git(work, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    git(tmp_path / "side", "push", "-q", "-u", "origin", "side")
    source = source_of(tmp_path / "side")
    assert isinstance(source, Remote)
    assert publish(source, "one") == head(remote, "side") != head(remote, "main")


def test_a_remote_that_does_not_answer_is_said_so_where_only_its_branches_are_asked_for(tmp_path: Path) -> None:
    work, _ = make_published(tmp_path)
    git(work, "remote", "set-url", "origin", "http://127.0.0.1:9/shop.git")
    with pytest.raises(PublishError, match="origin/main cannot be fetched"):
        source_of(work).newest(["main"])


def test_refs_that_only_end_in_the_name_of_a_branch_are_not_read_for_ever(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    work, remote = pair
    commit, name = head(remote, "main"), "n" * 200
    middle = "/".join([name] * 15)
    lines = "".join(f"{commit} refs/x/{number}/{middle}/refs/heads/main\n" for number in range(6000))
    (remote / "packed-refs").write_text(f"# pack-refs with: sorted \n{lines}")
    with pytest.raises(Stalled, match="cannot be asked") as caught:
        source_of(work).newest(["main"])
    assert "too many refs" in caught.value.why


def test_a_folder_goes_although_somebody_writes_in_it(tmp_path: Path) -> None:
    """git that was started by a run that was killed goes on in the private clone."""
    folder = tmp_path / "clone.git"
    writer = "mkdir -p clone.git; for n in $(seq 300); do mkdir -p clone.git/$n && : > clone.git/$n/x; done"
    with subprocess.Popen(["sh", "-c", writer], cwd=tmp_path) as process:
        while not (folder / "20").exists():
            assert process.poll() is None
        while process.poll() is None:
            remove_folder(str(folder))
    remove_folder(str(folder))
    assert not folder.exists()
