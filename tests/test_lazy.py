"""What is imported or made when it is first asked for."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.lazy import pattern
from tests.helpers.sources import package

METHODS = ("match", "fullmatch", "search", "findall", "split")


@given(st.sampled_from(METHODS), st.text("aB1- \n"), st.sampled_from((0, re.IGNORECASE, re.DOTALL)))
def test_a_late_pattern_finds_what_the_pattern_finds(method: str, text: str, flags: int) -> None:
    late, early = pattern(r"b(.)?", flags), re.compile(r"b(.)?", flags)
    for _ in range(2):  # the first call compiles it
        assert str(getattr(late, method)(text)) == str(getattr(early, method)(text))


def test_a_late_pattern_is_compiled_when_it_is_used() -> None:
    late = pattern(b"(")
    with pytest.raises(re.error, match="unterminated"):
        late.match(b"")


def test_every_late_pattern_of_ours_can_be_compiled() -> None:
    compiled = 0
    for name in package().keys() - {"checkpoint.__main__"}:
        for found in vars(__import__(name, fromlist=("",))).values():
            if type(found) is type(pattern("")):
                assert found.flags >= 0
                compiled += 1
    assert compiled > 20
