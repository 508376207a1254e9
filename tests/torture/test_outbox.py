"""What is held against the outbox can fail: it is held against tellers that lose, repeat, crowd and wait."""

from pathlib import Path

import pytest

from benchmarks.outbox import Row
from benchmarks.torture.outbox import Away, broken, shop, states_in
from tests.helpers.killing import Told
from tests.helpers.slack_server import SlackServer

KEPT = [Row("outbox: Slack", Told(9, 0, 0), 0)]
CROWD = (Told(30, 0, 0), 1)
AWAY = Away([0.3, 0.4], [0.4, 0.5], Told(4, 0, 0))


def test_what_keeps_the_promise_breaks_nothing() -> None:
    assert not list(broken(KEPT, CROWD, AWAY))


@pytest.mark.parametrize(
    ("killed", "crowd", "away"),
    [
        ([Row("outbox: Slack", Told(9, 1, 0), 0)], CROWD, AWAY),
        ([Row("outbox: Slack", Told(9, 0, 1), 0)], CROWD, AWAY),
        ([Row("outbox: terminal", Told(9, 0, 2), 1)], CROWD, AWAY),
        (KEPT, (Told(30, 0, 0), 2), AWAY),
        (KEPT, (Told(30, 1, 0), 1), AWAY),
        (KEPT, CROWD, AWAY._replace(told=Told(4, 0, 1))),
        (KEPT, CROWD, AWAY._replace(away=[0.4, 10.4])),
    ],
)
def test_each_way_to_break_it_is_named(killed: list[Row], crowd: tuple[Told, int], away: Away) -> None:
    assert len(list(broken(killed, crowd, away))) == 1


def test_states_that_nobody_was_told_or_that_stand_in_two_messages_are_counted(tmp_path: Path) -> None:
    with SlackServer(pace=0.0) as slack, shop(tmp_path, slack, 3) as place:
        with place.told():
            place.step()
            place.finish()
        assert states_in(slack, 3) == Told(3, 2, 0)
        (message,) = slack.roots
        slack.messages.append(message)
        assert states_in(slack, 1) == Told(1, 0, 1)
