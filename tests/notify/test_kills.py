"""Couriers killed at random moments: everything is told, and once. `benchmarks/outbox.py` does it more often."""

from pathlib import Path

from tests.helpers.killing import DistantSlack, Told, World


def told_after(kills: int, way: str, folder: Path) -> dict[str, Told]:
    with DistantSlack() as slack, World(folder, slack, way, seed=3) as world:
        world.kill(kills)
        return world.told()


def test_kills_lose_nothing_and_tell_nothing_twice(tmp_path: Path) -> None:
    told = told_after(20, "outbox", tmp_path)
    assert set(told) == {"Slack", "Slack, the message's thread", "terminal", "file"}
    assert all(each.notices for each in told.values())
    assert {channel: each.lost for channel, each in told.items() if each.lost} == {}
    # Between a terminal's line and its mark there are microseconds, and a kill may come in them.
    assert {channel: each.twice for channel, each in told.items() if each.twice > (channel == "terminal")} == {}


def test_kills_are_not_harmless(tmp_path: Path) -> None:
    """Who sends a message and then notes that it was sent tells some of them twice."""
    assert told_after(10, "send, then record", tmp_path)["Slack"].twice
