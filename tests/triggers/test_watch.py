"""The watch wakes for real changes of real files, and never stops doing so."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkpoint.triggers.accounted import Accounted
from checkpoint.triggers.reach import reach
from checkpoint.triggers.touches import Touched, Touches
from checkpoint.triggers.watch import Watch
from checkpoint.triggers.world import look
from tests.helpers.repositories import commit, git, make_published, push_edit, write

LONG = 30.0
"""Seconds after which what should have happened has not."""
ROOT = str(Path(__file__).parents[2])


class Watcher:
    """A watch, and who is woken by it."""

    def __init__(self) -> None:
        self.woken = threading.Event()
        self.problems: list[str] = []
        self.touches = Touches()
        self.watch = Watch(self.woken.set, self.problems.append, self.touches)

    def follow(self, *folders: Path, files: tuple[Path, ...] = ()) -> None:
        """Follows them, and waits until it does."""
        self.wanted = [str(path) for path in folders], [str(path) for path in files]
        self.watch.follow(*self.wanted)
        self.settle()

    def settle(self) -> None:
        """Waits until everything is watched as it is now."""
        until(lambda: self.watch.armed == reach(*self.wanted))
        self.woken.clear()

    def sees(self, change: Callable[[], object]) -> bool:
        """Whether a change wakes."""
        self.woken.clear()
        change()
        return self.woken.wait(LONG)


def until(is_so: Callable[[], object]) -> None:
    """Waits for what will be so soon."""
    end = time.monotonic() + LONG
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    made = Watcher()
    yield made
    made.watch.close()
    assert not made.watch._thread.is_alive()


@pytest.fixture
def team(tmp_path: Path) -> Path:
    write(tmp_path / "team", {"api.json": "{}", "docs/deep/er.txt": "x"})
    return tmp_path / "team"


def replace(path: Path) -> None:
    """What editors do: a complete new file takes the name."""
    new = path.with_name(f"{path.name}.new")
    new.write_text("new")
    new.rename(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "write": lambda team: (team / "docs/deep/er.txt").write_text("y"),
    "atomic replacement": lambda team: replace(team / "api.json"),
    "new file": lambda team: (team / "new").touch(),
    "deletion": lambda team: (team / "api.json").unlink(),
    "mode": lambda team: (team / "api.json").chmod(0o755),
    "folder moved away": lambda team: (team / "docs").rename(team.parent / "docs"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_below_a_folder_wakes(watcher: Watcher, team: Path, change: Callable[[Path], object]) -> None:
    watcher.follow(team)
    assert watcher.sees(lambda: change(team))


def heard(watcher: Watcher, what: Callable[[Touched], object]) -> Touched:
    """What was heard when it is what is waited for; all that was heard before is forgotten."""
    touched: list[Touched] = []

    def is_so() -> object:
        touched.append(watcher.touches.taken())
        return what(touched[-1])

    until(is_so)
    return touched[-1]


def test_all_is_heard_once_it_watches_and_then_where_something_changed(watcher: Watcher, team: Path) -> None:
    assert watcher.touches.taken().everywhere
    watcher.follow(team)
    heard(watcher, lambda touched: not touched.everywhere)
    assert watcher.sees(lambda: (team / "docs/deep/er.txt").write_text("y"))
    assert heard(watcher, lambda touched: touched.paths) == Touched(frozenset([f"{team}/docs/deep/er.txt"]))


def test_while_other_folders_are_about_to_be_watched_anything_may_have_changed(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    heard(watcher, lambda touched: not touched.everywhere)
    write(team, {"new/folder/x": "x"})
    heard(watcher, lambda touched: touched.everywhere)
    heard(watcher, lambda touched: not touched.everywhere)
    watcher.watch.follow([str(team.parent)])
    assert watcher.touches.taken().everywhere


def test_what_wakes_nobody_is_heard_all_the_same(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    heard(watcher, lambda touched: not touched.everywhere)
    write(team, {".api.json.swp": "x"})
    assert f"{team}/.api.json.swp" in heard(watcher, lambda touched: touched.paths).paths
    assert not watcher.woken.is_set()


def test_what_changed_before_it_began_to_watch_is_not_missed(team: Path) -> None:
    watcher = Watcher()
    watcher.watch.follow([str(team)])
    assert watcher.woken.wait(LONG)
    watcher.watch.close()


def test_a_file_wakes_each_time_it_is_replaced(watcher: Watcher, team: Path) -> None:
    watcher.follow(files=(team / "api.json",))
    for _ in range(3):
        assert watcher.sees(lambda: replace(team / "api.json"))


def test_where_nothing_is_yet_what_appears_wakes_and_is_watched(watcher: Watcher, tmp_path: Path) -> None:
    watcher.follow(tmp_path / "out/backend", files=(tmp_path / "etc/checkpoint.toml",))
    assert watcher.sees(lambda: write(tmp_path, {"out/backend/src/a": "x"}))
    watcher.settle()
    assert watcher.sees(lambda: write(tmp_path, {"out/backend/src/b": "x"}))
    assert watcher.sees((tmp_path / "etc").mkdir)
    watcher.settle()
    assert watcher.sees(lambda: write(tmp_path, {"etc/checkpoint.toml": "x"}))


def test_other_folders_are_watched_when_others_are_followed(watcher: Watcher, tmp_path: Path) -> None:
    write(tmp_path, {"one/x": "", "two/x": ""})
    watcher.follow(tmp_path / "one")
    watcher.follow(tmp_path / "two")
    assert set(watcher.watch.armed.folders) == {str(tmp_path / "two")}
    assert watcher.sees(lambda: write(tmp_path, {"two/x": "y"}))


def test_the_same_folders_again_are_no_reason_to_begin_anew(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    armed = watcher.watch.armed
    watcher.watch.follow([str(team), str(team)])
    assert not watcher.watch._turn.is_set()
    assert watcher.sees(lambda: write(team, {"x": ""}))
    assert watcher.watch.armed is armed


def test_new_folders_are_watched_too_however_deep(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    deep = team.joinpath(*map(str, range(200)))
    assert watcher.sees(lambda: deep.mkdir(parents=True))
    watcher.settle()
    assert str(deep) in watcher.watch.armed.folders
    assert watcher.sees((deep / "x").touch)


def test_many_new_folders_are_all_seen_by_who_was_woken(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    files = {f"{number}/a/b/file": "x" for number in range(200)}
    assert watcher.sees(lambda: write(team, files))
    assert {str(team / path) for path in files} <= set(look([str(team)], [], {}).entries(str(team)) or ())
    watcher.settle()
    assert watcher.sees(lambda: write(team, {"199/a/b/other": "x"}))


def test_a_burst_wakes_and_is_seen_whole(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    files = {f"burst/{number}": "x" for number in range(5000)}
    assert watcher.sees(lambda: write(team, files))
    assert {str(team / path) for path in files} <= set(look([str(team)], [], {}).entries(str(team)) or ())


def test_a_folder_that_was_deleted_and_made_again_is_watched_again(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    for _ in range(2):
        shutil.rmtree(team)
        write(team, {"docs/new": "x"})
        watcher.settle()
        assert watcher.sees(lambda: (team / "docs/new").write_text("y"))


def test_a_folder_that_was_replaced_without_an_event_is_found_by_a_rescan(watcher: Watcher, tmp_path: Path) -> None:
    write(tmp_path, {"out/team/x": ""})
    watcher.follow(tmp_path / "out/team")
    (tmp_path / "out").rename(tmp_path / "old")
    write(tmp_path, {"out/team/x": ""})
    watcher.watch.rearm()
    watcher.settle()
    assert watcher.sees(lambda: write(tmp_path, {"out/team/x": "y"}))


def test_a_rescan_that_finds_the_same_folders_changes_nothing(watcher: Watcher, team: Path) -> None:
    watcher.follow(team)
    armed = watcher.watch.armed
    watcher.watch.rearm()
    until(lambda: not watcher.watch._is_in_doubt)
    assert watcher.sees(lambda: write(team, {"x": ""}))
    assert watcher.watch.armed is armed


def test_names_that_are_no_text_do_not_end_the_watch(watcher: Watcher, team: Path) -> None:
    (team / "docs" / os.fsdecode(b"\xff")).mkdir()
    watcher.follow(team)
    assert watcher.sees((team / os.fsdecode(b"\xff")).touch)
    armed = watcher.watch.armed
    until(lambda: watcher.watch.armed is not armed)
    assert watcher.sees(lambda: write(team, {"x": ""}))
    assert not watcher.problems


def test_a_checkout_brought_forward_is_a_hint_and_no_news(watcher: Watcher, tmp_path: Path) -> None:
    work, remote = make_published(tmp_path)
    git(tmp_path, "clone", "-q", str(remote), "other")
    plan, heads = work / "plan.md", remote / "refs/heads"
    watcher.follow(work, heads, files=(plan, work / ".git/packed-refs"))
    before = look([str(work)], [], {"main": "1"})
    assert watcher.sees(lambda: push_edit(tmp_path / "other", {"plan.md": "# Changed\n"}))
    assert watcher.sees(lambda: git(work, "pull", "-q", "--ff-only"))
    after = look([str(work)], [], {"main": "2"})
    settled = Accounted().settled(before, after, 0.0, judged={"main": "2"}, published=[str(plan)])
    assert settled.news(after, 0.0) == ()
    commit(work, {"out/api.json": "{}"})
    assert settled.news(look([str(work)], [], {"main": "2"}), 0.0) == (f"{work}/out", f"{work}/out/api.json")


def test_it_can_poll_where_there_are_no_events(watcher: Watcher, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", "1")
    watcher.follow(team)
    assert watcher.sees(lambda: write(team, {"new": "x"}))


def test_a_watch_that_follows_nothing_can_be_closed() -> None:
    Watcher().watch.close()


OTHER_PROCESS = """
import sys, threading
from checkpoint.triggers.watch import Watch
from checkpoint.triggers.world import look
from checkpoint.triggers.touches import Touches
woken, touches = threading.Event(), Touches()
watch = Watch(woken.set, lambda text: print("problem", text, flush=True), touches)
watch.follow(sys.argv[1:])
while woken.wait(60):
    woken.clear()
    found = look(sys.argv[1:], [], {}).folders.values()
    print("entries", sum(each.size for each in found), "everywhere" * touches.taken().everywhere, flush=True)
