"""What is news and what is the commands' own doing: case by case."""

import binascii
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from checkpoint import private
from checkpoint.errors import Stalled
from checkpoint.triggers.accounted import QUIET, Accounted
from checkpoint.triggers.accounted_file import KEPT_LIMIT, read_accounted, write_accounted
from checkpoint.triggers.found import Looks, found
from checkpoint.triggers.world import World

TEAM, OTHER = "/r/out/backend", "/r/out/frontend"
START = {f"{TEAM}/a": 1, f"{TEAM}/b": 1, f"{OTHER}/c": 1}


def world(files: dict[str, int] | None = None, **refs: str) -> World:
    """The world with these files, each at its version."""
    entries = {top: {top: looks(1)} for top in (TEAM, OTHER)}
    for path, version in (files or START).items():
        entries[TEAM if path.startswith(TEAM) else OTHER][path] = looks(version)
    return World(refs or {"main": "1"}, {top: found(top, each) for top, each in entries.items()})


def looks(version: int) -> Looks:
    return 0, 0, 0, version, 0


class Runs:
    """A plan with commands in TEAM's folder, its checkpoints, and the seconds that pass between them."""

    def __init__(self) -> None:
        self.files = dict(START)
        self.accounted = Accounted()
        self.run()

    def write(self, **versions: int) -> None:
        """Somebody writes below TEAM's folder; a double underscore stands for a slash."""
        self.files |= {f"{TEAM}/{name.replace('__', '/')}": version for name, version in versions.items()}

    def is_due(self, quiet: float = 2.0) -> bool:
        return bool(self.accounted.news(world(self.files), quiet))

    def run(self, quiet: float = 2.0, **writes: int) -> None:
        """A checkpoint, while these are written."""
        before = world(self.files)
        self.write(**writes)
        self.accounted = self.accounted.settled(before, world(self.files), quiet, judged={}, working=[TEAM])

    def follow_ups(self, *writes: dict[str, int]) -> int:
        """How many checkpoints follow if each writes what comes next, and nobody does anything."""
        for number, each in enumerate(writes):
            if not (self.is_due() or self.is_due(60.0)):
                return number
            self.run(2.0 if self.is_due() else 60.0, **each)
        return len(writes)


def test_what_no_checkpoint_has_seen_is_news() -> None:
    assert Accounted().news(world(), 0.0) == (TEAM, *list(START)[:2], OTHER, f"{OTHER}/c", "branch main")


def test_what_a_checkpoint_has_seen_is_no_news() -> None:
    settled = Accounted().settled(world(), world(), 0.0, judged={})
    assert settled.news(world(), 0.0) == ()
    assert settled.news(world({**START, f"{OTHER}/c": 2}), 0.0) == (f"{OTHER}/c",)


def test_the_commit_that_a_checkpoint_made_is_no_news_but_a_later_one_is() -> None:
    before = world(main="1", side="a")
    settled = Accounted().settled(before, world(main="2", side="a"), 0.0, judged={"main": "2"})
    assert settled.news(world(main="2", side="a"), 0.0) == ()
    settled = Accounted().settled(before, world(main="3", side="b"), 0.0, judged={"main": "2"})
    assert settled.news(world(main="3", side="b"), 0.0) == ("branch main", "branch side")


def test_the_plan_that_a_checkpoint_wrote_is_no_news() -> None:
    plan = f"{TEAM}/plan.md"
    before, after = {**START, plan: 1}, {**START, plan: 2, f"{TEAM}/a": 2}
    settled = Accounted().settled(world(before), world(after), 0.0, judged={}, published=[plan])
    assert settled.news(world(after), 0.0) == (f"{TEAM}/a",)


def test_a_plan_that_gained_or_lost_a_team_needs_one_checkpoint_more_at_most() -> None:
    small = World({"main": "1"}, {TEAM: world().folders[TEAM]})
    gained = Accounted().settled(small, world(), 0.0, judged={})
    assert gained.news(world(), 0.0)
    assert not gained.settled(world(), world(), 0.0, judged={}).news(world(), 0.0)
    assert not Accounted().settled(world(), small, 0.0, judged={}).news(small, 0.0)


