"""The words after a validator's name, as the arguments of its function."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.arguments import Signature, bind, duration, size
from checkpoint.files import Folder
from checkpoint.validator import Artifact, Duration, Size
from tests.helpers.artifacts import LocalServices


def measures(artifact: Artifact, name: str, unit: str = "m", *, at_least: int = 1, limit: Size = Size(0)) -> None:  # noqa: B008
    """One word, perhaps another, and named ones."""


def lists(artifact: Artifact, *names: int, within: Duration = Duration(0.0), pushed: bool = False) -> None:  # noqa: B008
    """Any number of words, and named ones."""


def reading(artifact: Artifact, *, within: Duration = Duration(0.0), reads: tuple[str, ...] = ()) -> None:  # noqa: B008
    """Paths in a clause of their own."""


def nothing(artifact: Artifact) -> None:
    """No words at all."""


@pytest.mark.parametrize(
    ("check", "words", "expected"),
    [
        (measures, "height", (["height"], {})),
        (measures, "height cm at-least 3", (["height", "cm"], {"at_least": 3})),
        (measures, "height limit 2kB cm", (["height", "cm"], {"limit": 2000})),
        (measures, "limit", (["limit"], {})),
        (lists, "1 2 3 pushed", ([1, 2, 3], {"pushed": True})),
        (lists, "within 2h 1", ([1], {"within": 7200.0})),
        (lists, "", ([], {})),
        (nothing, "", ([], {})),
    ],
)
def test_words_become_arguments(
    check: Callable[..., None], words: str, expected: tuple[list[Any], dict[str, Any]]
) -> None:
    assert bind(check, tuple(words.split())) == expected


@pytest.mark.parametrize("words", [("within", "1m", "(reads `a b` `c`)"), ("(reads `a b` `c`)", "within", "1m")])
def test_a_clause_is_one_word_wherever_it_stands(words: tuple[str, ...]) -> None:
    assert bind(reading, words) == ([], {"within": 60.0, "reads": ("a b", "c")})


@pytest.mark.parametrize(
    ("check", "words", "reason"),
    [
        (measures, "", "NAME is missing: NAME [UNIT] [at-least N] [limit SIZE]"),
        (measures, "a b c", "`c` is one word too many: NAME [UNIT] [at-least N] [limit SIZE]"),
        (measures, "a at-least", "a value is missing after `at-least`: NAME [UNIT] [at-least N] [limit SIZE]"),
        (measures, "a at-least three", "`three` is not a whole number"),
        (measures, "a at-least \u0663", "`\u0663` is not a whole number"),
        (measures, "a limit big", "`big` is not a size such as `10kB`"),
        (lists, "one", "`one` is not a whole number"),
        (lists, "within soon", "`soon` is not a duration such as `30s` or `2h`"),
        (reading, "reads a", "`reads` is one word too many: [within DURATION] [(reads PATH…)]"),
        (reading, "(reads", "`(reads` is one word too many: [within DURATION] [(reads PATH…)]"),
        (nothing, "a", "`a` is one word too many: no arguments"),
    ],
)
def test_wrong_words_say_what_is_wrong(check: Callable[..., None], words: str, reason: str) -> None:
    with pytest.raises(ValueError, match="is") as caught:
        bind(check, tuple(words.split()))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("check", "usage"),
    [
        (measures, "NAME [UNIT] [at-least N] [limit SIZE]"),
        (lists, "[NAMES…] [within DURATION] [pushed]"),
        (reading, "[within DURATION] [(reads PATH…)]"),
        (nothing, ""),
    ],
)
def test_the_usage_is_the_signature(check: Callable[..., None], usage: str) -> None:
    assert Signature(check).usage == usage


@pytest.mark.parametrize(
    ("word", "bytes_"), [("10", 10), ("10B", 10), ("1.5kB", 1500), ("2KiB", 2048), ("1mib", 2**20), ("3GB", 3 * 10**9)]
)
def test_a_size(word: str, bytes_: int) -> None:
    assert size(word) == bytes_


@pytest.mark.parametrize(
    ("word", "seconds"), [("30", 30.0), ("30s", 30.0), ("1.5m", 90.0), ("2h", 7200.0), ("7d", 604800.0)]
)
def test_a_duration(word: str, seconds: float) -> None:
    assert duration(word) == seconds


@given(st.lists(st.sampled_from(["a", "1", "at-least", "limit", "within", "pushed", "2h", "-1", ""]), max_size=6))
def test_any_words_bind_or_say_what_is_wrong(words: list[str]) -> None:
    artifact = Artifact("a", (), Folder("/", "nowhere"), Folder("/", "nowhere"), LocalServices(Path("/")))
    for check in (measures, lists, nothing):
        try:
            positional, keywords = bind(check, tuple(words))
        except ValueError:
            continue
        check(artifact, *positional, **keywords)