"""


class Other:
    """A watch in another process, which counts all entries whenever it is woken."""

    def __init__(self, *prefix: str, folders: list[Path]) -> None:
        argv = [*prefix, sys.executable, "-c", OTHER_PROCESS, *map(str, folders)]
        env = {**os.environ, "PYTHONPATH": ROOT}
        self.process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, text=True)

    def says(self, wanted: str) -> str:
        """Its next line that begins so."""
        assert self.process.stdout
        return next(line for line in self.process.stdout if line.startswith(wanted))

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_after_lost_events_everything_is_seen_and_watched(team: Path) -> None:
    """The kernel keeps some 16,000 events for who does not read them."""
    other = Other(folders=[team])
    try:
        while "everywhere" in other.says("entries"):
            (team / "api.json").touch()
        other.process.send_signal(signal.SIGSTOP)
        end = time.monotonic() + 1.5
        for number in range(20_000):
            os.utime(team / ("api.json" if number % 2 else "docs"))
        (team / "lost").touch()
        time.sleep(max(0.0, end - time.monotonic()))
        other.process.send_signal(signal.SIGCONT)
        other.says("entries 6 everywhere")
        (team / "found").touch()
        assert "everywhere" not in other.says("entries 7")
    finally:
        other.close()


def limited(name: str, value: int) -> tuple[str, ...]:
    """What runs a program in a user namespace of its own with that limit; the test is skipped where it may not."""
    prefix = ("unshare", "--user", "--map-root-user", "sh", "-c", f'echo {value} > /proc/sys/user/{name} && exec "$@"')
    if (
        not shutil.which("unshare")
        or subprocess.run([*prefix, "-", "true"], check=False, capture_output=True).returncode
    ):
        pytest.skip("this user may not make a user namespace")
    return (*prefix, "-")


@pytest.mark.parametrize(("name", "value"), [("max_inotify_watches", 3), ("max_inotify_instances", 0)])
def test_a_limit_is_told_once_with_its_mend(tmp_path: Path, name: str, value: int) -> None:
    write(tmp_path, {f"{number}/{inner}/x": "" for number in range(2) for inner in range(5)})
    other = Other(*limited(name, value), folders=[tmp_path / "0", tmp_path / "1"])
    try:
        assert name.replace("inotify", "user") in other.says("problem")
        if name == "max_inotify_watches":
            other.says("entries")
            (tmp_path / "0/new").touch()
            other.says("entries 23")
    finally:
        other.close()