def test_without_commands_every_change_during_a_run_is_followed_at_once() -> None:
    accounted, files = Accounted(), dict(START)
    for version in range(2, 9):
        before = world(files)
        files[f"{TEAM}/a"] = version
        accounted = accounted.settled(before, world(files), 60.0, judged={})
        assert accounted.news(world(files), 0.0) == (f"{TEAM}/a",)
    assert not accounted.settled(world(files), world(files), 0.0, judged={}).news(world(files), 0.0)


def test_a_change_during_a_run_is_followed_by_one_more() -> None:
    runs = Runs()
    runs.run(a=2)
    assert runs.is_due()
    runs.run()
    assert not runs.is_due(60.0)


def test_what_commands_write_each_time_is_known_after_two_follow_ups() -> None:
    runs = Runs()
    runs.write(a=2)
    runs.run(cache=1)
    assert runs.follow_ups({"cache": 2}, {"cache": 3}, {"cache": 4}) == 2
    assert not runs.is_due(60.0)
    runs.write(a=3)
    runs.run(cache=5)
    assert not runs.is_due(60.0)


def test_names_that_commands_make_anew_each_time_are_known_by_their_folder() -> None:
    runs = Runs()
    runs.write(logs=1)
    runs.run(logs__1=1)
    assert runs.follow_ups({"logs__2": 1}, {"logs__3": 1, "logs__3__deep": 1}, {"logs__4": 1}) == 2
    runs.write(a=3)
    runs.run(logs__5=1, logs__6=1)
    assert not runs.is_due(60.0)


def test_commands_that_write_elsewhere_each_time_come_to_rest() -> None:
    runs = Runs()
    runs.files |= {f"{TEAM}/f{number}": 1 for number in range(9)}
    runs.run(f1=2)
    assert runs.follow_ups(*({f"f{number}": 2} for number in range(2, 9))) == 3


def test_commands_that_write_outside_of_their_folder_come_to_rest() -> None:
    accounted, files, number = Runs().accounted, dict(START), 0
    for number in range(9):
        before = world(files)
        files[f"{OTHER}/c"] += 1
        quiet = 2.0 if number == 0 or accounted.news(before, 2.0) else 60.0
        accounted = accounted.settled(before, world(files), quiet, judged={}, working=[TEAM])
        if not accounted.news(world(files), 60.0):
            break
    assert number == 3


def test_work_on_the_same_file_during_two_runs_is_not_taken_for_the_commands() -> None:
    runs = Runs()
    runs.run(a=2)
    runs.run(a=3)
    assert not runs.is_due()
    assert runs.is_due(QUIET)
    runs.run(60.0)
    assert not runs.is_due(60.0)
    assert not runs.accounted.own


def test_work_during_a_run_that_somebodys_work_began_is_not_taken_for_the_commands() -> None:
    runs = Runs()
    runs.run(a=2)
    runs.write(b=2)
    runs.run(60.0, a=3)
    assert runs.is_due()


def test_a_doubt_waits_for_quiet_but_a_new_change_does_not() -> None:
    runs = Runs()
    runs.run(a=2)
    runs.run(a=3)
    assert not runs.is_due(QUIET - 1)
    runs.write(b=2)
    assert runs.is_due(0.0)


def test_another_teams_work_during_two_runs_does_not_wait() -> None:
    accounted, files = Runs().accounted, dict(START)
    for version in (2, 3):
        before = world(files)
        files |= {f"{OTHER}/c": version, f"{TEAM}/cache": version}
        accounted = accounted.settled(before, world(files), 2.0, judged={}, working=[TEAM])
    assert f"{OTHER}/c" in accounted.news(world(files), 2.0)


