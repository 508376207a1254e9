"""An edit of a few pieces does what the edit of the whole would do, and reads no more than these."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkpoint.plan.edit import Key, apply
from checkpoint.plan.lines import Lines
from checkpoint.plan.parse import parse, read
from checkpoint.plan.reading import READINGS
from tests.helpers.plans import HEAD, MARKS, ODD, PLAIN

LINES = [line for line in PLAIN if not line.startswith(("# ", "## ", "```", "~~~"))]
SECTION = "## Team: {0}\n- folder: `{0}`\n- [ ] **{0}1** x\n  - `a` exists\n{1}\n"
BLOCK = "<!-- checkpoint:next {0} -->\n{1}\n<!-- /checkpoint:next -->"
KEYS: list[Key] = [("status", ""), ("next", "a"), ("next", "b"), ("next", "c")]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PLAIN + ODD), max_size=4).map("\n".join), st.text(MARKS.replace("\r", ""), max_size=6)
)


@st.composite
def several(draw: st.DrawFn) -> bytes:
    """Plans of several teams, mostly without mistakes, some with blocks."""
    parts = [draw(st.sampled_from([HEAD, HEAD + "# P\n", HEAD + "# P\n\nwords\n<!-- c -->\n"]))]
    for name in draw(st.lists(st.sampled_from("abc"), min_size=1, unique=True)):
        rest = draw(st.lists(st.sampled_from(["", "", "prose", "<!--", "  ```", "> q"]), max_size=2))
        block = draw(st.sampled_from([[], [BLOCK.format(name, "1. old")]]))
        parts.append(SECTION.format(name, "\n".join([*rest, *block])))
    end = draw(st.sampled_from(["", "## Notes\nx", "- [ ] **Z1** z (after a1)", "\n\n"]))
    return "".join([*parts, end]).encode()


def outcome(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> bytes | str:
    try:
        return apply(data, ticks, blocks)
    except ValueError as error:
        return str(error)


@given(
    several(),
    st.dictionaries(st.sampled_from(["a1", "b1", "Z1"]), st.booleans()),
    st.dictionaries(st.sampled_from(KEYS), TEXTS),
)
def test_an_edit_of_pieces_is_that_of_the_whole(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> None:
    check(data, ticks, blocks)


def check(data: bytes, ticks: dict[str, bool], blocks: dict[Key, str]) -> None:
    """Only where each line ends in LF are there pieces."""
    whole = outcome(data.replace(b"\n", b"\r\n"), ticks, blocks)
    found = outcome(data, ticks, blocks)
    assert found == (whole.replace(b"\r\n", b"\n") if isinstance(whole, bytes) else whole), blocks


A, B = SECTION.format("a", ""), SECTION.format("b", BLOCK.format("b", "old"))
SCENES = [
    *(
        HEAD + "# P\n\n" + A + B,
        HEAD + B + A,
        HEAD + "# P\n" + B + A.rstrip("\n"),
        HEAD + B + "## Notes\n" + "- [ ] no\n",
    ),
    *(
        HEAD + A + B + "<!--x-->\n> q\n",
        HEAD + A.replace("\n\n", "\n\n<div>\n\n") + B,
        A + B,
        HEAD + A.replace("`a`", "```x"),
    ),
    *(HEAD + A + B + "- [ ] **c1** z (after a1)\n", HEAD + A + B + BLOCK.format("b", ""), HEAD + A + B + B[-30:]),
    HEAD.replace("1\n", "1\ntimezone: UTC\n") + "# P\nwords\n" + A + "# Another\n" + B,
]
WORDS = [
    *(
        "",
        "old",
        "more\n\n- x",
        "```",
        "```\nx\n```",
        "~~~~",
        "<!-- open",
        "<!-- closed -->",
        "<div>",
        "<div>\n\nx",
        "- ```",
    ),
    *(
        "## Team: z\n- folder: `z`",
        "## Notes",
        "# Title",
        "Notes\n---",
        "### Team: z",
        "<<<<<<< HEAD",
        "[x]: /u 'title",
    ),
    *(
        "- [ ] **z9** more",
        "[ ] x",
        "<!-- checkpoint:next c -->",
        "<!-- /checkpoint:next -->",
        "a\0b",
        "\u009f",
        "a\rb",
    ),
    *("<!-- /checkpoint:next -->\n\n- [x] **z9** more\n\n<!-- checkpoint:next b -->", "<!-- checkpoint:status -->"),
    "<!-- /checkpoint:next -->\n<!-- checkpoint:next a -->\n<!-- /checkpoint:next -->\n<!-- checkpoint:next b -->",
]


@pytest.mark.parametrize("scene", SCENES)
def test_an_edit_of_pieces_is_that_of_the_whole_in_every_scene(scene: str) -> None:
    for words in WORDS:
        for keys in (KEYS[:1], KEYS[1:2], KEYS[2:3], KEYS[3:], KEYS):
            for ticks in ({}, {"a1": True, "b1": True}):
                check(scene.encode(), ticks, dict.fromkeys(keys, words))


def plan_of(number: int) -> bytes:
    return (HEAD + "# P\n\n" + "".join(SECTION.format(f"t{n}", "  - `b` exists") for n in range(number))).encode()


def test_only_what_is_touched_is_read_again() -> None:
    data = plan_of(40)
    parse(data)
    count, whole = READINGS.count, read.cache_info().misses
    apply(data, {}, {("next", "t20"): "words", ("status", ""): "words"})
    assert (READINGS.count, read.cache_info().misses) == (count + 2, whole)
    every: dict[Key, str] = {("next", team.name): "words" for team in parse(data).teams}
    data = apply(data, {}, every)
    parse(data)
    before = READINGS.count
    result = apply(data, {"t71": True, "t91": True, "t30": False}, {**every, ("next", "t20"): "more\nwords"})
    assert READINGS.count == before + 3
    assert [task.id for task in parse(result).tasks.values() if task.ticked] == ["t71", "t91"]
    assert READINGS.count == before + 3


def test_what_changes_nothing_gives_the_same_text() -> None:
    data = apply(plan_of(3), {}, {("next", "t1"): "words"})
    assert apply(data, {"t11": False}, {("next", "t1"): "words"}) is data


@pytest.mark.parametrize("text", [b"", b"a", b"a\n", b"a\nb", b"a\n\nb\n## c\nd\n## e\n", b"## a\n"])
def test_lines_are_those_of_the_text(text: bytes) -> None:
    document = read(text)
    lines, whole = Lines(text, document.pieces), text.splitlines(keepends=True)
    assert list(lines) == whole
    assert all(lines[a:b] == whole[a:b] for a in range(len(whole) + 1) for b in range(len(whole) + 2))
    assert lines[1::2] == whole[1::2]
    with pytest.raises(IndexError):
        lines[len(whole)]
