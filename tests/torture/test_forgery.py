"""That the judge of forgeries sees one that was believed, or that nobody names."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from benchmarks.torture.forgeries import FORGERIES, Forgery
from benchmarks.torture.forgery import claimed_as_done, is_there, is_ticked, judged
from checkpoint.documents import Now
from tests.helpers.scenes import Scene

BY_NAME = {each.name: each for each in FORGERIES}


@pytest.fixture
def empty(tmp_path: Path) -> Scene:
    return claimed_as_done(tmp_path, BY_NAME["empty file"])


def test_there_are_twelve_of_them() -> None:
    assert len(BY_NAME) == 12


def test_the_naive_ways_believe_it(empty: Scene) -> None:
    assert is_ticked(empty)
    assert is_there(empty)


def test_a_box_without_its_file_is_not_believed_by_who_looks_for_files(tmp_path: Path) -> None:
    scene = claimed_as_done(tmp_path, BY_NAME["status text"])
    assert is_ticked(scene)
    assert not is_there(scene)


def test_a_checkpoint_that_counts_it_is_broken(empty: Scene) -> None:
    taken, plan = empty.now(), empty.plan
    assert not judged(BY_NAME["empty file"], taken, plan, True, True).broken
    believing = msgspec.convert(verified(msgspec.to_builtins(taken)), Now)
    assert "empty file: counted as verified" in judged(BY_NAME["empty file"], believing, plan, True, True).broken


def verified(document: Any) -> Any:
    """The document, with everything in it verified."""
    for team in document["report"]["teams"]:
        for task in team["tasks"]:
            task["state"] = "verified"
    return document


def test_a_plan_in_which_the_tick_stays_is_broken(empty: Scene) -> None:
    before = empty.plan
    broken = judged(BY_NAME["empty file"], empty.now(), before, True, True).broken
    assert broken[0] == "empty file: counted as verified"
    assert len(broken) == 3


@pytest.mark.parametrize("name", ["status text", "marker", "edited journal"])
def test_a_forgery_that_nobody_names_is_broken(name: str, tmp_path: Path) -> None:
    scene = claimed_as_done(tmp_path, BY_NAME[name])
    taken = scene.now()
    silent = msgspec.structs.replace(taken, report=msgspec.structs.replace(taken.report, foreign=()))
    assert (
        f"{name}: nobody says {kind(BY_NAME[name])!r}" in judged(BY_NAME[name], silent, scene.plan, True, True).broken
    )


def kind(forgery: Forgery) -> str:
    return next(each for each in forgery.said if "'kind'" in each)
