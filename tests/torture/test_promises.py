"""Every promise of docs/reliability.md, in the short form of `make torture`."""

import re
import shutil
from pathlib import Path

import pytest

from benchmarks.floor import ROOT
from benchmarks.torture.promise import Trial
from benchmarks.torture.trials import NAMES, torture_named

NEEDED = {"injection": "tmux"}
"""Programs without which a promise cannot be put to the test at all."""


@pytest.mark.parametrize("name", NAMES)
def test_the_promise_is_kept(name: str, tmp_path: Path) -> None:
    if not shutil.which(NEEDED.get(name, "git")):
        pytest.skip(f"{NEEDED[name]} is not installed")
    outcome = torture_named(name).run(Trial(seed=4, folder=tmp_path, short=True))
    assert not outcome.broken
    assert outcome.reached
    assert outcome.naive


def test_every_promise_has_its_own_number() -> None:
    assert [torture_named(name).PROMISE.number for name in NAMES] == list(range(1, len(NAMES) + 1))


def test_the_pages_show_the_same_run_and_the_promises_as_they_are() -> None:
    """The table of docs/reliability.md is the one of the results, and says of every promise what its module says."""
    told, results = ((ROOT / page).read_text() for page in ("docs/reliability.md", "benchmarks/results/torture.md"))
    rows = re.findall(r"^\| \d+ \|.*$", told, re.MULTILINE)
    assert rows == re.findall(r"^\| \d+ \| .*\| met \|$", results, re.MULTILINE)
    promises = [torture_named(name).PROMISE for name in NAMES]
    assert [row.split(" | ")[:3] for row in rows] == [
        [f"| {each.number}", each.sentence, each.figure] for each in promises
    ]
