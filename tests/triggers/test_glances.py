"""One look after the other: each goes where something was heard, and finds what a look at everything would."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checkpoint import glance
from checkpoint.triggers.glances import Glances
from checkpoint.triggers.scope import Scope
from checkpoint.triggers.world import World, changed, look
from tests.helpers.repositories import write

PLAN = b"# Shop\n"


def scope(top: Path, *folders: str, files: tuple[str, ...] = ()) -> Scope:
    """The scope of teams in these folders of a repository."""
    places = tuple(str(top / each) for each in folders)
    named = tuple(str(top / each) for each in files)
    return Scope(places, named, ("main",), (), (), (str(top),), str(top / "plan.md"), None)


class Looking:
    """One who looks again and again, and hears of everything unless it is said otherwise."""

    def __init__(self, top: Path, *folders: str, files: tuple[str, ...] = ()) -> None:
        self.top = top
        self.scope = scope(top, *folders, files=files)
        self.glances = Glances()
        self.glances.touches.hears_all(hears=True)
        self.world = self.looks()

    def looks(self, *heard: str, commit: str = "1", plan: bytes = PLAN) -> World:
        """The world, after it was heard that something happened at these paths."""
        self.glances.touches.heard(str(self.top / path) for path in heard)
        self.world = self.glances.world(self.scope, {"main": commit}, plan)
        return self.world

    def whole(self) -> World:
        """What a look at everything finds."""
        return look(self.scope.folders, self.scope.files, {"main": "1"}, self.scope.roots)

    def states(self, seconds: float) -> set[str]:
        """Of which folders a run is told the state that begins so many seconds from now."""
        hints = self.glances.hints(self.world, time.time_ns() + int(seconds * 1e9))
        assert all(len(state) == 16 for state in hints.states.values())
        return {os.path.relpath(folder, self.top) for folder in hints.states}


def test_a_look_goes_only_where_something_was_heard(tmp_path: Path) -> None:
    write(tmp_path, {"one/a": "x", "two/a": "x"})
    looking = Looking(tmp_path, "one", "two")
    write(tmp_path, {"one/b": "x", "two/b": "x"})
    before = looking.world
    assert changed(before, looking.looks("one/b")) == (f"{tmp_path}/one/b",)
    assert looking.world.folders[f"{tmp_path}/two"] is before.folders[f"{tmp_path}/two"]
    looking.glances.touches.doubt()
    assert looking.looks() == looking.whole()


def test_files_alone_and_commits_are_looked_at_each_time(tmp_path: Path) -> None:
    write(tmp_path, {"one/a": "x"})
    looking = Looking(tmp_path, "one", files=("checkpoint.toml",))
    before = looking.world
    write(tmp_path, {"checkpoint.toml": ""})
    assert changed(before, looking.looks(commit="2")) == (f"{tmp_path}/checkpoint.toml", "branch main")


def test_a_folder_that_is_new_in_the_plan_is_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"one/a": "x", "two/a": "x"})
    looking = Looking(tmp_path, "one")
    looking.scope = scope(tmp_path, "one", "two")
    assert looking.looks() == looking.whole()


def test_what_all_cost_is_known_and_a_look_at_some_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, {f"one/{number}": "x" for number in range(500)})
    looking = Looking(tmp_path, "one", "two")
    cost = looking.glances.cost
    assert cost > 0.0
    looking.looks("two/a")
    assert looking.glances.cost == cost


FOLDERS = ("one", "one/inner", "two", "deep/er", "gone/away")
NAMES = st.sampled_from([f"{folder}/{name}" for folder in FOLDERS for name in ("a", "sub/b", "sub/c")])
DEEDS = st.tuples(st.sampled_from(["write", "delete", "delete folder", "move folder"]), NAMES)


def do(top: Path, deed: str, name: str) -> list[str]:
    """Something happens; the paths that events tell of."""
    path = top / name
    if deed == "write":
        made = [each for each in reversed(path.parents) if top in each.parents and not each.exists()]
        write(top, {name: str(time.monotonic_ns())})
        return [name, *(str(each.relative_to(top)) for each in made)]
    victim = path if deed == "delete" else path.parent
    if not victim.exists():
        return []
    gone = [str(each.relative_to(top)) for each in (victim, *victim.rglob("*"))]
    if deed == "delete":
        victim.unlink()
    elif deed == "delete folder":
        shutil.rmtree(victim)
    else:
        victim.rename(top / f"moved{time.monotonic_ns()}")
        gone = gone[:1]
    return gone


@settings(deadline=None)
@given(st.lists(st.lists(DEEDS, max_size=4), max_size=6))
def test_where_all_is_heard_looks_find_what_a_look_at_everything_does(turns: list[list[tuple[str, str]]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), {"one/a": "x", "one/inner/a": "x", "two/sub/b": "x"})
        looking = Looking(Path(name), *FOLDERS)
        for deeds in turns:
            heard = [path for deed in deeds for path in do(Path(name), *deed)]
            assert looking.looks(*heard) == looking.whole()


def test_a_plan_as_it_is_published_says_nothing_and_another_one_does(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": PLAN.decode(), "a": "x"})
    looking = Looking(tmp_path, ".")
    before = looking.world
    (tmp_path / "plan.md").write_bytes(PLAN.replace(b"\n", b"\r\n"))
    assert changed(before, looking.looks("plan.md")) == ()
    (tmp_path / "plan.md").write_text("# Another\n")
    assert changed(before, looking.looks("plan.md")) == (f"{tmp_path}/plan.md",)
    assert changed(before, looking.looks(plan=b"# Another\n")) == ()


def test_a_run_is_told_states_of_folders_that_are_at_rest(tmp_path: Path) -> None:
    write(
        tmp_path, {"one/a": "x", "two/a": "x", "two/inner/a": "x", "three/node_modules/a": "x", "plan.md": "# Shop\n"}
    )
    looking = Looking(tmp_path, "one", "two", "two/inner", "three", "missing")
    assert looking.states(0.0) == set()
    assert looking.states(3.0) == {"one", "two/inner"}
    looking.world = World({}, looking.world.folders, complete=False)
    assert looking.states(3.0) == set()


def test_a_state_is_what_a_glance_gives(tmp_path: Path) -> None:
    write(tmp_path, {"one/a/b/c": "x", "one/.git/index": "x", f"one/{os.fsdecode(bytes([255]))}": "x"})
    (tmp_path / "one/link").symlink_to("a")
    looking = Looking(tmp_path, "one")
    for later in (time.time_ns(), time.time_ns() + 10**10):
        state = looking.glances.hints(looking.world, later).state(f"{tmp_path}/one")
        assert state == glance.digest(glance.glance(str(tmp_path), "one"), later)
        assert bool(state) == (later > time.time_ns())


def test_a_state_is_of_the_content_that_was_there(tmp_path: Path) -> None:
    write(tmp_path, {"one/a": "x", "two/a": "x"})
    looking = Looking(tmp_path, "one", "two")
    later = time.time_ns() + 10**10
    before = looking.glances.hints(looking.world, later).states
    (tmp_path / "one/a").write_text("y")
    after = looking.glances.hints(looking.looks("one/a"), later).states
    assert {folder for folder in before if before[folder] != after[folder]} == {f"{tmp_path}/one"}


@pytest.mark.parametrize("text", [PLAN.decode(), "# Another\n"])
def test_a_folder_that_holds_the_plan_has_no_state_while_the_plan_is_left_out(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"plan.md": text, "a": "x"})
    assert Looking(tmp_path, ".").states(3.0) == (set() if text == PLAN.decode() else {"."})
