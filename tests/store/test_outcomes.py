"""What commands did, kept by what decided it."""

import os
from pathlib import Path

import pytest

from checkpoint.errors import Stalled
from checkpoint.store.outcomes import Outcomes


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    return Outcomes(str(tmp_path / "outcomes"))


def test_what_was_written_is_read(outcomes: Outcomes) -> None:
    outcomes.write("key", b"what it did" * 1000)
    assert outcomes.read("key") == b"what it did" * 1000
    assert outcomes.read("other") is None


@pytest.mark.parametrize("damage", [lambda all_of_it: all_of_it[:-1], lambda _: b"", lambda _: b"x" * 20])
def test_what_is_damaged_is_none(outcomes: Outcomes, tmp_path: Path, damage: object) -> None:
    outcomes.write("key", b"what it did")
    path = tmp_path / "outcomes/key"
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    assert outcomes.read("key") is None


def test_it_is_for_its_owner_alone(outcomes: Outcomes, tmp_path: Path) -> None:
    outcomes.write("key", b"what it did")
    assert (tmp_path / "outcomes").stat().st_mode & 0o777 == 0o700
    path = tmp_path / "outcomes/key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(Stalled, match="open to others"):
        outcomes.read("key")


def test_what_is_of_no_use_any_more_goes(outcomes: Outcomes, tmp_path: Path) -> None:
    for number, key in enumerate("abcd"):
        outcomes.write(key, os.urandom(1000))
        os.utime(tmp_path / "outcomes" / key, (100 + number, 100 + number))
    outcomes.read("a")
    assert outcomes.prune(102, 2500) == 2
    assert sorted(os.listdir(tmp_path / "outcomes")) == ["a", "d"]


def test_where_there_is_nothing_nothing_goes(outcomes: Outcomes) -> None:
    assert outcomes.prune(0, 0) == 0
