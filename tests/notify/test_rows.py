"""A notice in the outbox is small, however much there was to say, and says what it can."""

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import checkpoint.notify
from checkpoint.notify import Notice, TeamNotice
from checkpoint.notify.rows import TEXT, TITLE, decoded, row
from checkpoint.store.outbox import Outgoing


def kept(notice: Notice) -> Notice:
    """The notice as it comes out of the outbox again."""
    channel, key, kind, content = row("slack", notice)
    return decoded(Outgoing(1, channel, key, "waiting", 0.0, 0, 0.0, "", "", "", "", content, kind))


@given(st.builds(Notice, st.text(), st.text(), st.text(), st.text()))
def test_what_is_small_comes_out_as_it_was(notice: Notice) -> None:
    assert kept(notice) == notice


@pytest.mark.parametrize("teams", [1, 30])
def test_what_is_large_is_cut(teams: int) -> None:
    much = "x" * 3_000_000
    notice = Notice("r1", "plan.md", much, much, teams=tuple(TeamNotice(f"t{n}", much, much) for n in range(teams)))
    found = kept(notice)
    assert (len(found.title), found.title[-1]) == (TITLE, "…")
    assert (len(found.text), found.text[-1]) == (TEXT, "…")
    assert sum(len(team.text) for team in found.teams) <= TEXT
    assert {team.terminal for team in found.teams} == {""}
    assert len(msgspec.json.encode(found)) < 3 * TEXT


def test_no_courier_is_the_first_to_decode_a_type() -> None:
    """Two threads that do so at the same moment end the whole process: a decoder learns its type when it is made."""
    for path in Path(checkpoint.notify.__path__[0]).glob("*.py"):
        assert not re.search(r"msgspec\.convert|json\.decode\(.*type=", path.read_text()), path