def test_another_teams_work_is_not_the_commands_even_in_quiet() -> None:
    accounted, files = Runs().accounted, dict(START)
    for version in (2, 3):
        before = world(files)
        files |= {f"{OTHER}/c": version, f"{TEAM}/a": version}
        accounted = accounted.settled(before, world(files), 60.0, judged={}, working=[TEAM])
    assert accounted.news(world(files), 60.0) == (f"{OTHER}/c",)


def test_where_somebody_else_writes_too_nothing_is_known_any_more() -> None:
    runs = Runs()
    runs.run(cache=1)
    runs.follow_ups({"cache": 2}, {"cache": 3}, {})
    assert runs.accounted.own == {f"{TEAM}/cache"}
    runs.write(cache=9)
    assert runs.is_due()
    runs.run(cache=10)
    assert runs.is_due()


@pytest.mark.parametrize("stop", range(4))
def test_a_restart_at_any_point_changes_nothing(tmp_path: Path, stop: int) -> None:
    runs = Runs()
    due = []
    for number, writes in enumerate(({"cache": 1}, {"cache": 2}, {"cache": 3}, {"cache": 4})):
        runs.run(60.0, **writes)
        if number == stop:
            write_accounted(str(tmp_path / "kept"), runs.accounted)
            kept = read_accounted(str(tmp_path / "kept"))
            assert kept
            runs.accounted = kept
        due.append(runs.is_due(60.0))
    assert due == [True, True, False, False]


def test_after_a_restart_folders_stand_for_what_changed_in_them(tmp_path: Path) -> None:
    kept = restarted(tmp_path, Runs().accounted)
    assert kept.news(world(), 0.0) == ()
    assert kept.news(world({**START, f"{TEAM}/new": 1}, main="2"), 0.0) == (TEAM, "branch main")


def restarted(folder: Path, accounted: Accounted) -> Accounted:
    path = str(folder / "kept")
    write_accounted(path, accounted)
    kept = read_accounted(path)
    assert kept
    return kept


def test_names_that_are_no_text_are_kept(tmp_path: Path) -> None:
    strange = os.fsdecode(b"/r/\xff")
    accounted = Accounted(
        World({"b\udcff": "1"}, {strange: found(strange, {strange: looks(1)})}), own=frozenset((strange,))
    )
    kept = restarted(tmp_path, accounted)
    assert (kept.own, kept.news(accounted.seen, 0.0)) == (accounted.own, ())


def test_what_is_kept_is_small(tmp_path: Path) -> None:
    files = {f"{TEAM}/{number:040}/": looks(1) for number in range(30_000)}
    marks = frozenset({*list(files)[:5], *(path[:-1] for path in files)})
    accounted = Accounted(World({}, {TEAM: found(TEAM, files)}), own=marks, recent=marks)
    kept = restarted(tmp_path, accounted)
    assert len(kept.own) == len(kept.recent) == KEPT_LIMIT
    assert set(list(files)[:5]) < kept.own
    assert (tmp_path / "kept").stat().st_size < 2_000_000


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut": lambda content: content[:-1],
    "one bit": lambda content: content[:50] + bytes([content[50] ^ 1]) + content[51:],
    "no data": lambda content: b"\0\0\0\0",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_counts_as_nothing(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "kept"
    write_accounted(str(path), Runs().accounted)
    private.write(str(path), damage(path.read_bytes()))
    assert read_accounted(str(path)) is None
    assert read_accounted(str(tmp_path / "missing")) is None


def test_another_versions_file_counts_as_nothing(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_accounted(str(path), Runs().accounted)
    private.write(str(path), sealed(path.read_bytes()[4:].replace(b"version", b"Version")))
    assert read_accounted(str(path)) is None
    private.write(str(path), sealed(b"no marshal"))
    assert read_accounted(str(path)) is None


def sealed(content: bytes) -> bytes:
    return binascii.crc32(content).to_bytes(4) + content


def test_a_file_that_others_may_write_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_accounted(str(path), Accounted())
    path.chmod(0o666)
    with pytest.raises(Stalled, match="open to others"):
        read_accounted(str(path))
