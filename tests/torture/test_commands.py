"""The checker of the promise on commands: what it calls broken, shown on the naive way and on counts that are wrong."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.torture.changed_bytes import COMMAND, Counted, Repository, changed, count_ours
from benchmarks.torture.command_world import BARE, NAIVE, SANDBOXED, TOO_LONG, Ran, World, judged
from benchmarks.torture.commands import MORE, Tried, broken, broken_bytes

CALM = Ran(0, 30, 0, (), 0)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world") as made:
        yield made


def as_ours(world: World, attack: str, *arguments: str) -> list[str]:
    """What is said of the naive way where it is taken for ours."""
    calm = Tried(SANDBOXED.name, "thief", CALM)
    return list(broken([calm, Tried(SANDBOXED.name, attack, world.attack(NAIVE, attack, *arguments))]))


def test_the_naive_way_gives_everything_to_a_thief(world: World) -> None:
    found = as_ours(world, "thief", str(world.home), world.port)
    assert len(found) == 8
    assert "thief in bubblewrap: got hold of the key in ~/.ssh" in found
    assert "thief in bubblewrap: changed forged, plan.md" in found
    assert "thief in bubblewrap: reached a service of this machine" in found


def test_the_naive_way_gives_everything_to_a_glutton(world: World) -> None:
    assert "glutton in bubblewrap: got hold of processes without end" in as_ours(world, "glutton")


def test_the_naive_way_leaves_what_a_bomb_forked(world: World) -> None:
    assert as_ours(world, "bomb", "3") == ["bomb in bubblewrap: 12 processes left"]


def test_what_the_naive_way_left_is_ended_by_the_next_look(world: World) -> None:
    world.attack(NAIVE, "bomb", "2")
    assert world.attack(NAIVE, "thief", str(world.home), world.port).left == 0


@pytest.mark.parametrize(
    ("way", "attack", "ran", "said"),
    [
        (SANDBOXED, "daemons", CALM._replace(left=1), "1 processes left"),
        (BARE, "daemons", CALM._replace(left=1), "1 processes left"),
        (BARE, "stubborn", CALM._replace(status=0), "ended with 0"),
        (BARE, "thief", CALM._replace(status=2), "got hold of the token in its parent's environment"),
        (BARE, "glutton", CALM._replace(status=1), "got hold of a file of 20 GB"),
        (BARE, "flood", CALM._replace(memory=31 + MORE), f"{31 + MORE} MiB of memory, 30 without it"),
        (SANDBOXED, "thief", CALM._replace(reached=1), "reached a service of this machine"),
    ],
)
def test_what_is_broken(way: object, attack: str, ran: Ran, said: str) -> None:
    name = getattr(way, "name", "")
    calm = [Tried(each.name, "thief", CALM) for each in (SANDBOXED, BARE)]
    assert list(broken([*calm, Tried(name, attack, ran)])) == [f"{attack} {name}: {said}"]


def test_what_is_not_promised_without_bubblewrap_is_not_held_against_it() -> None:
    ran = CALM._replace(status=60, changed=("plan.md",), reached=1)
    assert list(broken([Tried(BARE.name, "thief", ran)])) == []


def test_a_verdict_that_says_nothing_of_the_command_is_no_figure(world: World) -> None:
    (world.top / "plan.md").write_text((world.top / "plan.md").read_text().replace("sh attack", "sh other"))
    said = world.checkpoint("check", "--json", "A1").stdout
    with pytest.raises(ValueError, match="untrusted"):
        judged(5, said)


def test_a_command_that_took_too_long_is_told_from_one_that_failed(world: World) -> None:
    assert world.attack(BARE, "stubborn").status == TOO_LONG


def test_wherever_the_changed_byte_is_an_execution_is_seen(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for place in range(len(COMMAND)):
        subprocess.run(changed(COMMAND, place), shell=True, cwd=repository.top / "a", capture_output=True, check=False)
        assert repository.has_run(), place
    assert not repository.has_run()


class Trusting(Repository):
    """Executes whatever the plan says, and is content."""

    def now(self) -> int:
        self.naive()
        return 0


def test_who_executes_what_was_not_approved_is_found_out(tmp_path: Path) -> None:
    counted = count_ours(Trusting(tmp_path), range(0, 30, 10))
    assert counted == Counted(changed=3, executed=3, ended=(0, 0, 0), approved=True)
    assert len(list(broken_bytes(counted))) == 2


def test_who_executes_nothing_at_all_is_found_out() -> None:
    assert list(broken_bytes(Counted(3, 0, (), approved=False))) == ["an approved command was not executed"]
