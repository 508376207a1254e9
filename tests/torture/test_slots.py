"""The checker of the fourth promise: what it calls broken, on machines that know no slots and on what is damaged."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from benchmarks.torture.history import read_history
from benchmarks.torture.machines import BEGINS_A_PUSH, PUSHES, Ran, Site, site
from benchmarks.torture.slots import (
    BY_CRON,
    BY_SLOT,
    FULL,
    WITHOUT_SLOT,
    Counted,
    Size,
    Way,
    agenda,
    broken,
    count,
    figure,
    machine_at,
    settle,
    take,
    told,
)
from benchmarks.torture.states import STATES
from tests.helpers.slack_server import SlackServer
from tests.helpers.slack_state import Message, Revision

PAIR = Size(machines=2, slots=1)
WELL = Ran(0, "")


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer(pace=0.0) as made:
        yield made


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Site]:
    with site(tmp_path / "site") as made:
        yield made


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """A slot of two machines, as it should be."""
    return count(tmp_path_factory.mktemp("slots"), PAIR, BY_SLOT, 1)


def test_every_machine_comes_to_every_slot_once_and_some_come_late() -> None:
    plans = agenda(FULL, 4)
    slots = [list(chain.from_iterable(turn.slots for turn in turns)) for turns in plans]
    assert all(sorted(each) == list(range(FULL.slots)) for each in slots)
    assert sum(turn.slots == (slot, slot - 1) for turns in plans for slot, turn in enumerate(turns)) == FULL.slots // 5
    assert agenda(FULL, 4) == plans
    assert FULL.machines * FULL.slots < STATES


def test_one_commit_and_one_notice_are_what_is_promised(counted: Counted) -> None:
    assert broken(counted) == []
    assert figure(counted) == "1 slots, 2 machines each: 1 commits, 1 notices"


@pytest.mark.parametrize("way", [WITHOUT_SLOT, BY_CRON])
def test_machines_that_know_no_slots_break_it(tmp_path: Path, way: Way) -> None:
    seen = count(tmp_path, PAIR, way, 1)
    assert figure(seen) == "1 slots, 2 machines each: 2 commits, 2 notices"
    assert broken(seen) == ["slot 0: 2 commits, 2 notices"]


def test_a_notice_that_is_told_twice_never_or_of_nothing_breaks_it(counted: Counted) -> None:
    (run,) = counted.told
    assert broken(counted._replace(told=[run, run])) == ["slot 0: 1 commits, 2 notices"]
    assert broken(counted._replace(told=[])) == ["slot 0: 1 commits, 0 notices"]
    assert broken(counted._replace(told=["other"])) == ["slot -1: 0 commits, 1 notices", "slot 0: 1 commits, 0 notices"]


def test_a_slot_without_a_commit_or_a_command_that_fails_breaks_it(counted: Counted) -> None:
    assert broken(counted._replace(size=Size(2, 2))) == ["slot 1: 0 commits, 0 notices"]
    assert broken(counted._replace(runs=[WELL, Ran(4, "no")])) == ["a command ended with status 4: no"]


def test_two_commands_of_one_machine_at_once_are_one(place: Site, slack: SlackServer) -> None:
    machine = machine_at(place, 0, slack)
    runs = take(Size(1, 2), machine, 0, BY_SLOT, print, 1)
    assert runs == [WELL, WELL]
    assert len(read_history(place.remote).by([machine.name])) == len(told(slack)) == 1


def test_what_was_not_told_in_time_is_carried_in_the_end(place: Site, slack: SlackServer) -> None:
    machine = machine_at(place, 0, slack)
    with slack.down():
        take(PAIR, machine, 0, BY_SLOT, print, 0)
    assert told(slack) == []
    settle(place, [machine], slack, BY_SLOT.argv, 0)
    assert len(read_history(place.remote).by([machine.name])) == len(told(slack)) == 1


def test_damage_breaks_it(counted: Counted) -> None:
    assert broken(counted._replace(history=counted.history._replace(fsck="bad")))[-1] == "fsck: bad"


def test_each_message_and_each_new_text_of_one_tells_once(slack: SlackServer) -> None:
    slack.messages += [message("a", "a", "b"), message("b"), message("c", thread="1")]
    assert Counter(told(slack)) == {"a": 1, "b": 2}


def message(*keys: str, thread: str = "") -> Message:
    revisions = [Revision(0.0, "", [], {"event_payload": {"key": key}}, []) for key in keys]
    return Message("C", "1", thread, "bot", revisions)


@pytest.mark.parametrize("moment", [BEGINS_A_PUSH, PUSHES])
def test_who_takes_the_slot_while_another_pushes_for_it_has_it(place: Site, slack: SlackServer, moment: str) -> None:
    one, other = (machine_at(place, number, slack) for number in range(2))
    runs: list[Ran] = []

    def meddle(path: str) -> None:
        if path == f"/{one.name}/remote.git{moment}":
            place.meddle = lambda path: None
            runs.extend(take(PAIR, other, 1, BY_SLOT, print, 0))

    place.meddle = meddle
    runs.extend(take(PAIR, one, 0, BY_SLOT, print, 0))
    seen = Counted(read_history(place.remote), [one.name, other.name], PAIR, runs, told(slack), 0.0)
    assert broken(seen) == []
    assert [each.by for each in seen.history.by(seen.machines)] == [other.name]
    assert runs == [WELL, WELL]
