"""The same search by hypothesis, without coverage: for where atheris is not installed, and for the tests."""

import time
import warnings
from collections.abc import Sequence
from functools import reduce

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.fuzz.mutation import mutated
from benchmarks.fuzz.targets import Target

_BATCH = 500
"""Inputs between two looks at the clock."""


def inputs(starts: Sequence[bytes], most: int) -> st.SearchStrategy[bytes]:
    """One of the first inputs after some changes. What is found shrinks to fewer of them."""
    seeds = st.lists(st.integers(0, 2**48), max_size=3)

    def grown(start: bytes, other: bytes, chosen: list[int]) -> bytes:
        return reduce(lambda data, seed: mutated(data, seed, other, most), chosen, start)

    return st.builds(grown, st.sampled_from(starts), st.sampled_from(starts), seeds)


def search(target: Target, most_inputs: int, *, by_chance: bool) -> None:
    """Holds so many inputs against a target; the same ones each time unless `by_chance`.

    Raises what the smallest input found raises, with a note that holds the input.
    """

    @settings(
        max_examples=most_inputs,
        derandomize=not by_chance,
        database=None,
        report_multiple_bugs=False,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(inputs(target.starts(), target.most))
    def every(data: bytes) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            target.check(data)

    every()


def search_for(target: Target, seconds: float) -> int:
    """Searches for about so many seconds; the number of inputs tried."""
    end, tried = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        search(target, _BATCH, by_chance=True)
        tried += _BATCH
    return tried
