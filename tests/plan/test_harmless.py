"""Text from outside, shown by a Markdown viewer as it stands."""

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from checkpoint.plan.harmless import fenced, inline, printable, quoted

HOSTILE = st.text(
    alphabet=st.one_of(st.sampled_from("\\`*_[]()<>&|~#-+=.!:/1 \n\t\x1b\u202e\u200b@$wx"), st.characters())
)
VIEWER = MarkdownIt("gfm-like", {"linkify": False})


def shown(text: str) -> str:
    return html.unescape(re.sub(r"^<p>|</p>\n$", "", VIEWER.render(text)))


@given(HOSTILE)
def test_a_viewer_shows_the_text_and_nothing_else(text: str) -> None:
    assert shown(inline(text, 500)) == printable(text)


@given(HOSTILE)
def test_within_a_line_nothing_is_active(text: str) -> None:
    (_, line, _) = VIEWER.parse("x " + inline(text, 500))
    assert {token.type for token in line.children or ()} <= {"text", "text_special"}


@given(HOSTILE, st.integers(1, 60))
def test_a_fence_holds_its_text(text: str, limit: int) -> None:
    (token,) = VIEWER.parse(fenced(text, "evidence", limit))
    assert (token.type, token.info) == ("fence", "evidence")
    assert all(c == "\n" or c.isprintable() for c in token.content)
    assert len(token.content) <= limit + 40


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("src/my_file.py:12", "src/my_file.py:12"),
        ("a\nb\tc", "a b c"),
        ("\x1b[31mred\x1b[0m", "\\[31mred\\[0m"),
        ("user\u202etxt.exe\u200b", "usertxt.exe"),
        ("<!-- /checkpoint:next -->", "\\<!-- /checkpoint:next --\\>"),
        ("1. one", "1\\. one"),
        ("# one", "\\# one"),
        ("https://example.org", "https\\://example.org"),
        ("a" * 130, "a" * 119 + "…"),
    ],
)
def test_inline_text_stays_readable(text: str, expected: str) -> None:
    assert inline(text) == expected


def test_a_label_cannot_end_its_line() -> None:
    assert fenced("x", "a`b\n```", 10).split("\n")[0] == "```a b"


def test_quotes_are_those_that_the_text_does_not_have() -> None:
    assert quoted("a") == "`a`"
    assert quoted("`a` b") == "“`a` b”"
