"""Functions and files stay small enough to be read at once."""

import statistics
from collections.abc import Callable

import pytest

from tests.helpers.sources import functions, package, validators

SOURCES = (*package().values(), *validators())
LENGTHS = {f"{source.place}:{line} {name}": length for source in SOURCES for name, line, length in functions(source)}
LINES = {source.place: len(source.path.read_bytes().splitlines()) for source in SOURCES}


def median(lengths: list[int]) -> float:
    return statistics.median(lengths)


def ninth_decile(lengths: list[int]) -> float:
    return statistics.quantiles(lengths, n=10)[-1]


@pytest.mark.parametrize(
    ("sizes", "figure", "limit"),
    [
        pytest.param(LENGTHS, median, 8, id="functions-median"),
        pytest.param(LENGTHS, ninth_decile, 30, id="functions-ninth-decile"),
        pytest.param(LENGTHS, max, 60, id="functions-longest"),
        pytest.param(LINES, median, 120, id="files-median"),
        pytest.param(LINES, max, 400, id="files-longest"),
    ],
)
def test_sizes(sizes: dict[str, int], figure: Callable[[list[int]], float], limit: int) -> None:
    found = figure(list(sizes.values()))
    above = sorted((size, name) for name, size in sizes.items() if size > limit)
    assert found <= limit, "\n".join(f"{size:5} {name}" for size, name in reversed(above))
