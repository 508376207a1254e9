"""What a command declares to read, in a line of a plan."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.words import Fault, expectation

NAMES = st.text(st.characters(blacklist_characters="`", blacklist_categories=("Cc", "Cs", "Z")), min_size=1)


@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("`$ x` passes (reads `a`)", ("(reads `a`)",)),
        ("`$ x` passes within 60s (reads `src/**` `b c`) — as `d`", ("within", "60s", "(reads `src/**` `b c`)")),
        ("`$ x` passes (reads\n`a`\n b/** ) with-network", ("(reads `a` `b/**`)", "with-network")),
        ("`$ x` passes (reads `a` `(b)` `)`)", ("(reads `a` `(b)` `)`)",)),
    ],
)
def test_it_is_one_argument(line: str, arguments: tuple[str, ...]) -> None:
    read = expectation(line)
    assert not isinstance(read, Fault)
    assert read.arguments == arguments


@pytest.mark.parametrize(
    "line",
    [
        "`$ x` passes (reads`a`)",
        "`$ x` passes (reads `a`).",
        "`$ x` passes (reads `a`)`b`",
        "`x` contains (reads `a`)",
        "`x` passes (reads `a`)",
    ],
)
def test_what_is_not_quite_it_is_refused(line: str) -> None:
    assert isinstance(expectation(line), Fault)


@given(st.lists(NAMES, min_size=1))
def test_what_it_says_of_itself_means_the_same(names: list[str]) -> None:
    read = expectation(f"`$ x` passes (reads {' '.join(f'`{name}`' for name in names)})")
    assert not isinstance(read, Fault)
    again = expectation(read.text)
    assert not isinstance(again, Fault)
    assert (again.arguments, again.text) == (read.arguments, read.text)


def test_different_inputs_are_different_expectations() -> None:
    one, other = expectation("`$ x` passes (reads `a b`)"), expectation("`$ x` passes (reads `a` `b`)")
    assert not isinstance(one, Fault)
    assert not isinstance(other, Fault)
    assert one.text != other.text
