"""The checker of the person's checkout: what it calls changed, shown on checkouts in which something was."""

import os
from pathlib import Path

import pytest

from benchmarks.torture.checkout import by_gitpython, figure, put_to_test, told
from benchmarks.torture.checkout_belongings import belongings, changes
from benchmarks.torture.checkout_hooks import HOOKS, differences, within_hook
from benchmarks.torture.checkout_states import EVERYTHING, SECRET, STATES, prepared
from tests.helpers.homes import at_home
from tests.helpers.repositories import git

DAMAGE = {
    "a file edited": "echo y > a.txt",
    "a file touched": "touch -d 2001-01-01 a.txt",
    "a file made executable": "chmod +x a.txt",
    "a file gone": "rm docs/d.txt",
    "a file come": "echo x > another.txt",
    "an untracked file edited": "echo y > new.txt",
    "an ignored file gone": "rm x.log",
    "the plan edited": "git restore plan.md",
    "something staged": "git add b.txt new.txt",
    "something unstaged": f"git reset -q {SECRET}",
    "the index refreshed": "touch b.txt; git update-index -q --refresh",
    "the index written anew": "cp .git/index .git/x; mv .git/x .git/index; touch .git/index",
    "a bit taken off": "git update-index --no-skip-worktree docs/d.txt",
    "HEAD moved": "git commit -q --allow-empty -m x",
    "HEAD detached": "git checkout -q --detach",
    "a branch moved": "git branch -f topic2",
    "a stash dropped": "git stash drop -q",
    "the way back lost": "git update-ref -d ORIG_HEAD",
    "the configuration changed": "git config some.key value",
    "a hook changed": "echo > .git/hooks/pre-commit",
    "objects gone": "git stash drop -q; git reflog expire --expire=now --all; git gc -q --prune=now",
    "a linked work tree edited": "echo y > ../linked/a.txt",
    "a linked work tree staged": "git -C ../linked add a.txt",
}


@pytest.mark.parametrize("name", DAMAGE)
def test_whatever_is_changed_is_found(tmp_path: Path, name: str) -> None:
    scene = prepared(tmp_path, EVERYTHING)
    before = belongings(scene.work)
    assert os.system(f"cd {scene.work} && ({DAMAGE[name]}) > /dev/null 2>&1") == 0
    assert list(changes(before, belongings(scene.work), scene.work, scene.tip, follows=False))


def test_to_look_changes_nothing(tmp_path: Path) -> None:
    scene = prepared(tmp_path, EVERYTHING)
    before = belongings(scene.work)
    scene.deliver({"out/backend/api.json": "{}"})
    git(scene.work, "fetch", "-q", "--no-write-fetch-head")
    assert not list(changes(before, belongings(scene.work), scene.work, scene.tip, follows=False))


@pytest.mark.parametrize("more", ["", "echo y > a.txt", "git stash drop -q", "git update-ref ORIG_HEAD HEAD"])
def test_where_a_fast_forward_is_allowed_nothing_else_is(tmp_path: Path, more: str) -> None:
    scene = prepared(tmp_path, STATES["stashes"])
    before = belongings(scene.work)
    assert scene.now().commit
    os.system(f"cd {scene.work} && {more or 'true'}")
    after = belongings(scene.work)
    assert bool(list(changes(before, after, scene.work, scene.tip, follows=True))) == bool(more)
    assert list(changes(before, after, scene.work, scene.tip, follows=False))


def test_a_fast_forward_to_anything_but_what_was_published_is_found(tmp_path: Path) -> None:
    scene = prepared(tmp_path, STATES["clean"])
    before = belongings(scene.work)
    git(scene.work, "commit", "-q", "--allow-empty", "-m", "x")
    assert list(changes(before, belongings(scene.work), scene.work, scene.tip, follows=True))


def test_the_naive_way_pushes_the_secret_and_changes_the_checkout(tmp_path: Path) -> None:
    with at_home(tmp_path / "home"):  # GitPython cannot read the date that tests pin
        seen = put_to_test(tmp_path / "naive", "staged", STATES["staged"], 1, by_gitpython)
    assert (seen.has_told, bool(seen.changed)) == (True, True)
    assert told(seen)[0] == f"{SECRET} is on the remote"
    assert figure([seen], ": ", "") == "1 runs in 1 states: 0 states left as they were, 1 secrets pushed"


def test_a_checkpoint_that_was_not_taken_is_found(tmp_path: Path) -> None:
    state = STATES["a detached HEAD, and no branch named"]._replace(status=0)
    assert "HEAD is detached" in told(put_to_test(tmp_path, "detached", state, 1))[0]


def test_twins_that_differ_are_found(tmp_path: Path) -> None:
    one, other = (prepared(tmp_path / name, STATES["edited"]).work for name in ("one", "other"))
    assert not list(differences(one, other))
    git(one, "add", "a.txt")
    assert list(differences(one, other))


def test_a_hook_that_takes_no_checkpoint_is_found(tmp_path: Path) -> None:
    # On the branch `topic`, which the remote does not have.
    (hook,) = (each for each in HOOKS if each.kind == "post-checkout" and each.is_own)
    assert any("no checkpoint" in each for each in within_hook(tmp_path, hook))
