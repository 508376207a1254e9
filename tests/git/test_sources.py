"""What every source promises, with a remote and without."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checkpoint.errors import PublishError, Stalled
from checkpoint.git.failures import LostRace
from checkpoint.git.log import Commit, history, standing
from checkpoint.git.source import checkpoints, plan_at
from tests.git.sourcing import message, publish, source_of
from tests.helpers.repositories import PLAN, commit, git, head, make_published, make_repository

Make: TypeAlias = Callable[..., tuple[Path, Path]]
"""Given the files of a first commit, a work tree and the repository in which its branch main is published."""


@pytest.fixture(params=["remote", "local"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    def build(files: dict[str, str | bytes] | None = None) -> tuple[Path, Path]:
        if request.param == "remote":
            return make_published(tmp_path, files)
        work = make_repository(tmp_path / "work", files)
        return work, work

    return build


def advance(work: Path, published: Path, files: dict[str, str | bytes]) -> str:
    """A commit by somebody else, published."""
    made = commit(work, files)
    if published != work:
        git(work, "push", "-q")
    return made


def test_the_tip_is_the_newest_commit_with_its_plan(make: Make) -> None:
    work, published = make()
    tip = source_of(work).tip("plan.md")
    assert (tip.commit, tip.plan) == (head(published, "main"), PLAN.encode())
    assert not tip.is_link


@pytest.mark.parametrize("path", ["plan.md", "docs/plan.md", "a b/é/p\tlan.md"])
def test_a_publication_changes_the_plan_alone(make: Make, path: str) -> None:
    work, published = make({path: PLAN, "a b/other": "x", "docs.txt": "y", "run": "z"})
    before, made = head(published, "main"), publish(source_of(work), "one", path)
    assert head(published, "main") == made
    assert git(published, "rev-list", "--parents", "-1", "main").split() == [made, before]
    assert git(published, "-c", "core.quotePath=false", "diff", "--name-only", "-z", before, made) == f"{path}\0"
    assert git(published, "cat-file", "blob", f"main:{path}") == f"{PLAN}one"
    git(published, "fsck", "--strict")


def test_index_and_work_tree_take_no_part(make: Make) -> None:
    work, _ = make({"plan.md": PLAN, "other": "x"})
    (work / "other").write_text("staged")
    git(work, "add", "other")
    (work / "plan.md").write_text("edited")
    before = (work / ".git/index").read_bytes(), (work / ".git/index").stat().st_mtime_ns
    publish(source_of(work), "one")
    assert ((work / ".git/index").read_bytes(), (work / ".git/index").stat().st_mtime_ns) == before
    assert (work / "plan.md").read_text() == "edited"


def test_the_mode_of_the_plan_stays(make: Make) -> None:
    work, published = make()
    git(work, "update-index", "--chmod=+x", "plan.md")
    advance(work, published, {"other": "x"})
    publish(source_of(work), "one")
    assert git(published, "ls-tree", "main", "plan.md").startswith("100755")


def test_what_comes_between_wins_and_nothing_is_lost(make: Make) -> None:
    work, published = make()
    source = source_of(work)
    tip = source.tip("plan.md")
    theirs = advance(work, published, {"plan.md": "theirs\n"})
    with pytest.raises(LostRace):
        source.publish(tip, "plan.md", b"ours\n", message("one"))
    assert head(published, "main") == theirs
    publish(source, "again")
    assert git(published, "cat-file", "blob", "main:plan.md") == "theirs\nagain"


def test_a_slot_is_seen_by_the_next_who_looks(make: Make) -> None:
    work, _ = make()
    made = publish(source_of(work), "one")
    tip = source_of(work, "another").tip("plan.md")
    found = tip.by_slot("one", "plan.md")
    assert found is not None
    assert (found.commit, found.id, found.teams, found.subject) == (made, "one", ("a 1/2",), "checkpoint: one")
    assert tip.by_slot("two", "plan.md") is None


def test_trailers_in_the_middle_of_a_message_do_not_count(make: Make) -> None:
    work, published = make()
    git(work, "commit", "-q", "--allow-empty", "-m", "A\n\nCheckpoint-Id: forged\n\nwords")
    advance(work, published, {"other": "x"})
    assert source_of(work).tip("plan.md").recent == ()


@pytest.mark.parametrize("content", [b"", b"\0\xff\r\nno end", b"x" * 3_000_000], ids=["empty", "bytes", "large"])
def test_any_content_arrives_as_it_is(make: Make, content: bytes) -> None:
    work, _ = make()
    source = source_of(work)
    source.publish(source.tip("plan.md"), "plan.md", content, message("one"))
    assert source.tip("plan.md").plan == content


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_content_survives_the_way_there_and_back(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    work = make_repository(tmp_path_factory.mktemp("any") / "work")
    source = source_of(work)
    source.publish(source.tip("plan.md"), "plan.md", content, message("one"))
    assert source.tip("plan.md").plan == content


@pytest.mark.parametrize("link", ["plan.md", "docs"])
def test_a_plan_behind_a_link_is_refused(make: Make, link: str) -> None:
    work, published = make({"real/plan.md": PLAN})
    (work / link).symlink_to("real/plan.md" if link == "plan.md" else "real")
    git(work, "add", link)
    advance(work, published, {"other": "x"})
    path = "plan.md" if link == "plan.md" else "docs/plan.md"
    source = source_of(work)
    tip = source.tip(path)
    assert (tip.plan, tip.is_link) == (None, True)
    with pytest.raises(Stalled, match="is a link"):
        source.publish(tip, path, b"x", message("one"))


@pytest.mark.parametrize("path", ["gone.md", "docs/gone.md", "file/plan.md", "docs"])
def test_a_plan_that_is_not_there_is_not_brought_back(make: Make, path: str) -> None:
    work, published = make({"docs/other.md": "x", "file": "x"})
    source, before = source_of(work), head(published, "main")
    tip = source.tip(path)
    assert (tip.plan, tip.is_link) == (None, False)
    with pytest.raises(Stalled, match="is not in"):
        source.publish(tip, path, b"x", message("one"))
    assert head(published, "main") == before


def test_hooks_do_not_run(make: Make) -> None:
    work, published = make()
    for name in ("pre-commit", "commit-msg", "pre-push", "post-update", "reference-transaction", "post-commit"):
        hook = work / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
    assert publish(source_of(work), "one") == head(published, "main")


def test_called_from_a_hook_of_another_repository(make: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    work, published = make()
    other = make_repository(tmp_path / "other")
    before = (other / ".git/index").read_bytes()
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Author of another commit")
    made = publish(source_of(work), "one")
    monkeypatch.delenv("GIT_DIR")
    monkeypatch.delenv("GIT_INDEX_FILE")
    assert git(published, "log", "-1", "--format=%H %an", "main") == f"{made} Ada Lovelace"
    assert (other / ".git/index").read_bytes() == before


def test_nobody_is_made_up_to_commit(make: Make, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work, published = make()
    (home / ".gitconfig").write_text("")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    before = head(published, "main")
    with pytest.raises(Stalled) as caught:
        publish(source_of(work), "one")
    assert "git config user.name" in caught.value.mend
    assert head(published, "main") == before


def test_history_checkpoints_and_earlier_plans(make: Make) -> None:
    work, published = make()
    begin = head(published, "main")
    source = source_of(work)
    first = publish(source, "one")
    git(work, "pull", "-q", "--ff-only") if published != work else git(work, "reset", "-q", "--hard")
    advance(work, published, {"other": "not the plan"})
    second = publish(source, "two")
    tip = source.tip("plan.md")
    assert [change.commit for change in history(source.git, second, "plan.md", begin)] == [second, first]
    assert [made.id for made in checkpoints(source.git, tip, "plan.md", 5)] == ["two", "one"]
    assert [made.id for made in checkpoints(source.git, tip, "plan.md", 1)] == ["two"]
    assert checkpoints(source.git, tip, "other") == ()
    assert plan_at(source.git, first, "plan.md") == f"{PLAN}one\n".encode()
    assert plan_at(source.git, begin, "nothing.md") is None


def made(name: str, undoes: str = "") -> Commit:
    return Commit("", "", 0, "", name, undoes=undoes)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("", ""),
        ("c b a", "c b a"),
        ("u:c c b a", "b a"),
        ("v:b u:c c b a", "a"),
        ("u:a c b a", ""),
        ("v:u u:c c b a", "c b a"),
        ("d u:c c b a", "d b a"),
        ("w:v v:b u:c c b a", "b a"),
        ("u:elsewhere c b", "c b"),
        ("u:u c", "c"),
    ],
)
def test_what_stands_of_checkpoints_and_undos(names: str, expected: str) -> None:
    """Newest first; `u:c` is the undo `u` of the checkpoint `c`."""
    found = standing([made(*each.split(":")) for each in names.split()])
    assert [each.id for each in found] == expected.split()


def test_the_author_and_commit_of_a_change_are_known(make: Make) -> None:
    work, published = make()
    made = advance(work, published, {"plan.md": "weaker"})
    source = source_of(work)
    source.tip("plan.md")
    change = history(source.git, made, "plan.md")[0]
    assert (change.commit, change.author, change.subject) == (made, "Ada Lovelace", "Change files")


def test_a_required_signature_is_there_or_nothing_is(make: Make, tmp_path: Path) -> None:
    work, published = make()
    git(work, "config", "commit.gpgsign", "true")
    git(work, "config", "gpg.format", "ssh")
    git(work, "config", "user.signingkey", str(tmp_path / "no-such-key.pub"))
    before = head(published, "main")
    with pytest.raises(PublishError, match="could not be signed"):
        publish(source_of(work), "one")
    assert head(published, "main") == before


def test_each_tip_is_fetched_anew(make: Make) -> None:
    work, published = make()
    source = source_of(work)
    source.tip("plan.md")
    theirs = advance(work, published, {"plan.md": "newer"})
    source.begin_fetch()
    assert source.tip("plan.md").commit == theirs


def test_what_is_published_now_is_known_without_a_fetch(make: Make) -> None:
    work, published = make()
    source = source_of(work)
    git(work, "branch", "teams/a")
    if published != work:
        git(work, "push", "-q", "origin", "teams/a", "main:decoy/refs/heads/main")
    old = head(published, "teams/a")
    theirs = advance(work, published, {"plan.md": "newer"})
    assert source.newest(["main", "teams/a", "nobody", "-x"]) == {
        "main": theirs,
        "teams/a": old,
        "nobody": "",
        "-x": "",
    }


@pytest.mark.parametrize("date", ["", " 1 +0000", " -5 +0000", " 99999999999999999999 +0000"])
def test_a_commit_made_by_hand_may_say_anything_of_its_author_and_time(make: Make, date: str) -> None:
    work, published = make()
    tree = git(work, "cat-file", "commit", "HEAD").partition("\n")[0]
    raw = f"{tree}\nparent {head(work)}\nauthor \x1b]0;evil\x07".encode() + b"\xff\xfe <a@b>" + date.encode()
    raw += b"\ncommitter x <c@d>" + date.encode() + b"\n\nx\xff\n\nCheckpoint-Id: forged\nCheckpoint-Team: \x1b[31m\n"
    made = git(work, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", content=raw)
    git(published, "update-ref", "refs/heads/main", made) if published == work else git(
        work, "push", "-q", "origin", f"{made}:main"
    )
    (forged,) = [each for each in source_of(work).tip("plan.md").recent if each.id == "forged"]
    assert forged.author.isprintable()
    assert "evil" in forged.author
    assert forged.teams == ("[31m",)
    assert forged.author.encode()
